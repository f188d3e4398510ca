"""Bulletins: the gradebook's file becomes one event per pupil and period, and a récapitulatif."""
