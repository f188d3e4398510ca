"""Spreadsheets that principals take away, made from this service's own projection."""
