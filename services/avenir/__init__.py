"""Fiche Avenir: the avis of a chef d'établissement on each formation that a pupil asked for."""
