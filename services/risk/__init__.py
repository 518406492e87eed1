"""Risk: the only owner of positions and profit, and the only maker of order commands.

Logic: gate.py (the machine), barrier.py (when a minute is complete), arbitration.py (who wins),
views.py (what limits look at), evidence.py (what is kept for them: market.py, working.py,
client.py, slippage.py), limits/ (every limit, one function and one row each), sizing.py, hours.py
(entry window, flat-by), months.py and news.py (what the calendar adds), commands.py (orders made
from decisions), upkeep.py and emergency.py (exits and moves of open positions), operator.py
(operators' commands), carry.py (into the next date), ledger.py and life.py (positions and money),
trading.py (ACTIVE, REDUCING, HALTED, KILLED), readiness.py, status.py (what people see), config.py
(the limits), stricter.py (which way each is stricter). Shell: shell.py, __main__.py.
"""
