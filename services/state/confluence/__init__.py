"""Confluence: to be described."""
