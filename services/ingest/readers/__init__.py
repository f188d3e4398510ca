"""Readers of the formats that come in. They know no database and no Kafka."""
