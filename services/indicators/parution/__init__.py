"""What leaves the service: the margins of each lycée × série, small numbers suppressed, as events (decision 0038)."""
