"""Exits: to be described."""
