"""What the desk may do: the limits as files, as units, and what may change them.

config.py risk.toml and its limits, limits_in_units.py the same as the desk counts, tightening.py
which direction tightens each, authorisation.py accounts and builds they are for,
strategy_budgets.py shares of the account, relations.py how limits fit together, news_list.py the
list of releases.
"""
