"""Schedule: to be described."""
