"""The shell's turn: heartbeats, readiness, halts, and what of it a deciding machine is told."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.domain.messages.control import Halt, Heartbeat, StreamHead, Upstreams
from services.domain.units import UnixNanos
from services.runtime.bus import Envelope, live
from services.runtime.clock import SystemClock
from services.runtime.liveness import DEAD_NS
from tests.support.shell_harness import ShellHarness


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ShellHarness]:
    """A fresh one; closed at the end."""
    made = ShellHarness(tmp_path)
    yield made
    made.shell.close()


def _now() -> int:
    return SystemClock().now()


def test_a_heartbeat_behind_its_frames_shows_no_gap(desk: ShellHarness) -> None:
    """Frames and the heartbeat that tells of them come in one batch: nothing is missing."""
    desk.publishes(1, sent_ns=_now())
    desk.publishes(2, sent_ns=_now())
    desk.shell.turn(0.0)
    inbox = desk.shell.node.inboxes["market"]
    assert (inbox.applied, inbox.replays, inbox.synced) == (2, 0, True)
    assert desk.machine.total == 2


def test_a_heartbeat_ahead_of_lost_frames_asks_at_once(desk: ShellHarness) -> None:
    """The frames did not come: the same turn asks for them."""
    desk.beats(2, sent_ns=_now())
    desk.shell.turn(0.0)
    inbox = desk.shell.node.inboxes["market"]
    assert (inbox.synced, inbox.replays) == (False, 1)


def test_risk_is_told_when_its_upstreams_change(desk: ShellHarness) -> None:
    """A journalled sample at every change, none in between."""
    desk.shell.heartbeat(0)
    desk.beats(0, sent_ns=_now())
    desk.shell.turn(0.0)
    for _ in range(3):
        desk.shell.heartbeat(time.monotonic_ns())
    told = [m.ready for m in desk.machine.samples if isinstance(m, Upstreams)]
    assert told == [False, True]
    assert desk.shell.reasons == ()


def test_a_heartbeat_from_before_our_own_pause_proves_nothing(desk: ShellHarness) -> None:
    """It lay in the socket while we slept: its sender may be dead since."""
    desk.beats(0, sent_ns=_now() - 2 * DEAD_NS)
    desk.shell.turn(0.0)
    desk.shell.heartbeat(time.monotonic_ns())
    (reason,) = desk.shell.reasons
    assert reason.startswith("ingest: heartbeat is 2.0 s off: its clock is behind ours, or it was")


def test_a_halt_of_another_service_reaches_risk(desk: ShellHarness) -> None:
    """Last words of a dying service are an input; one's own are not."""
    wall = UnixNanos(_now())
    for service in ("state", "risk"):
        halt = Halt(service=service, reason="broke", at_ns=wall)
        desk.ingest.publish(live(halt, 1, wall))
    desk.shell.turn(0.0)
    halts = [m.service for m in desk.machine.samples if isinstance(m, Halt)]
    assert halts == ["state"]


def test_heartbeats_leave_on_time_and_tell_committed_heads(desk: ShellHarness) -> None:
    """What a heartbeat promises is on disk."""
    desk.publishes(1, sent_ns=_now())
    desk.shell.turn(0.0)
    desk.shell.heartbeat(time.monotonic_ns())
    beats = [d.message for d in desk.ingest.receive(0.0) if isinstance(d, Envelope)]
    ours = [m for m in beats if isinstance(m, Heartbeat) and m.service == "risk"]
    assert ours[-1].heads == (StreamHead("session", 1),)
    assert ours[-1].epoch == 1


def test_a_service_that_has_become_ready_publishes_it_at_once(desk: ShellHarness) -> None:
    """Whoever follows it waits for no beat of its own time; after that it beats as ever."""
    desk.shell.heartbeat(time.monotonic_ns())
    desk.beats(0, sent_ns=_now())
    for _ in range(3):
        desk.shell.turn(0.0)
    beats = [d.message for d in desk.ingest.receive(0.0) if isinstance(d, Envelope)]
    ready = [m.ready for m in beats if isinstance(m, Heartbeat) and m.service == "risk"]
    assert ready == [False, True]


def test_a_locked_journal_stops_taking_in_and_nothing_else(
    desk: ShellHarness, tmp_path: Path
) -> None:
    """Another program has the journal: alive, not ready, saying why; nothing is decided or lost.

    When it lets go, what came meanwhile is handled in its order.
    """
    desk.publishes(1, sent_ns=_now())
    desk.shell.turn(0.0)
    told = list(desk.machine.samples)
    viewer = _locked(desk, tmp_path)
    for sequence in (2, 3):
        desk.publishes(sequence, sent_ns=_now())
        assert not desk.shell.turn(0.0)
    desk.shell.heartbeat(time.monotonic_ns())
    assert desk.machine.total == 1
    assert desk.shell.reasons[0].endswith("of risk is locked by another program: close it")
    assert desk.machine.samples == told
    viewer.close()
    desk.beats(3, sent_ns=_now())
    assert desk.shell.turn(0.0)
    desk.shell.heartbeat(time.monotonic_ns())
    assert desk.machine.total == 3
    assert not any("locked" in reason for reason in desk.shell.reasons)


def _locked(desk: ShellHarness, folder: Path) -> sqlite3.Connection:
    """A viewer that came in between a commit and the next transaction."""
    writer = desk.journal.writer
    viewer = sqlite3.connect(folder / f"{writer.date}.sqlite", timeout=0, isolation_level=None)
    assert writer._db is not None  # noqa: SLF001 - the moment cannot be had from outside
    writer._db.execute("COMMIT")  # noqa: SLF001
    viewer.execute("BEGIN EXCLUSIVE")
    return viewer
