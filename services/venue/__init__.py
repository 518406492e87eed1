"""The simulated exchange and account: what a bracket order becomes on the bars that follow.

exchange.py orders and brackets, fills.py when a price fills, simulated_position.py one bracket's
life, account.py balance and margin, commissions.py what a contract costs.
"""
