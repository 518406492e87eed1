"""How the account stands: equity, drawdowns, rates, trading state, size.

balance.py what is believed of the account's reports, equity.py profit, its peaks and the floors
under it, excursion.py how far bars went beyond their closes, counters.py trades, streaks and losses
per time, trading_state.py ACTIVE to KILLED and tripped latches, obeyed_commands.py commands that
must not be obeyed twice, sizing.py what is lost at the stops and contracts per entry,
account_view.py all of it as limits see it.
"""
