"""Incremental indicators by série, kept at the finest cell; no name is ever seen here."""
