"""Notes d’entretien: dated, by one author, read by those whom he chose and by nobody else."""
