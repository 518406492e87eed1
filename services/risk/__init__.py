"""Risk: the only owner of positions and profit, and the only maker of order commands.

Logic: gate.py (the machine: what comes in, what goes out), barrier.py (when a stamp is complete),
arbitration.py (who wins), limits.py (every limit, one function and one row each), sizing.py,
hours.py (entry window and flat-by of a date), commands.py (orders made from decisions), ledger.py and
life.py (positions and money), trading.py (ACTIVE, REDUCING, HALTED, KILLED), status.py (what people see),
config.py (risk.toml). Shell: __main__.py.
"""
