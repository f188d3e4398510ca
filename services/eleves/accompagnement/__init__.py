"""Actions d’accompagnement: what is to be done for which pupils, by whom, until when, and what came of it."""
