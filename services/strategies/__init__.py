"""Strategies: what to do with a session, one file each in catalog/.

Machine: host.py; one instance: strategy_instance.py; what a strategy is written with: authoring/,
which strategies import as pitwire.strategies. Shell: shell.py.
"""
