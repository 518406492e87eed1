"""Processes: a desk started, watched and stopped, or all of it in one process.

supervisor.py child processes, colocated.py one process, private_desk.py configuration and ports of
a playback run, playback.py a client playing against it, journal_lock.py who holds a run,
queued_commands.py an operator's command for a risk service that is not running, http_client.py and
live_subscriber.py what a desk shows while it runs.
"""
