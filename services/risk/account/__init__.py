"""Account: to be described."""
