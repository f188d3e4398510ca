"""The Kafka mechanism: consumer with exactly-once effects, relay, bulk publishing, rebuild, verify."""
