"""A shell whose clock, or whose upstream's clock, was set: not ready before anything is handled."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.domain.messages.control import Heartbeat, Upstreams
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos
from services.runtime.bus import Envelope
from tests.support.host_clock import HostClock
from tests.support.shell_harness import ShellHarness
from tests.support.stream_builder import OPEN

JUMPS = pytest.mark.parametrize("jump_s", [3_600.0, -3_600.0, 2.0, -2.0])


@pytest.fixture
def host() -> HostClock:
    """A host whose clock the test sets."""
    return HostClock(OPEN)


@pytest.fixture
def desk(tmp_path: Path, host: HostClock) -> Iterator[ShellHarness]:
    """Risk on that host, ready."""
    made = ShellHarness(tmp_path, host.clock())
    made.beats(0, sent_ns=time.time_ns())
    made.shell.turn(0.0)
    made.shell.heartbeat(time.monotonic_ns())
    assert made.shell.reasons == ()
    yield made
    made.shell.close()


def _samples(desk: ShellHarness) -> list[Upstreams]:
    return [m for m in desk.machine.samples if isinstance(m, Upstreams)]


@JUMPS
def test_a_jump_stops_entries_in_the_turn_that_finds_it(
    desk: ShellHarness, host: HostClock, jump_s: float
) -> None:
    """Today nothing notices it. Risk has the reason on record before it handles the next minute."""
    total = desk.machine.total
    at_sample: list[int] = []
    desk.machine.on_sample = lambda: at_sample.append(desk.machine.total)
    host.set_by(jump_s)
    desk.publishes(1, sent_ns=time.time_ns())
    desk.shell.turn(0.0)
    reason = f"this host's clock is {jump_s:+.1f} s from the desk's time: it has been set"
    assert _samples(desk)[-1].reasons == (reason,)
    assert at_sample == [total]
    assert desk.machine.total == total + 1
    assert desk.shell.reasons == (reason,)


@JUMPS
def test_the_others_learn_of_a_jump_in_the_same_turn(
    desk: ShellHarness, host: HostClock, jump_s: float
) -> None:
    """A heartbeat with the reason leaves at once, not with the next quarter of a second."""
    desk.ingest.receive(0.0)
    host.set_by(jump_s)
    desk.shell.turn(0.0)
    beats = [d.message for d in desk.ingest.receive(0.0) if isinstance(d, Envelope)]
    ours = [m for m in beats if isinstance(m, Heartbeat) and m.service == "risk"]
    assert [(beat.ready, len(beat.reasons)) for beat in ours] == [(False, 1)]


@JUMPS
def test_a_jump_is_sampled_once_and_lifted_by_itself(
    desk: ShellHarness, host: HostClock, jump_s: float
) -> None:
    """One record when it comes, one when it is taken back, one a minute later: ready."""
    before = len(_samples(desk))
    host.set_by(jump_s)
    for second in range(200):
        host.pass_by(1.0)
        if second == 100:
            host.set_by(-jump_s)
        desk.beats(0, sent_ns=time.time_ns())
        desk.shell.turn(0.0)
    assert [sample.ready for sample in _samples(desk)[before:]] == [False, False, True]
    assert desk.shell.reasons == ()


@pytest.mark.parametrize("skew_s", [3_600.0, 2.0, 0.3, -2.0, -3_600.0])
def test_another_service_whose_clock_was_set_is_not_ready(
    desk: ShellHarness, skew_s: float
) -> None:
    """Today only one that is behind is noticed, a second later, as one that is silent."""
    desk.beats(0, sent_ns=time.time_ns() + round(skew_s * NANOS_PER_SECOND))
    desk.shell.turn(0.0)
    desk.shell.heartbeat(time.monotonic_ns())
    (reason,) = desk.shell.reasons
    assert reason.startswith("ingest: heartbeat is ")
    assert ("its clock is ahead" if skew_s > 0 else "its clock is behind ours") in reason
    assert not _samples(desk)[-1].ready
    desk.beats(0, sent_ns=time.time_ns())
    desk.shell.turn(0.0)
    desk.shell.heartbeat(time.monotonic_ns())
    assert desk.shell.reasons == ()


def test_a_heartbeat_of_the_same_clock_may_be_a_little_late(desk: ShellHarness) -> None:
    """Half a second in a socket is no other clock."""
    desk.beats(0, sent_ns=time.time_ns() - 500 * NANOS_PER_MS)
    desk.shell.turn(0.0)
    desk.shell.heartbeat(time.monotonic_ns())
    assert desk.shell.reasons == ()


@JUMPS
def test_what_is_journalled_never_goes_back_in_time(
    desk: ShellHarness, host: HostClock, jump_s: float
) -> None:
    """A fold hands the machine the times of the journal, in its order."""
    for sequence in range(1, 9):
        host.pass_by(0.5)
        if sequence in (3, 6):
            host.set_by(jump_s if sequence == 3 else -jump_s)
        desk.publishes(sequence, sent_ns=time.time_ns())
        desk.shell.turn(0.0)
    desk.journal.commit()
    times = [record.at for record in desk.journal.records() if record.at]
    assert len(times) > 16
    assert times == sorted(times)
    assert UnixNanos(times[-1]) < OPEN + 10 * NANOS_PER_SECOND
