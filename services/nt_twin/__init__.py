"""A stand-in for NinjaTrader 8, `python -m services.nt_twin CONFIG_FOLDER [FILES...]`.

client.py is the pure machine, with desk.py (what it does with commands), gate.py (its own limits),
reports.py (its outbox) and source.py (its bars); pace.py and script.py say when and what is played,
tally.py what came of it. link.py is the gRPC shell, shell.py the process, screen.py what one sees.
"""
