"""What the desk holds: positions and money, from executions alone.

ledger.py every position and the day's money, position.py one position, decided.py a
candidate with its decision.
"""
