"""Feeds in: the gateway validates, dedupes and sequences; files are read into the same bars.

Logic: gateway.py (the machine), bar_rules.py, bar_history.py (bars seen, for duplicates),
alignment.py (bars wait for their minute), level_rules.py (supplied levels), clients.py (hello,
sequences, watermarks), counts.py, config.py.
Files: files.py (open, read, merge), bar_files/ (what a file is, before its first bar is used).
Shells, the only ones that see services.runtime: __main__.py, shell.py.
"""
