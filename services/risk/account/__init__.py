"""How the account stands: equity, drawdowns, rates, trading state, size.

equity.py profit and its peaks, drawdown.py the floors under it, loss_velocity.py losses per time,
counters.py trades and streaks, trading_state.py ACTIVE to KILLED and tripped latches, sizing.py
contracts per entry, account_view.py all of it for one candidate.
"""
