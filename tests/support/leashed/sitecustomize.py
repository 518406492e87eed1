"""Imported by every Python process that a test starts: it ends when its pytest is gone.

Nothing of ours is imported here, and nothing happens without the variable that names the leash.
"""

import os
import signal
import threading
from typing import Final

LEASH: Final = "PITWIRE_TESTS_LEASH"
"""Environment variable: the file that the pytest above keeps locked."""


def _end_with(path: str) -> None:
    import fcntl

    # Signals are for the thread that runs the service.
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs every process 10 ms
            fcntl.flock(file, fcntl.LOCK_SH)
    except FileNotFoundError:
        pass  # let go and cleared away before we came to look
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "sitecustomize" and (leash := os.environ.get(LEASH)):
    threading.Thread(target=_end_with, args=(leash,), name="leash", daemon=True).start()
