"""Offline work on the desk's data: it composes the services, and nothing imports it.

calendar_table.py the generator of the published closures.
"""
