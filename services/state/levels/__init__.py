"""Levels: to be described."""
