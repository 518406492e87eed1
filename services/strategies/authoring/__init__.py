"""What strategies are written with; they import it as `pitwire.strategies`, whatever moves in here.

strategy.py the base of all, and of those that wait for the Initial Balance; context.py, guards.py
and parameters.py what several share, scale.py points and multiples, pullback.py and retest.py two
ways in, entry_signal.py what a strategy asks for, exits.py what it asks for an open position.
"""
