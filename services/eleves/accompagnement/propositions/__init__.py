"""What a SAIO proposes to a lycée, what the lycée answers, and what the SAIO is told of it: counts."""
