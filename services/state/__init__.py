"""State: folds closed bars into sessions, one `SessionUpdate` per contract and stamp.

Logic: machine.py (what comes in, what goes out), align.py (one group's stamps), lane.py (one
contract), session.py (one contract's session) and reading.py (its message), prior.py and carry.py
(what crosses sessions and restarts). Formulas, one family per module: hours, windows, levels,
supplied, vwap, indicators, orderflow, acceptance, daytype, confidence, gaps. Shell: __main__.py.
"""
