"""What comes in: SIECLE files and the candidate feed become events, with their identity resolved.

It also follows topics, its own to know which deadlines pass and what a correction changes, those of eleves and
avenir to tell the platform what goes back to it (``consumers``).
"""
