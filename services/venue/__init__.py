"""The simulated exchange and account: what a bracket order becomes on the bars that follow.

venue.py orders, brackets and what a contract costs, fills.py when a price fills,
simulated_position.py one bracket from entry to exit, account.py balance and margin.
"""
