"""Reads that return frozen rows or frames."""
