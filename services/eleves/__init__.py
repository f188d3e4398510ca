"""One dossier per pupil, its statut, and the nominative lists of a lycée."""
