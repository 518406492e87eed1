"""What the client and the upstreams report, kept for the limits.

evidence.py all of it, client.py link and versions, reconciliation.py account against ledger,
working_orders.py orders at the client, market_data.py recent bars, slippage.py fills against their
reference, fill_price.py against the market, pending_flattens.py flattens not accepted yet,
readiness.py upstreams and link.
"""
