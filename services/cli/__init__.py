"""The trader's command line: start a desk, replay files, show status, stop trading, explain.

__main__.py the commands and their options; a module each for what they do: up.py, demo.py,
replay.py, status.py, doctor.py, control.py (kill, resume, limits tighten), explain.py, chart.py.
What they share: day.py the day asked for, terminal.py where they print, playback_display.py files
and progress of a playback, summary.py the results of a run, show_trace.py those of a trace,
timeline_table.py events by time, no_trade_sections.py why there was no trade, paragraphs.py text
that wraps under its own beginning.
"""
