"""Processes: a desk started, watched and stopped, or all of it in one process.

supervisor.py child processes, colocated.py one process, priority.py how they stand to others,
journal_lock.py who holds a run, last_reason.py why a service ended.
Playback runs: private_desk.py configuration and ports, playback.py the folder and a client playing
against it. http_client.py what a running service answers, status_detail.py what is read of it.
"""
