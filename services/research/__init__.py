"""Offline work on the desk's data, which nothing imports: calendar_table.py published closures."""
