"""A run of the tests that is killed leaves no process behind, however deep below it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.process_desk import ROOT, service_pids
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not Path("/proc/self/stat").exists(), reason="no /proc to read the tree of processes from"
    ),
]
_UNDER_ITS_TEST = "tests/simulation/test_parity.py::test_processes_give_the_same_files"
_UNDER_UP = "tests/integration/test_cli_desk.py::test_a_desk_without_ninjatrader_says_so"


def _parents() -> dict[int, int]:
    """Every process that has not ended, and its parent."""
    found: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text("ascii", "replace").rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it has just ended
        if state != "Z":  # of an orphan nobody may ask for its exit code
            found[int(path.parent.name)] = int(parent)
    return found


def _descendants(root: int, parents: dict[int, int]) -> Iterator[int]:
    for child in (pid for pid, parent in parents.items() if parent == root):
        yield child
        yield from _descendants(child, parents)


@pytest.mark.parametrize(
    ("test", "workers"),
    [(_UNDER_ITS_TEST, 1), (_UNDER_UP, 0)],
    ids=["a desk of a worker's test", "a desk of a command's"],
)
def test_kill_9_of_a_run_ends_every_process(tmp_path: Path, test: str, workers: int) -> None:
    """Only pytest is killed: its worker, the command and the five services end by themselves."""
    inner = tmp_path / "inner"
    command = [sys.executable, "-m", "pytest", test, f"--numprocesses={workers}"]
    command += [f"--basetemp={inner}", "-p", "no:cacheprovider"]
    with (tmp_path / "pytest.log").open("wb") as log:
        # What a killed run cannot clear away goes with this test's own folder.
        scratch = {**os.environ, "TMPDIR": str(tmp_path)}
        run = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=scratch)
    try:
        wait_until(lambda: len(service_pids(inner)) == 5, "the desk of the run")
        below = set(_descendants(run.pid, _parents()))
        assert set(service_pids(inner)) < below
        assert len(below) == 6
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    wait_until(lambda: below.isdisjoint(_parents()), "every process to end")
