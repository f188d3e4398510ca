"""Cordées de la réussite: what the lycée enters beside SIECLE."""
