"""A stand-in for NinjaTrader 8: it plays bars, takes commands and reports, like the client.

client.py the pure machine: client_orders.py what it does with commands, client_limits.py its own
limits, report_queue.py its outbox, source.py and levels.py what it sends. What is played and how
fast: config.py, playback_extent.py, pace.py. What people see: session_counts.py,
progress_display.py. Process: link.py the gRPC shell, shell.py, __main__.py.
"""
