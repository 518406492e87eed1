"""Settings: to be described."""
