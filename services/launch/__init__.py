"""Launch: to be described."""
