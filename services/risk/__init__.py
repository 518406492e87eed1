"""Risk: the only owner of positions and profit, and the only maker of order commands.

The rooms, by the question they answer: settings/ what may I, schedule/ when, ledger/ what do I
hold, account/ how does the account stand, evidence/ what did the client report, limits/ may this
enter, exits/ what must leave. Imports go from the last of these to the first.
The day of the gate: gate.py the machine, barrier.py when a minute is complete, parts.py what it is
made of, exit_parts.py what of it exits need, view_builder.py what limits look at, active_limits.py
what an operator has tightened, operator.py their commands, status.py what people see.
Process: shell.py, __main__.py.
"""
