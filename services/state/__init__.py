"""State: folds closed bars into sessions, one `SessionUpdate` per contract and stamp.

Logic: machine.py (what comes in, what goes out), alignment.py (one group's stamps),
contract_state.py (one contract), session.py (one contract's session, hours.py its clock) and
reading.py (its message), prior_day.py and carry.py (what crosses sessions and restarts), config.py
(the settings). Formulas, one family per module: levels, indicators, order_flow.py, day, gaps,
profile, confluence. Process: shell.py, __main__.py.
"""
