"""The trader's command line: start a desk, replay files, show status, stop trading, explain.

__main__.py the commands and their options; a module each for what they do: up.py, down.py, demo.py,
replay.py, status.py, limits.py, doctor.py, control.py (kill, resume, limits tighten), explain.py,
chart.py.
What they share: run_command.py from a command to its exit_code.py, day.py the day asked for,
playback_display.py files and progress of a playback, balance_table.py what became of its bars,
summary.py the results of a run, show_trace.py those of a trace, timeline_table.py events by time,
no_trade_sections.py why there was no trade, paragraphs.py text that wraps under its own beginning.
Of an operator's commands: desk_address.py whose desk and where, operator_client.py the way to risk.
"""
