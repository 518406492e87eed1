"""A stand-in for NinjaTrader 8, `python -m services.nt_twin CONFIG_FOLDER [FILES...]`.

client.py is the pure machine, with config.py (its settings), order_link.py (its half of the order
link), client_orders.py (what it does with commands, and its reports), snapshots.py (what its
account shows), client_limits.py (its own limits), source.py (its bars and levels) and desks_met.py
(whose desk it has met). positions/ is what it holds: brackets over the orders of its account.
pace.py is when. link.py is the gRPC shell, shell.py the process, progress_display.py what it counts
and prints, __main__.py its options. Live, the exchange is another process: exchange_session.py the
client's half of that link, exchange_link.py its socket, exchange_process.py an exchange of our own.
"""
