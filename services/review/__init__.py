"""A day read back: what the journals hold, as record, trace, chart, export and narration.

timeline.py one event of a day, narration.py a day as events while it happens, day/ one date sorted
by kind, run_remarks.py what sessions have in common, trace/ why there was or was not a trade,
chart/ the day as a page, export/ CSV files.
"""
