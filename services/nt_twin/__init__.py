"""A stand-in for NinjaTrader 8, `python -m services.nt_twin CONFIG_FOLDER [FILES...]`.

client.py is the pure machine, with config.py (its settings), client_limits.py (its own limits),
source.py (its bars and levels) and desks_met.py (whose desk it has met). positions/ is what it
holds: brackets over the orders of its account. commands/ is its half of the order link, memory/ its
own disk, exchange/ its link to an exchange in another process. pace.py is when. link.py is the gRPC
shell, shell.py the process, switch_commands.py an operator's kill, progress_display.py what is
counted and printed, __main__.py its options.
"""
