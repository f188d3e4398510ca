"""What the platform says of candidates: dossiers, vœux, propositions, answers."""
