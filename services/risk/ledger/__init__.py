"""What the desk holds: positions and money, from executions alone.

ledger.py every position and the day's money, position.py one position, stop_risk.py what is lost at
the stops, decided.py a candidate with its decision.
"""
