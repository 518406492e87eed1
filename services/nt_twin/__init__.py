"""A stand-in for NinjaTrader 8, `python -m services.nt_twin CONFIG_FOLDER [FILES...]`.

client.py is the pure machine, with config.py (its settings), order_link.py (its half of the order
link), client_orders.py (what it does with commands), snapshots.py (what its
account shows), report_queue.py (its numbered reports), command_ids.py (what it has answered),
client_limits.py (its own limits), client_guard.py (when it closes by itself), source.py (its bars
and levels) and desks_met.py (whose desk it has met). positions/ is what it holds: brackets over the
orders of its account. Its disk is client_folder.py, with memory.py, memory_file.py and
trading_switch.py, which an operator sets by switch_commands.py. pace.py is when. link.py is the gRPC
shell, shell.py the process, progress_display.py what it counts and prints, __main__.py its options.
Live, the exchange is another process: exchange_session.py the client's half of that link,
exchange_link.py its socket, exchange_process.py an exchange of our own.
"""
