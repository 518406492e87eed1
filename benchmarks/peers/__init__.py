"""Other engines doing what the desk does: the EMA cross 20/50 over one contract's minutes.

run.py measures each in a process of its own, in the environment of requirements/peers.lock, and
the desk in this one. A peer is one file that its own interpreter runs: nautilus_engine.py (its
shipped strategy, orders on), backtesting_engine.py, backtrader_engine.py, vectorbt_engine.py;
bars.py is what they share. Only the run itself is timed, in each: no start, no reading of bars.
"""
