"""What the pupil file does not say: échelon of a bourse, Cordées and former Parcours d’excellence."""
