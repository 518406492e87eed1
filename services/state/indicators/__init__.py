"""Indicators: to be described."""
