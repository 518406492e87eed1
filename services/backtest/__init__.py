"""Bars played through a desk, in this process or in processes of its own.

playback_input.py and example_days.py what is played, play.py how, balance.py what became of every
line, shell.py a run: its folder, and a client that plays against its desk.
"""
