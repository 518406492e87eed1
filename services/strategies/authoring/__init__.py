"""Authoring: to be described."""
