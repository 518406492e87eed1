"""Bars played through the desk in one process: playback_input.py what, play.py how."""
