"""Bars played through the desk in one process.

playback_input.py and example_days.py what is played, play.py how, balance.py what became of every
line.
"""
