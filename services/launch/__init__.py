"""Processes: a desk started, watched and stopped, or all of it in one process.

supervisor.py child processes, colocated.py one process, private_desk.py configuration and ports of
a playback run, playback.py a client playing against it, journal_lock.py whether a run is in use,
http_client.py what a running service answers, status_detail.py what is read of it.
"""
