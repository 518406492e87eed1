"""A catalog with one strategy that always asks; for measurements, never for trading."""
