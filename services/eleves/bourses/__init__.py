"""Bourses de lycée: what the chef decides on them, by whom, until when."""
