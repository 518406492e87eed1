"""Evidence: to be described."""
