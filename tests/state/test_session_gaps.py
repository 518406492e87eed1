"""Gaps of a session: regular hours, longer bars on the clock's grid, nothing before its close."""

from math import sin

import pytest

from services.domain.calendar import et_ns
from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.market import Bar
from services.domain.messages.reading import GapEvent, GapReading, GapState
from services.domain.messages.session import FairValueGapReading, SessionUpdate
from services.domain.units import NANOS_PER_MINUTE
from services.state.config import GapRules, StateConfig
from tests.support.state_builder import DAY, at, bar, machine, play, session_bars, updates

PRICE = 20_000
LENGTHS = {5: IndicatorFamily.GAPS_5M, 15: IndicatorFamily.GAPS_15M}
NOTHING = GapReading(bull=False, bear=False, inverse_bull=False, inverse_bear=False)
BULL = GapReading(bull=True, bear=False, inverse_bull=False, inverse_bear=False)


def _waves() -> list[Bar]:
    # A session in which gaps of every length are made, entered, filled and left to age.
    return session_bars(DAY, price=lambda n: 40_000 + round(400 * sin(n / 25)) + n * 37 % 11)


def _clock(minute: int) -> str:
    # The close stamp of a minute of regular hours; 1 is 09:31.
    return f"{(570 + minute) // 60:02d}:{(570 + minute) % 60:02d}"


def _minutes(first: int, last: int, low: int, high: int) -> list[Bar]:
    return [
        bar(_clock(minute), PRICE + high, low=PRICE + low, high=PRICE + high)
        for minute in range(first, last + 1)
    ]


def _climb(length: int) -> list[Bar]:
    # Three bars of this length: the third makes a bullish gap from 2 to 8; then it is entered.
    steps = ((0, 2), (1, 9), (8, 12))
    made = [_minutes(n * length + 1, (n + 1) * length, *step) for n, step in enumerate(steps)]
    return [*(each for part in made for each in part), *_minutes(3 * length + 1, 120, 7, 12)]


def _reading(update: SessionUpdate, length: int) -> GapReading | None:
    return update.gaps.five_minute if length == 5 else update.gaps.fifteen_minute


def _said(bars: list[Bar], length: int, **rules: int) -> list[SessionUpdate]:
    config = StateConfig(gaps=GapRules(**rules))
    return updates(play(machine(config=config, features=[LENGTHS[length]]), bars))


def _events(outputs: list[SessionUpdate]) -> list[tuple[int, GapEvent]]:
    return [(u.minute_of_rth or 0, event) for u in outputs for event in u.gaps.events]


@pytest.mark.parametrize("length", LENGTHS)
def test_a_longer_gap_is_there_only_after_its_third_bar_closed(length: int) -> None:
    """Born on its closing minute, read from the next one on; inside the bar nothing."""
    said = _said(_climb(length), length)
    readings = {u.minute_of_rth: _reading(u, length) for u in said}
    assert {readings[n] for n in range(1, length)} == {None}
    assert {readings[n] for n in range(length, 3 * length + 1)} == {NOTHING}
    assert readings[3 * length + 1] == BULL
    (minute, born), *_ = _events(said)
    assert (minute, born.minutes, born.state) == (3 * length, length, GapState.OPEN)
    assert (born.zone.low, born.zone.high) == (PRICE + 2, PRICE + 8)
    assert born.opened_ns == et_ns(DAY, _clock(3 * length))


@pytest.mark.parametrize("length", LENGTHS)
def test_its_steps_come_when_bars_of_its_own_length_close(length: int) -> None:
    """A minute that closes beyond it does not fill it; the close of its own bar does."""
    end = 5 * length
    climb = [b for b in _climb(length) if b.close_ns <= et_ns(DAY, _clock(4 * length))]
    dip = _minutes(4 * length + 1, end - 1, 0, 1)  # closes below its bottom, minute by minute
    back = _minutes(end, end, 0, 9)  # but the bar of its length closes inside
    through = _minutes(end, end, 0, 1)
    assert [e.state for _, e in _events(_said([*climb, *dip, *back], length))] == [
        GapState.OPEN,
        GapState.TOUCHED,
    ]
    filled = _events(_said([*climb, *dip, *through], length))[2]
    assert (filled[0], filled[1].state) == (end, GapState.FILLED)


def test_it_lives_thirty_bars_of_its_own_length() -> None:
    """A five-minute gap ends 150 minutes after its third bar."""
    bars = [*_climb(5), *_minutes(121, 390, 9, 12)]
    bars = [b for b in bars if b.close_ns <= et_ns(DAY, _clock(15))]
    said = _said([*bars, *_minutes(16, 390, 9, 12)], 5)
    assert [(minute, e.state) for minute, e in _events(said)] == [
        (15, GapState.OPEN),
        (165, GapState.EXPIRED),
    ]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("missing", [1, 2])
def test_a_minute_without_a_trade_leaves_the_bar_whole(length: int, missing: int) -> None:
    """The bar is what its other minutes made; nothing is filled in, nothing is thrown away."""
    absent = et_ns(DAY, _clock(2 * length + missing))
    said = _said([b for b in _climb(length) if b.close_ns != absent], length)
    (minute, born), *_ = _events(said)
    assert (minute, born.opened_ns) == (3 * length, et_ns(DAY, _clock(3 * length)))


