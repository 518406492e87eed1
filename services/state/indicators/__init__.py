"""Averages over bars: averages.py, directional_movement.py, bollinger.py, vwap.py."""
