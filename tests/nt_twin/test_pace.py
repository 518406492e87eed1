"""The three paces against a clock of our own: what is released when, and how long to wait."""

from itertools import accumulate, pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.domain.calendar import Calendar, et_ns
from services.domain.messages.market import FeedBatch
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos
from services.nt_twin.config import PaceMode
from services.nt_twin.pace import IDLE_NS, LivePace, LockStepPace, ScaledPace
from services.venue.played_market.minutes import live_offset, renamed_minutes, session_minutes
from tests.support.order_builder import bar, minute
from tests.support.scripted_desk import ScriptedDesk, play, twin

_WALL: Final = UnixNanos(1_800_000_000 * NANOS_PER_SECOND)
"""A whole minute, months after the bars."""
_FLAT: Final = (1000, 1010, 990, 1000)


class _Wall:
    """A wall clock that moves when it is told to, and by what a pace says it may wait."""

    def __init__(self, start: UnixNanos = _WALL) -> None:
        self.now = start

    def pass_ms(self, ms: float) -> UnixNanos:
        self.now = UnixNanos(self.now + int(ms * NANOS_PER_MS))
        return self.now


class _Player:
    """A client that sends at once what is released, and writes down when."""

    def __init__(self, *counts: int) -> None:
        self.counts = list(counts)
        self.sent: list[tuple[int, UnixNanos]] = []
        self.told: list[UnixNanos] = []
        self.heartbeat_due: UnixNanos | None = None
        self.now = UnixNanos(0)
        self.is_up = True

    @property
    def next_close_ns(self) -> UnixNanos | None:
        return minute(self.counts[0]) if self.counts else None

    def release_until(self, until_ns: UnixNanos) -> None:
        while self.is_up and self.counts and minute(self.counts[0]) <= until_ns:
            self.sent.append((self.counts.pop(0), self.now))

    def on_clock(self, now: UnixNanos) -> None:
        self.told.append(now)


def _drive(
    player: _Player, pace: LockStepPace | ScaledPace | LivePace, wall: _Wall, *, seconds: float
) -> None:
    end = wall.now + int(seconds * NANOS_PER_SECOND)
    while wall.now <= end:
        player.now = wall.now
        wait = pace.step(player, wall.now)
        assert 0 < wait <= IDLE_NS
        wall.pass_ms(wait / NANOS_PER_MS)


def _seconds(player: _Player) -> list[tuple[int, float]]:
    return [(count, round((at - _WALL) / 1e9, 2)) for count, at in player.sent]


def test_in_lock_step_nothing_is_timed() -> None:
    """The desk's settlements are the clock; the wall is told to nobody."""
    player = _Player(1, 2)
    assert LockStepPace().step(player, _WALL) == IDLE_NS
    assert (player.sent, player.told) == ([], [])


def test_paced_stamps_keep_their_distance_divided_by_the_speed() -> None:
    """At 60 a minute is a second; the first one leaves at once; three minutes are three seconds."""
    player = _Player(1, 2, 3, 6)
    _drive(player, ScaledPace(60.0, None), _Wall(), seconds=6)
    assert _seconds(player) == [(1, 0.0), (2, 1.0), (3, 2.0), (6, 5.0)]


def test_a_stretch_without_bars_is_cut_short() -> None:
    """Of the hour between two sessions five minutes are played."""
    player = _Player(1, 61)
    _drive(player, ScaledPace(60.0, None), _Wall(), seconds=6)
    assert _seconds(player) == [(1, 0.0), (61, 5.0)]


def test_history_takes_no_time() -> None:
    """The pace begins with the first stamp behind the history, whenever that comes."""
    player, wall = _Player(1, 2, 3, 4), _Wall()
    pace = ScaledPace(60.0, minute(2))
    _drive(player, pace, wall, seconds=3)
    assert player.sent == []
    player.counts = [3, 4]
    begun = wall.now
    _drive(player, pace, wall, seconds=2)
    sent = [(count, round((at - begun) / 1e9, 2)) for count, at in player.sent]
    assert sent == [(3, 0.0), (4, 1.0)]


def test_what_a_slow_desk_delays_is_not_caught_up_beyond_a_second() -> None:
    """Ten seconds without the desk: a second's worth follows at once, then the pace is kept."""
    player, wall = _Player(1, 2, 3, 4, 5), _Wall()
    pace = ScaledPace(60.0, None)
    player.is_up = False
    _drive(player, pace, wall, seconds=10)
    player.is_up = True
    back = wall.now
    _drive(player, pace, wall, seconds=4)
    seconds = [round((at - back) / 1e9, 1) for _, at in player.sent]
    assert seconds == [0.0, 0.0, 0.0, 1.0, 2.0]


@pytest.mark.parametrize("speed", [1.0, 7.3, 6000.0])
def test_a_pace_does_not_drift(speed: float) -> None:
    """Hundred stamps take a hundredth of their time as often as one does, whatever the waits."""
    player = _Player(*range(1, 102))
    _drive(player, ScaledPace(speed, None), _Wall(), seconds=6000 / speed + 1)
    assert len(player.sent) == 101
    took = (player.sent[-1][1] - player.sent[0][1]) / 1e9
    assert took == pytest.approx(6000 / speed, abs=0.002)


