"""Synthetic: to be described."""
