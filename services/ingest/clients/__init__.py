"""Machines that call: the gradebook software of a lycée, the national platform."""
