"""Commands to NinjaTrader and reports back.

router.py the machine, lifecycle.py the table of an order's statuses, order_store.py what it
remembers, connection.py the client, config.py. Process: shell.py, __main__.py.
"""
