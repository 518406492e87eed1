"""Strategies: what to do with a session, one file each in catalog/; pure logic in a worker."""
