"""Refusals and their allowed neighbours, a file per family of limits; world.py makes them."""
