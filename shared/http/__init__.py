"""HTTP of every service: probes, errors, the signed service token and the scope it carries."""
