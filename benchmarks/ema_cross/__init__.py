"""A catalog with one strategy that peers have too; for measurements, never for trading."""
