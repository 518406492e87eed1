"""How a desk ends: with its terminal, with its supervisor, by `pitwire down`, and never halfway."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

from services.cli import down
from services.runtime.config import ConfigFolder
from services.runtime.folder_lock import is_held, read_holder
from tests.support.process_desk import (
    ROOT,
    SERVICES,
    Process,
    live_folder,
    pitwire,
    service_pids,
    snapshot,
)
from tests.support.waiting import PATIENCE_S, wait_until

pytestmark = pytest.mark.integration

_GONE_WITHIN_S = 5.0
"""Of services whose supervisor is gone."""


@pytest.fixture
def folder(tmp_path: Path) -> ConfigFolder:
    """The configuration as shipped, live, on free ports."""
    return live_folder(tmp_path / "desk")


def _run(folder: ConfigFolder) -> Path:
    return folder.path / "var" / folder.desk.run


def _answers(folder: ConfigFolder, names: Sequence[str] = SERVICES) -> bool:
    return all(snapshot(folder, name) is not None for name in names)


@contextmanager
def _up(folder: ConfigFolder, *flags: str) -> Iterator[Process]:
    arguments = ["services.cli", "up", "-c", str(folder.path), *flags]
    with Process(arguments, folder.path / "up.log") as process:
        wait_until(partial(_answers, folder), "the desk to be up")
        if not flags:
            wait_until(lambda: "is up, account" in process.output, "the desk to be up")
        yield process


@contextmanager
def _by_hand(folder: ConfigFolder, *names: str) -> Iterator[None]:
    with ExitStack() as stack:
        for name in names:
            log = _run(folder) / "logs" / f"{name}.log"
            stack.enter_context(Process([f"services.{name}", str(folder.path)], log))
        wait_until(partial(_answers, folder, names), "the services to answer")
        yield


def _stopped(folder: ConfigFolder, names: Sequence[str] = SERVICES) -> list[str]:
    """When each of them stopped; each one's last line says that it did."""
    stops = []
    for name in names:
        text = (_run(folder) / "logs" / f"{name}.log").read_text("utf-8")
        last = json.loads(text.splitlines()[-1])
        assert (last["event"], last["code"]) == ("stopped", 0), text[-2000:]
        stops.append(last["timestamp"])
    return stops


def _nothing_is_held(folder: ConfigFolder) -> bool:
    return not any(is_held(path.parent) for path in _run(folder).rglob("lock"))


@pytest.mark.parametrize("flags", [(), ("--colocate",)], ids=["processes", "colocated"])
def test_a_closed_terminal_ends_the_desk_in_order(
    folder: ConfigFolder, flags: tuple[str, ...]
) -> None:
    """The window is closed: every service stops in the order of the flow, the exit code is 0."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "services.cli", "up", "-c", str(folder.path), *flags]
    # A session leader that opens a terminal gets it as its own: what a window does.
    opened = f'exec "$@" <{os.ttyname(theirs)} >{os.ttyname(theirs)} 2>&1'
    process = subprocess.Popen(
        ["/bin/sh", "-c", opened, "up", *command], cwd=ROOT, start_new_session=True
    )
    os.close(theirs)
    try:
        wait_until(partial(_answers, folder), "the desk to be up")
        os.close(ours)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()
    assert _nothing_is_held(folder)
    if not flags:
        stops = _stopped(folder)
        assert stops == sorted(stops)


def test_a_closed_terminal_ends_the_stand_in(folder: ConfigFolder) -> None:
    """It waits for a desk, its terminal goes: it ends with 0."""
    log = folder.path / "twin.log"
    with Process(["services.nt_twin", str(folder.path), "--live"], log) as twin:
        wait_until(lambda: "waiting" in twin.output, "the stand-in")
        assert twin.signal(signal.SIGHUP) == 0, twin.output


def test_services_end_with_their_supervisor(folder: ConfigFolder) -> None:
    """Kill -9 of the supervisor alone: every service stops in order, within seconds."""
    with _up(folder) as process:
        assert len(service_pids(folder.path)) == len(SERVICES)
        process.popen.kill()
        killed = time.monotonic()
        wait_until(lambda: _nothing_is_held(folder), "every service to end")
        assert time.monotonic() - killed < _GONE_WITHIN_S
    _stopped(folder)


def test_remains_are_named_and_ended_in_order(folder: ConfigFolder, tmp_path: Path) -> None:
    """Services without a supervisor: `up` names each with its process and says how to end them.

    `down` ends them in the order of the flow, and a second one finds nothing.
    """
    names = ("ingest", "risk", "orders")
    with _by_hand(folder, *reversed(names)):
        code, words = pitwire(tmp_path, "up", "-c", folder.path)
        assert code == 2, words
        assert "services of a desk that is gone remain: " in words
        for name in names:
            holder = read_holder(_run(folder) / name)
            assert holder is not None
            assert f"{name} (process {holder.pid}, since 20" in words
        assert f"`pitwire down --config {folder.path}`" in words
        code, words = pitwire(tmp_path, "down", "-c", folder.path)
        assert code == 0, words
        assert [line.split()[0] for line in words.splitlines() if "has stopped" in line] == [*names]
        stops = _stopped(folder, names)
        assert stops == sorted(stops)
    code, words = pitwire(tmp_path, "down", "-c", folder.path)
    assert (code, words.startswith(f"nothing runs of run {folder.desk.run}")) == (0, True), words


@pytest.mark.parametrize("flags", [(), ("--colocate",)], ids=["processes", "colocated"])
def test_down_ends_a_desk_from_anywhere(
    folder: ConfigFolder, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    """Another terminal ends the desk: its own `up` stops it in order and exits 0.

    Also when another file of the folder was broken meanwhile.
    """
    with _up(folder, *flags) as process:
        (folder.path / "strategies.toml").write_text("broken", "utf-8")
        code, words = pitwire(tmp_path, "down", "-c", folder.path)
        assert code == 0, words
        assert process.wait() == 0, process.output
    assert _nothing_is_held(folder)
    held = ("co-located",) if flags else ("supervisor", *SERVICES)
    assert [line.split()[0] for line in words.splitlines()[1:]] == [*held], words
    if not flags:
        stops = _stopped(folder)
        assert stops == sorted(stops)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to know a process by")
def test_a_service_that_hangs_is_killed_by_down(
    folder: ConfigFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It does not end when asked: it is killed, and that is said."""
    monkeypatch.setattr(down, "_END_WAIT_S", 0.3)
    log = _run(folder) / "logs" / "state.log"
    with Process(["services.state", str(folder.path)], log) as service:
        wait_until(partial(_answers, folder, ("state",)), "the service to answer")
        os.kill(service.popen.pid, signal.SIGSTOP)
        assert down.run(folder.path) == 0
        assert service.wait() == -signal.SIGKILL
    assert "killed; its journal does not mind" in capsys.readouterr().out
