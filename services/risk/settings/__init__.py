"""What the desk may do: the limits as files, as units, and what may change them.

config.py risk.toml and its limits, limits_in_units.py the same as ticks and micro-dollars,
tightening.py which way each is stricter, authorisation.py what the environment allows,
strategy_budgets.py shares of the account, news_list.py the list of releases.
"""
