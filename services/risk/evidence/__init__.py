"""What the client and the upstreams report, kept for the limits.

evidence.py all of it, client.py link and versions, account_state.py what the account holds and
which orders work there, working_orders.py those orders, orphan_orders.py those nobody knows,
stop_protection.py whether they cover what is held, reconciliation.py account against ledger,
market_data.py recent bars, slippage.py fills against their reference, fill_price.py against the
market, pending_flattens.py flattens not proven yet, readiness.py upstreams and link.
"""
