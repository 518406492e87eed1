"""Profile: to be described."""
