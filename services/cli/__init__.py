"""The trader's command line: start a desk, replay files, show status, stop trading, explain.

A module a command: up.py, replay.py, demo.py, status.py, control.py (kill, resume, limits),
doctor.py, explain.py, chart.py. Printing: terminal.py, summary.py, show_trace.py. All of them as
`pitwire COMMAND`: __main__.py.
"""
