"""How the suite runs: on three workers, what starts processes first, nothing left behind.

Rule 1: `pytest` is the whole suite on three workers, also on two cores: a test that starts
        processes mostly waits. Files named on the command line run in this process, where they
        start at once and can be debugged.
Rule 2: a file stays on one worker: what its tests share is made once.
Rule 3: only tests marked `integration` start processes, so `-m "not integration"` starts none.
Rule 4: what Python compiles is kept, also where the environment says that it is not: a run starts
        hundreds of processes, and each would compile every module anew.
Rule 5: a process started by a test, or by such a process, ends with the pytest that started it.
"""

import os
import signal
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Final

import pytest

from tests.support import leash

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

_WORKERS: Final = 3
_running: list[pytest.Item] = []
"""The test that runs, or whose fixtures are made: at most one."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Three for folders, none for files and single tests."""
    named = [Path(argument.partition("::")[0]) for argument in config.args]
    return _WORKERS if all(path.is_dir() for path in named) else 0


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Hold the leash of every process started from here, workers included."""
    leash.hold()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Started in the background of a script: its processes would not stop on Ctrl-C either.
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_unconfigure() -> None:
    """What a test has left running ends with the run."""
    leash.let_go()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for processes comes first: at the end all workers have short files to share."""
    items.sort(key=lambda item: item.get_closest_marker("integration") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Know which test starts a process."""
    _running.append(item)
    try:
        return (yield)
    finally:
        _running.clear()


def _refuse_process(event: str, _: object) -> None:
    if event != "subprocess.Popen" or not _running:
        return
    if _running[0].get_closest_marker("integration") is None:
        pytest.fail(f"{_running[0].nodeid} starts a process, expected the mark `integration`")


sys.addaudithook(_refuse_process)
