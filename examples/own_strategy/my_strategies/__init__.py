"""Strategies of our own: every file in here is one, found by its name."""