@pytest.mark.parametrize("length", LENGTHS)
def test_a_bar_whose_last_minute_had_no_trade_is_closed_by_the_next(length: int) -> None:
    """Its time is over: the next minute reads the gap it made, under the stamp of the grid."""
    absent = et_ns(DAY, _clock(3 * length))
    said = _said([b for b in _climb(length) if b.close_ns != absent], length)
    (minute, born), *_ = _events(said)
    assert (minute, born.opened_ns) == (3 * length + 1, absent)
    assert _reading(next(u for u in said if u.minute_of_rth == minute), length) == BULL


def test_a_whole_bar_without_a_trade_is_no_bar() -> None:
    """The three bars are the ones that exist; fifteen minutes that wait end with the next one."""
    climb = [b for b in _climb(15) if not 41 <= _minute(b) <= 45]
    (minute, born), *_ = _events(_said(climb, 15))
    assert (minute, born.opened_ns) == (46, et_ns(DAY, "10:15"))
    parts = [*_minutes(1, 5, 0, 2), *_minutes(11, 15, 1, 9), *_minutes(16, 20, 8, 12)]
    (minute, born), *_ = _events(_said(parts, 5))
    assert (minute, born.zone.high - born.zone.low) == (20, 6)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_session_joined_in_the_middle_leaves_its_first_bar_out(length: int) -> None:
    """A bar whose beginning was not seen may have been wider: it makes no gap."""
    late = [b for b in _climb(length) if _minute(b) > 1]
    assert _events(_said(late, length)) == []
    on_the_grid = [b for b in _climb(length) if _minute(b) > length]
    assert _reading(_said(on_the_grid, length)[length - 1], length) == NOTHING


def _minute(each: Bar) -> int:
    return (each.close_ns - et_ns(DAY, "09:30")) // NANOS_PER_MINUTE


def test_the_share_of_the_price_is_set_per_length() -> None:
    """Fifteen-minute gaps may be asked to be wider."""
    assert _events(_said(_climb(15), 15, price_parts_15m=4_000))
    assert not _events(_said(_climb(15), 15, price_parts_15m=3_000))
    assert _events(_said(_climb(5), 5, price_parts_15m=3_000))
    assert not _events(_said(_climb(5), 5, price_parts=3_000))


def test_only_regular_hours_of_this_session() -> None:
    """The night makes no gaps, nor does the jump at the open; after 16:00 there is no reading."""

    def price(n: int) -> int:
        return 40_000 + 40 * n if n < 900 else 80_000

    said = play(machine(), session_bars(DAY, price=price))
    assert at(said, "09:32").gaps.one_minute is None
    assert at(said, "09:32").gaps.events == ()
    assert at(said, "09:33").gaps.one_minute == NOTHING
    assert at(said, "09:33").gaps.balanced is False
    assert at(said, "09:34").gaps.five_minute is None
    assert at(said, "09:35").gaps.five_minute == NOTHING
    assert at(said, "09:44").gaps.fifteen_minute is None
    assert at(said, "16:00").gaps.fifteen_minute == NOTHING
    assert at(said, "16:01").gaps == FairValueGapReading()


def test_every_length_speaks_on_its_own() -> None:
    """Three lengths together say what each says alone; shorter bars first."""
    bars = _waves()
    together = updates(play(machine(), bars))
    lengths = (IndicatorFamily.GAPS_1M, *LENGTHS.values())
    singly = [updates(play(machine(features=[each]), bars)) for each in lengths]
    for all_of, one, five, fifteen in zip(together, *singly, strict=True):
        assert all_of.gaps == FairValueGapReading(
            one_minute=one.gaps.one_minute,
            five_minute=five.gaps.five_minute,
            fifteen_minute=fifteen.gaps.fifteen_minute,
            balanced=one.gaps.balanced,
            events=(*one.gaps.events, *five.gaps.events, *fifteen.gaps.events),
        )
    steps = {(e.minutes, e.state) for u in together for e in u.gaps.events}
    every = {(minutes, state) for minutes in (1, 5) for state in GapState}
    assert steps >= every - {(5, GapState.EXPIRED)}  # the waves fill every longer gap
    assert {state for minutes, state in steps if minutes == 15} >= {GapState.OPEN, GapState.FILLED}


@pytest.mark.parametrize("minute", [4, 5, 6, 15, 16, 44, 45, 46, 100, 389])
def test_the_future_changes_nothing(minute: int) -> None:
    """Cut off anywhere, also inside a longer bar, what was said before stays."""
    bars = _waves()
    whole = updates(play(machine(), bars))
    cut = et_ns(DAY, _clock(minute))
    before = updates(play(machine(), [b for b in bars if b.close_ns <= cut]))
    assert before == whole[: len(before)]


@pytest.mark.parametrize("minute", [2, 4, 7, 15, 16, 44, 61, 100, 389])
def test_a_restart_in_the_middle_goes_on_bit_for_bit(minute: int) -> None:
    """With gaps of every length and state alive, inside a longer bar or at its end."""
    bars = _waves()
    whole = machine()
    expected = updates(play(whole, bars))
    cut = et_ns(DAY, _clock(minute))
    first, second = machine(), machine()
    play(first, [b for b in bars if b.close_ns <= cut])
    for carry in first.carry():
        list(second.on_message(carry, bars[-1].close_ns))
    said = updates(play(second, [b for b in bars if b.close_ns > cut]))
    assert said == expected[-len(said) :]
    assert list(second.carry()) == list(whole.carry())
