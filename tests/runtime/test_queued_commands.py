"""Commands and halts on disk, for a risk service that does not hear them."""

from pathlib import Path
from typing import Any

import pytest

from services.domain.errors import StorageError
from services.domain.messages.control import Halt, Kill, PreflightResult
from services.domain.units import UnixNanos
from services.runtime.queued_commands import QueuedCommands, queue_command
from tests.support.small_disk import fill_up, small_disk

HALT = Halt(service="orders", reason="ValueError: boom", at_ns=UnixNanos(9))


def _kill(at: int, **changes: Any) -> Kill:
    fields: dict[str, Any] = {"operator": "o", "reason": "r", "flatten": False}
    return Kill(at_ns=UnixNanos(at), **fields | changes)


def _preflight(at: int, *failures: str) -> PreflightResult:
    return PreflightResult(operator="o", failures=failures, at_ns=UnixNanos(at))


def _due(folder: Path) -> list[Any]:
    return list(QueuedCommands(folder).due("risk"))


def test_what_is_written_is_read_whole(tmp_path: Path) -> None:
    """Every kind and every field, by a risk service that starts later."""
    commands = [HALT, _kill(5, strategy="edge_fade", run="r", account="a"), _preflight(3, "disk")]
    for command in commands:
        queue_command(tmp_path, command)  # type: ignore[arg-type]
    assert _due(tmp_path) == commands


def test_no_kill_is_lost_to_another(tmp_path: Path) -> None:
    """The desk, one strategy, the desk with flatten, the desk again: all of them, in order."""
    kills = [_kill(1), _kill(2, strategy="edge_fade"), _kill(3, flatten=True), _kill(4)]
    for kill in kills:
        queue_command(tmp_path, kill)
    assert _due(tmp_path) == kills


def test_the_newest_preflight_counts(tmp_path: Path) -> None:
    """A result replaces the one before it, also from a clock that is behind, and no kill."""
    queue_command(tmp_path, _kill(1))
    for at, failures in ((3, ("disk: full",)), (2, ())):
        queue_command(tmp_path, _preflight(at, *failures))
    assert _due(tmp_path) == [_kill(1), _preflight(2)]


def test_one_is_handed_out_once_and_goes_when_it_is_on_record(tmp_path: Path) -> None:
    """The file stays until its reader removes it: what ends in between is read again."""
    queue_command(tmp_path, _kill(1))
    queued = QueuedCommands(tmp_path)
    assert queued.due("risk") == [_kill(1)]
    assert queued.due("risk") == []
    assert _due(tmp_path) == [_kill(1)]
    queued.remove_handled()
    assert _due(tmp_path) == []
    queue_command(tmp_path, _kill(2))
    assert queued.due("risk") == [_kill(2)]


def test_what_came_over_the_socket_is_not_handed_out(tmp_path: Path) -> None:
    """Its file goes like that of one that was."""
    queue_command(tmp_path, _kill(1))
    queued = QueuedCommands(tmp_path)
    queued.note(_kill(1))
    assert queued.due("risk") == []
    queued.remove_handled()
    assert _due(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("kill-1-1.json", b"{}"), ("kill-1-1.json", b""), ("what-1.json", b"{}")],
    ids=["no kill", "empty", "unknown"],
)
def test_what_cannot_be_read_halts_and_stays(tmp_path: Path, name: str, content: bytes) -> None:
    """It may be a kill: the halt names the file, once a start, and no other command is lost."""
    queue_command(tmp_path, _kill(7))
    path = tmp_path / "control" / name
    path.write_bytes(content)
    queued = QueuedCommands(tmp_path)
    found = queued.due("risk")
    assert _kill(7) in found
    (halt,) = (each for each in found if isinstance(each, Halt))
    assert str(path) in halt.reason
    assert queued.due("risk") == []
    queued.remove_handled()
    assert path.exists()
    assert len(_due(tmp_path)) == 1


def test_nothing_written_is_nothing_due(tmp_path: Path) -> None:
    """Before the first command, and beside one that is being written."""
    assert _due(tmp_path) == []
    queue_command(tmp_path, _kill(1)).rename(tmp_path / "control" / "kill-1.77.part")
    assert _due(tmp_path) == []


@pytest.mark.integration
def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """Nothing half written is left to be read."""
    with small_disk(tmp_path / "disk", 200) as disk:
        fill_up(disk)
        with pytest.raises(StorageError, match="disk full"):
            queue_command(disk, _kill(1))
        assert _due(disk) == []
