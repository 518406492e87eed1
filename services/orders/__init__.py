"""Commands to NinjaTrader and reports back.

router.py the machine, client_link.py what the client sends: greeting.py its hello, reports.py what
it reports and report_check.py what a report may be, judgement.py what its account shows by a
snapshot.py. parts.py what they share: connection.py the client, order_store.py what is remembered,
lifecycle.py the table of an order's statuses. config.py. Process: shell.py, __main__.py.
"""
