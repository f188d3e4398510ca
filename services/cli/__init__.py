"""The operator's command line, above the services."""
