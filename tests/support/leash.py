"""The leash of processes that tests start: when their pytest is gone, however it went, they end.

Pytest holds a locked file whose name is in the environment; every Python process that inherits it
imports `leashed/sitecustomize.py`, which waits for that lock in a thread of its own and ends the
process when it gets it. The kernel lets go of a dead process's locks, so kill -9 is no exception,
and an environment reaches grandchildren in sessions of their own.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import IO, Final

from tests.support.leashed.sitecustomize import LEASH

_LEASHED: Final = str(Path(__file__).parent / "leashed")
_held: list[IO[bytes]] = []
"""Open, and with it locked, while this pytest lives."""


def hold() -> None:
    """Put every process on the leash that is started from now on."""
    if sys.platform == "win32":
        return  # no lock of a file that waits: there Ctrl-C ends the console's processes
    import fcntl

    file = tempfile.NamedTemporaryFile(prefix="pitwire-tests-", suffix=".leash")  # noqa: SIM115
    fcntl.flock(file, fcntl.LOCK_EX)
    _held.append(file)
    os.environ[LEASH] = file.name
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join([_LEASHED, *(p for p in paths if p != _LEASHED)])


def let_go() -> None:
    """End what is still on the leash."""
    while _held:
        _held.pop().close()
