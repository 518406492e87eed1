"""Day: to be described."""
