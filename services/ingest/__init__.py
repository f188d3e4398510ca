"""What comes in: SIECLE files and the candidate feed become events, with their identity resolved.

There is no ``consumers.py`` and no projection here: ingest consumes no topic, it only publishes.
"""
