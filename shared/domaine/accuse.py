"""What the platform answers to what we send it."""

ACQUIS = frozenset({"ACCEPTE", "INTEGRE", "OK"})
"""``resultat`` of an acknowledgement by which the platform took what was sent; any other refuses it."""