def test_live_a_bar_leaves_when_the_wall_reaches_its_stamp() -> None:
    """Never before it, and within a millisecond of it."""
    wall = _Wall(UnixNanos(minute(0) + 17 * NANOS_PER_SECOND + 123))
    player = _Player(1, 2)
    _drive(player, LivePace(), wall, seconds=130)
    late = [at - minute(count) for count, at in player.sent]
    assert [count for count, _ in player.sent] == [1, 2]
    assert all(0 <= each <= NANOS_PER_MS for each in late)
    assert player.told == sorted(player.told)


def test_live_the_loop_wakes_for_the_heartbeat() -> None:
    """The next beat bounds the wait, even a beat that is overdue."""
    player = _Player(5)
    player.heartbeat_due = UnixNanos(_WALL + 40 * NANOS_PER_MS)
    player.counts = []
    assert LivePace().step(player, _WALL) == 40 * NANOS_PER_MS
    assert LivePace().step(player, UnixNanos(_WALL + NANOS_PER_SECOND)) == NANOS_PER_MS


@pytest.mark.parametrize(
    ("past_ms", "until_ms"), [(0, 60_000), (1, 59_999), (59_999, 1), (30_000, 30_000)]
)
def test_the_first_live_stamp_is_the_next_minute_of_the_wall(past_ms: int, until_ms: int) -> None:
    """By whole minutes; on the minute itself it is the one after."""
    now = UnixNanos(_WALL + past_ms * NANOS_PER_MS)
    offset = live_offset(minute(10), now)
    assert offset % NANOS_PER_MINUTE == 0
    assert minute(10) + offset - now == until_ms * NANOS_PER_MS


def test_staged_bars_are_renamed_and_moved_together() -> None:
    """Stamp and bars by the same minutes; prices as they are; contracts nobody takes are gone."""
    day = [
        (minute(1), (bar(1, _FLAT), bar(1, _FLAT, "YM 03-26"))),
        (minute(2), (bar(2, _FLAT, "YM 03-26"),)),
        (minute(3), (bar(3, _FLAT),)),
    ]
    offset = live_offset(minute(1), _WALL)
    moved = list(renamed_minutes(iter(day), {"NQ 03-26": "NQ 12-26"}, offset))
    assert [(at, [b.contract for b in bars]) for at, bars in moved] == [
        (minute(1) + offset, ["NQ 12-26"]),
        (minute(3) + offset, ["NQ 12-26"]),
    ]
    assert all(b.close_ns == at for at, bars in moved for b in bars)
    assert (moved[0][1][0].high, moved[0][1][0].historical) == (1010, False)


def test_a_paced_client_sends_without_waiting_for_the_desk() -> None:
    """The pace drives the real client: a desk that settles nothing gets every stamp in time."""
    stamps = [(n, (bar(n, _FLAT),)) for n in range(10, 13)]
    client, desk = twin(stamps, pace=PaceMode.FREE), ScriptedDesk()
    desk.settling = False
    pace, wall, sent = ScaledPace(60.0, None), _Wall(), []
    for _ in range(100):
        wall.pass_ms(pace.step(client, wall.now) / NANOS_PER_MS)
        batches = [m for m in play(client, desk) if isinstance(m, FeedBatch)]
        sent += [(b.bars[0].close_ns, round((wall.now - _WALL) / 1e9, 1)) for b in batches]
    assert [at for at, _ in sent] == [minute(n) for n in (10, 11, 12)]
    assert [seconds for _, seconds in sent] == pytest.approx([0.0, 1.0, 2.0], abs=0.3)


@given(st.integers(0, 200 * 24 * 60), st.lists(st.integers(1, 2_000), min_size=1, max_size=40))
def test_live_minutes_fall_into_sessions_whatever_the_hour(start: int, gaps: list[int]) -> None:
    """Every stamp after the history lies in a session, in order, none lost; history stays put.

    What is moved begins with the first minute of the session that comes next.
    """
    calendar = Calendar()
    first = et_ns("2026-02-01", "12:00") + start * NANOS_PER_MINUTE
    closes = [UnixNanos(first + n * NANOS_PER_MINUTE) for n in accumulate(gaps)]
    played = [(at, (replace(bar(1, _FLAT), close_ns=at),)) for at in closes]
    moved = list(session_minutes(iter(played), calendar, after_ns=closes[0] - 1))
    assert list(session_minutes(iter(played), calendar, after_ns=closes[-1])) == played
    assert len(moved) == len(played)
    assert all(calendar.session_at(at) is not None for at, _ in moved)
    assert all(each.close_ns == at for at, bars in moved for each in bars)
    gaps_moved = [b[0] - a[0] for a, b in pairwise(moved)]
    assert all(gap > 0 for gap in gaps_moved)
    gaps_played = [b - a for a, b in pairwise(closes)]
    for (at, _), was, now in zip(moved[1:], gaps_played, gaps_moved, strict=True):
        session = calendar.session_at(at)
        assert session is not None
        assert now == was or at == session.open_ns + NANOS_PER_MINUTE
