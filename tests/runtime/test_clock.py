"""Clocks: what happens to the desk's time when the host's wall clock is set."""

import random

import pytest

from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos
from services.runtime.clock import AGREEMENT_NS, SystemClock
from tests.support.host_clock import HostClock

_START = UnixNanos(1_790_000_000_000_000_000)
JUMPS = pytest.mark.parametrize("jump_s", [3_600.0, -3_600.0, 2.0, -2.0, 0.3, -0.3])


def _started() -> tuple[HostClock, SystemClock]:
    host = HostClock(_START)
    clock = host.clock()
    assert clock.now() == _START
    return host, clock


def _pass_by(host: HostClock, clock: SystemClock, seconds: int) -> list[str]:
    """Compare ten times a second; gives what was found, each sentence once in a row."""
    found = [clock.disagreement()]
    for _ in range(10 * seconds):
        host.pass_by(0.1)
        if (text := clock.disagreement()) != found[-1]:
            found.append(text)
    return found


@JUMPS
def test_a_jump_is_in_doubt_at_once_and_moves_no_time(jump_s: float) -> None:
    """Today a jump forward is believed, and one back stands still; both unnoticed."""
    host, clock = _started()
    host.pass_by(1.0)
    assert clock.disagreement() == ""
    host.set_by(jump_s)
    assert clock.disagreement() == (
        f"this host's clock is {jump_s:+.1f} s from the desk's time: it has been set"
    )
    assert clock.now() == _START + NANOS_PER_SECOND


@JUMPS
def test_a_clock_that_is_taken_back_freezes_no_timer(jump_s: float) -> None:
    """Today the time stands still until the host has caught up, and with it every deadline."""
    host, clock = _started()
    host.set_by(jump_s)
    clock.now()
    clock.disagreement()
    host.set_by(-jump_s)
    for second in range(1, 5):
        host.pass_by(1.0)
        assert clock.now() == _START + second * NANOS_PER_SECOND


@JUMPS
def test_the_doubt_ends_by_itself_when_both_have_agreed_for_a_minute(jump_s: float) -> None:
    """Not before: two programs that set a clock in turn agree with nobody for so long."""
    host, clock = _started()
    host.set_by(jump_s)
    assert len(_pass_by(host, clock, 300)) == 1
    host.set_by(-jump_s)
    agreeing, ended = _pass_by(host, clock, 2 * AGREEMENT_NS // NANOS_PER_SECOND)
    assert "had jumped: entries wait until it has agreed for a minute" in agreeing
    assert ended == ""
    host.set_by(jump_s)
    assert clock.disagreement()


def test_a_clock_set_in_turn_is_never_believed() -> None:
    """Every half minute forward and back: in doubt all the time."""
    host, clock = _started()
    for number in range(20):
        host.set_by(-2.0 if number % 2 else 2.0)
        assert "" not in _pass_by(host, clock, 30)


def test_a_clock_that_is_right_now_stays_in_doubt() -> None:
    """Nobody but a human knows which of the two is right: a start takes the wall clock anew."""
    host, clock = _started()
    host.set_by(3_600.0)
    (text,) = _pass_by(host, clock, 1_000)
    assert "+3600.0 s" in text
    assert host.clock().now() == host.wall


@pytest.mark.parametrize("per_million", [-100, -20, 20, 100, 400])
def test_drift_is_followed_and_is_no_jump(per_million: int) -> None:
    """A crystal that is off goes seconds a day: the desk's time stays with the wall clock."""
    host, clock = _started()
    for _ in range(24 * 3_600):
        host.pass_by(1.0)
        host.set_by(per_million / 1e6)
        assert clock.disagreement() == ""
    assert abs(clock.now() - host.wall) < NANOS_PER_MS


def test_time_never_goes_back_and_keeps_its_pace() -> None:
    """Whatever is done to the wall clock: within a two-thousandth of what has passed."""
    host, clock = _started()
    seeded = random.Random(11)
    before, begun = clock.now(), host.progress
    for _ in range(20_000):
        host.pass_by(seeded.random())
        if seeded.random() < 0.05:
            host.set_by(seeded.choice([-3_600.0, -2.0, -0.2, 0.01, 0.2, 2.0, 3_600.0]))
        if seeded.random() < 0.7:
            clock.disagreement()
        now = clock.now()
        assert now >= before
        before = now
    passed = host.progress - begun
    assert abs(before - _START - passed) <= passed / 2_000


def test_after_a_restart_the_time_is_not_before_the_journal() -> None:
    """The clock was set back while the service was down: time goes on, and is in doubt."""
    host = HostClock(_START)
    host.set_by(-3_600.0)
    clock = host.clock()
    clock.restore(UnixNanos(_START - NANOS_PER_SECOND))
    clock.restore(_START)
    assert clock.now() == _START
    host.pass_by(1.0)
    assert clock.now() == _START + NANOS_PER_SECOND
    assert "-3600.0 s" in clock.disagreement()


def test_a_process_that_is_held_up_takes_that_for_no_jump() -> None:
    """Between its two readings anything may pass on a busy host."""
    host = HostClock(_START)
    late = 0.0

    def progress() -> int:
        host.pass_by(late)
        return host.progress

    clock = SystemClock(lambda: host.wall, progress)
    late = 0.4
    assert clock.disagreement() == ""
    late = 0.0
    assert clock.disagreement() == ""
