"""The simulated exchange and account: what a bracket order becomes on the bars that follow.

venue.py orders and brackets, fills.py when and where a price fills, simulated_position.py one
position from entry to close, account.py cash and positions, commissions.py what a contract costs.
"""
