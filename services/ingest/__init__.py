"""What comes in: SIECLE files and the candidate feed become events, with their identity resolved.

It also follows its own topics, to know which deadlines pass and what a correction changes (``consumers``).
"""
