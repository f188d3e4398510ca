"""The PostgreSQL mechanism: engine, registre and projection tables, generations, outbox, migrations."""
