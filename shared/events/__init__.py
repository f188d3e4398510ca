"""Event contracts: topics, CloudEvents envelope, Pydantic models and their fast twins."""
