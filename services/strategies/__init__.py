"""Strategies: what to do with a session, one file each in catalog/.

Machine: host.py; one instance: seat.py; what a strategy is: strategy.py. Shell: shell.py.
"""
