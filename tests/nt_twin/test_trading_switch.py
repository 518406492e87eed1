"""The client's own kill: set by a human at the client, obeyed alone, lifted there alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.domain.errors import ConfigError
from services.domain.units import UnixNanos
from services.nt_twin.memory.client_folder import ClientFolder
from services.nt_twin.memory.trading_switch import SwitchState, TradingSwitch
from tests.support.process_desk import live_folder

_KILLED = SwitchState(killed=True, by="ann", reason="enough", at_ns=UnixNanos(1))
_OFF = SwitchState(killed=False, by="bob", reason="news", at_ns=UnixNanos(2))


def test_a_running_client_sees_what_another_process_sets(tmp_path: Path) -> None:
    """Killed with the next look, and on again with the next one after it was lifted."""
    running, human = TradingSwitch(tmp_path), TradingSwitch(tmp_path)
    assert running.refusal == ""
    human.set(_KILLED)
    running.look()
    assert (running.killed_by, running.refusal) == ("ann", "the client is killed by ann: enough")
    human.lift()
    running.look()
    assert (running.killed_by, running.refusal) == ("", "")


def test_a_kill_is_not_weakened(tmp_path: Path) -> None:
    """Turning entries off where the client is killed leaves it killed."""
    switch = TradingSwitch(tmp_path)
    switch.set(_KILLED)
    switch.set(_OFF)
    assert TradingSwitch(tmp_path).killed_by == "ann"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'{"killed": "yes"}'])
def test_a_switch_that_cannot_be_read_is_a_kill(tmp_path: Path, content: bytes) -> None:
    """Whoever wrote it meant something."""
    (tmp_path / "trading-switch.json").write_bytes(content)
    assert TradingSwitch(tmp_path).killed_by == "the client"


@pytest.mark.parametrize("name", ["", "..", "a/b", "x" * 41, "-x", "a\nb"])
def test_a_client_name_is_the_name_of_a_folder(name: str) -> None:
    """Whatever else is refused before a path is made of it."""
    with pytest.raises(ConfigError, match="client is "):
        ClientFolder("/nowhere", name)


def _run(*arguments: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "services.nt_twin", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout + done.stderr


def _desk(folder: Path, text: str = 'run = "r"\ndata_dir = "data"\n') -> Path:
    folder.mkdir()
    (folder / "desk.toml").write_text(text, "utf-8")
    return folder


@pytest.mark.integration
def test_kill_needs_a_data_dir_and_nothing_else(tmp_path: Path) -> None:
    """A desk.toml that no desk would start on; the next start of the client finds the kill."""
    config = _desk(tmp_path / "config")
    code, printed = _run("kill", config, "--reason", "too [bold]much")
    assert code == 0, printed
    assert "is killed by" in printed
    assert "too [bold]much" in printed
    assert "it does not run" in printed
    switch = tmp_path / "config" / "data" / "client-twin" / "trading-switch.json"
    assert json.loads(switch.read_text("utf-8"))["killed"] is True
    code, printed = _run("resume", config)
    assert (code, "needs confirmation" in printed, switch.exists()) == (1, True, True)
    code, printed = _run("resume", config, "--yes")
    assert (code, switch.exists()) == (0, False), printed
    code, printed = _run("resume", config, "--yes")
    assert (code, "nothing changed" in printed) == (0, True)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("text", "found"),
    [(None, "desk.toml"), ("data_dir = 3\n", "data_dir"), ("data_dir\n", "desk.toml")],
)
def test_a_kill_that_cannot_be_written_is_not_called_done(
    tmp_path: Path, text: str | None, found: str
) -> None:
    """Exit 2 with the file and what is wrong there."""
    config = tmp_path / "config"
    if text is not None:
        _desk(config, text)
    code, printed = _run("kill", config)
    assert (code, found in printed) == (2, True), printed


@pytest.mark.integration
def test_a_kill_names_the_place_it_cannot_write_to(tmp_path: Path) -> None:
    """And says that the positions stay open."""
    config = _desk(tmp_path / "config")
    (config / "data").write_text("a file", "utf-8")
    code, printed = _run("kill", config)
    assert (code, "NOT killed" in printed, os.sep + "data" in printed) == (2, True, True), printed


@pytest.mark.integration
def test_files_of_the_options_are_read_before_a_desk_is_waited_for(tmp_path: Path) -> None:
    """A limit that is none ends the client by file, key and exit code, with no desk there."""
    config = live_folder(tmp_path / "config").path
    limits = tmp_path / "limits.toml"
    limits.write_text("quantity = 2\n", "utf-8")
    code, printed = _run(config, "--lock-step", "--limits", limits)
    assert (code, str(limits) in printed, "quantity" in printed) == (2, True, True), printed
    assert "waiting" not in printed
