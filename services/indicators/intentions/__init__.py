"""Intention → vœu → réponse: what became of the intentions of the fiche de dialogue, by famille (decision 0038)."""
