"""Offline work on the desk's data: it composes the services, and nothing imports it."""
