"""A stand-in for NinjaTrader 8, `python -m services.nt_twin CONFIG_FOLDER [FILES...]`.

client.py is the pure machine, with config.py (its settings), client_orders.py (what it does with
commands, and its reports), client_limits.py (its own limits), source.py (its bars) and levels.py
(levels it supplies). pace.py is when, playback_extent.py what is played,
session_counts.py what came of it. link.py is the gRPC shell, shell.py the process,
progress_display.py what it prints, __main__.py its options.
"""
