"""Named prices: windows.py ranges by the clock, night.py, in_force.py supplied or own."""
