"""Bars played through the desk in one process.

playback_input.py what is played, play.py how, balance.py what became of every line.
"""
