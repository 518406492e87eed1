"""What strategies are written with: base class, guards, entry signals, exits, parameters.

Strategies import it as `pitwire.strategies`, whatever moves in here.
"""
