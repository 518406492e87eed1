"""Composition: to be described."""
