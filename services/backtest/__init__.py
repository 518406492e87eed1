"""Bars played through the desk in one process.

playback_input.py and example_days.py what, play.py how.
"""
