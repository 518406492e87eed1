"""Commands queued for a risk service that is not running."""

from pathlib import Path
from typing import Any

from services.domain.messages.control import Kill, PreflightResult
from services.domain.units import UnixNanos
from services.runtime.journal import Journal
from services.runtime.queued_commands import QUEUE_KEYS, queue_command, queued_commands


def _kill(at: int, **changes: Any) -> Kill:
    fields: dict[str, Any] = {"operator": "o", "reason": "r", "flatten": False}
    return Kill(at_ns=UnixNanos(at), **fields | changes)


def _queued(folder: Path, kind: type[Kill] | type[PreflightResult]) -> list[Any]:
    journal = Journal(folder)
    value = journal.get(QUEUE_KEYS[kind]) or ""
    journal.close()
    return queued_commands(value, kind)


def test_a_wider_kill_is_not_lost_to_a_narrower_one(tmp_path: Path) -> None:
    """The desk, one strategy, the desk with flatten: all of them, in order, each once."""
    kills = (_kill(1), _kill(2, strategy="edge_fade"), _kill(3, flatten=True), _kill(4))
    for kill in kills:
        assert queue_command(tmp_path, kill)
    assert [kill.at_ns for kill in _queued(tmp_path, Kill)] == [2, 3, 4]


def test_the_newest_preflight_counts(tmp_path: Path) -> None:
    """A result replaces the one before it, and no kill."""
    queue_command(tmp_path, _kill(1))
    for at, failures in ((2, ("disk: full",)), (3, ())):
        queue_command(
            tmp_path, PreflightResult(operator="o", failures=failures, at_ns=UnixNanos(at))
        )
    assert [result.at_ns for result in _queued(tmp_path, PreflightResult)] == [3]
    assert len(_queued(tmp_path, Kill)) == 1


def test_nothing_is_queued_beside_a_running_service(tmp_path: Path) -> None:
    """Whoever holds the journal is asked instead; its store stays as it is."""
    journal = Journal(tmp_path)
    assert not queue_command(tmp_path, _kill(1))
    assert journal.get(QUEUE_KEYS[Kill]) is None
    journal.close()


def test_a_store_without_commands_holds_none(tmp_path: Path) -> None:
    """Before the first command, and after they were applied."""
    assert queued_commands("", Kill) == []
    assert _queued(tmp_path, Kill) == []
