"""Review: to be described."""
