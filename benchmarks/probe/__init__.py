"""A catalog with one strategy that signals on every bar; for measurements, never for trading."""
