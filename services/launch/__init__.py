"""Processes: a desk started, watched and stopped, or all of it in one process.

supervisor.py child processes, colocated.py one process, priority.py how they stand to others,
journal_lock.py who holds a run, ports.py who holds a port, kept_reason.py why a service stays down.
Playback runs: played_roles.py what is traded of what the files hold, private_desk.py configuration
and ports, run_record.py how far it came. http_client.py what a running service answers,
status_detail.py what is read of it, client_silence.py how long NinjaTrader has sent nothing.
"""
