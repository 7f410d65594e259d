"""Nouns and rules of time and procedure; standard library only."""
