"""Feeds in: the gateway validates, dedupes and sequences; files are read into the same bars.

Logic: gateway.py the machine, bar_rules.py what a bar must pass, bar_history.py bars seen, for
duplicates, level_rules.py supplied levels, clients.py hello, sequences, watermarks, counts.py,
config.py. Files: files.py open and merge, layouts.py the three formats, zones.py local stamps.
Process, where alone services.runtime is seen: shell.py, __main__.py.
"""
