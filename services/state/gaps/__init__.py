"""Gaps: to be described."""
