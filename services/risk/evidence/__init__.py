"""What the client and the upstreams said, kept as evidence for the limits.

evidence.py all of it, client.py link and versions, reconciliation.py account against ledger,
working_orders.py, market_data.py ages and prices, slippage.py, pending_flattens.py, readiness.py.
"""
