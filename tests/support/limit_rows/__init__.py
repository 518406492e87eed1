"""Refusals and their allowed neighbours, a file per family of limits; limit_case.py makes them."""
