"""Strategies: what to do with a session.

catalog/ one file each, authoring/ what they are written with, which strategies import as
pitwire.strategies, catalog_index.py the index. The worker: host.py the machine,
strategy_instance.py one instance in it, config.py strategies.toml. Process: shell.py, __main__.py.
"""
