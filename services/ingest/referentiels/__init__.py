"""Référentiels of a session: formations, établissements, MEF; what they correct is published again."""
