"""Venue: to be described."""
