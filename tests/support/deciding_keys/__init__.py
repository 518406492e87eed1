"""Constructed days on which one key of a shipped set decides, a file per kind of decision."""
