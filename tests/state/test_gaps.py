"""Fair-value gaps of one bar length: birth, reading, touch, filling, turning, expiry."""

from collections.abc import Iterator, Sequence
from random import Random

import pytest

from services.domain.messages.market import Bar
from services.domain.messages.reading import GapEvent, GapState, Range
from services.state.config import GapRules
from services.state.gaps.fair_value_gaps import FairValueGaps
from tests.support.state_builder import bar

RULES = GapRules()
PRICE = 20_000
"""A ten-thousandth of it is two ticks: a gap must be three."""
OPEN, TOUCHED, FILLED, EXPIRED, INVERSE_ENDED = GapState


def _bar(low: int, high: int, close: int | None = None) -> Bar:
    last = high if close is None else close
    return bar("10:00", PRICE + last, low=PRICE + low, high=PRICE + high)


def _fold(gaps: FairValueGaps, *bars: Bar) -> Sequence[GapEvent]:
    # As the session does with one-minute bars: each is read, then folded. Gives the last steps.
    said: Sequence[GapEvent] = ()
    for each in bars:
        gaps.read(each.low, each.high, each.close)
        said = gaps.fold(each, RULES, RULES.price_parts)
    return said


def _states(outputs: Sequence[GapEvent]) -> list[tuple[bool, GapState]]:
    return [(event.bullish, event.state) for event in outputs]


def _bullish() -> FairValueGaps:
    # Zone from 2 to 8.
    gaps = FairValueGaps(1)
    _fold(gaps, _bar(0, 2), _bar(1, 9), _bar(8, 12))
    return gaps


def _bearish() -> FairValueGaps:
    # Zone from 12 to 20.
    gaps = FairValueGaps(1)
    _fold(gaps, _bar(20, 22), _bar(11, 21), _bar(8, 12))
    return gaps


def _reading(gaps: FairValueGaps) -> tuple[bool, ...]:
    said = gaps.reading
    assert said is not None
    return said.bull, said.bear, said.inverse_bull, said.inverse_bear


BULL = (True, False, False, False)
BEAR = (False, True, False, False)
INVERSE_BULL = (False, False, True, False)
INVERSE_BEAR = (False, False, False, True)
NOTHING = (False,) * 4


def test_the_third_bar_makes_a_gap_and_does_not_read_it() -> None:
    """Born with its edges, its direction and the stamp of the third bar."""
    gaps = FairValueGaps(1)
    assert _fold(gaps, _bar(0, 2), _bar(1, 9)) == ()
    (born,) = _fold(gaps, _bar(8, 12))
    assert (born.minutes, born.bullish, born.state) == (1, True, OPEN)
    assert (born.zone.low, born.zone.high) == (PRICE + 2, PRICE + 8)
    assert born.opened_ns == bar("10:00").close_ns
    assert _reading(gaps) == NOTHING
    (born,) = _fold(FairValueGaps(1), _bar(20, 22), _bar(11, 21), _bar(8, 12))
    assert (born.bullish, born.zone.low, born.zone.high) == (False, PRICE + 12, PRICE + 20)


def test_two_bars_make_no_gap() -> None:
    """However far apart: the first of three is needed."""
    assert _fold(FairValueGaps(1), _bar(0, 2), _bar(80, 90)) == ()


@pytest.mark.parametrize(
    ("price", "width", "steps"),
    [(PRICE, 2, 0), (PRICE, 3, 1), (60_000, 6, 0), (60_000, 7, 1), (5_000, 2, 0)],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_width_must_exceed_two_ticks_and_a_ten_thousandth(
    price: int, width: int, steps: int, sign: int
) -> None:
    """Two ticks are no gap, three are; on a higher price the share decides. Both directions."""
    bars = [
        bar("10:00", price, low=price - 1, high=price + 1),
        bar("10:01", price),
        bar("10:02", price + sign * (width + 2), low=price + sign * (width + 2) - 1,
            high=price + sign * (width + 2) + 1),
    ]  # fmt: skip
    assert len(_fold(FairValueGaps(1), *bars)) == steps


def test_bar_into_the_zone_that_closes_above_its_bottom() -> None:
    """Above the zone: no; into it or bouncing from it: yes, again and again."""
    gaps = _bullish()
    for each, expected in (
        (_bar(9, 12), NOTHING),
        (_bar(8, 12), BULL),
        (_bar(1, 9, 3), BULL),
        (_bar(3, 5), BULL),
        (_bar(9, 12), NOTHING),
    ):
        _fold(gaps, each)
        assert _reading(gaps) == expected


def test_bar_into_the_zone_that_closes_below_its_top() -> None:
    """The mirror: a bearish gap caps what trades into it."""
    gaps = _bearish()
    for each, expected in (
        (_bar(8, 11), NOTHING),
        (_bar(8, 12), BEAR),
        (_bar(11, 21, 19), BEAR),
        (_bar(15, 17), BEAR),
        (_bar(8, 11), NOTHING),
    ):
        _fold(gaps, each)
        assert _reading(gaps) == expected


def test_the_first_trade_into_it_is_said_once() -> None:
    """One tick above the top: still open; at the top: touched; a second touch says nothing."""
    gaps = _bullish()
    assert _fold(gaps, _bar(9, 12)) == ()
    assert _states(_fold(gaps, _bar(8, 12))) == [(True, TOUCHED)]
    assert _fold(gaps, _bar(8, 12)) == ()
    gaps = _bearish()
    assert _fold(gaps, _bar(8, 11)) == ()
    assert _states(_fold(gaps, _bar(8, 12))) == [(False, TOUCHED)]


def test_close_at_the_far_edge_neither_reads_nor_fills() -> None:
    """The far edge itself is not beyond it."""
    gaps = _bullish()
    assert _states(_fold(gaps, _bar(0, 9, 2))) == [(True, TOUCHED)]
    assert _reading(gaps) == NOTHING
    gaps = _bearish()
    assert _states(_fold(gaps, _bar(11, 22, 20))) == [(False, TOUCHED)]
    assert _reading(gaps) == NOTHING


def test_a_bullish_gap_closed_below_resists() -> None:
    """Filled by a close below its bottom; from the next bar on it caps, until a close above."""
    gaps = _bullish()
    assert _states(_fold(gaps, _bar(0, 9, 1))) == [(True, TOUCHED), (True, FILLED)]
    assert _reading(gaps) == NOTHING
    for each, expected in (
        (_bar(0, 6, 3), INVERSE_BEAR),
        (_bar(0, 1), NOTHING),
        (_bar(0, 2), INVERSE_BEAR),
        (_bar(0, 9, 8), NOTHING),
    ):
        assert _fold(gaps, each) == ()
        assert _reading(gaps) == expected
    assert _states(_fold(gaps, _bar(0, 9, 9))) == [(True, INVERSE_ENDED)]
    _fold(gaps, _bar(0, 4, 3))
    assert _reading(gaps) == NOTHING


def test_a_bearish_gap_closed_above_supports() -> None:
    """The mirror."""
    gaps = _bearish()
    assert _states(_fold(gaps, _bar(12, 22, 21))) == [(False, TOUCHED), (False, FILLED)]
    assert _reading(gaps) == NOTHING
    for each, expected in (
        (_bar(14, 23, 22), INVERSE_BULL),
        (_bar(21, 24), NOTHING),
        (_bar(20, 23, 21), INVERSE_BULL),
        (_bar(11, 21, 12), NOTHING),
    ):
        assert _fold(gaps, each) == ()
        assert _reading(gaps) == expected
    assert _states(_fold(gaps, _bar(10, 21, 11))) == [(False, INVERSE_ENDED)]
    _fold(gaps, _bar(19, 23, 21))
    assert _reading(gaps) == NOTHING


@pytest.mark.parametrize(
    ("reach", "steps"),
    [
        (_bar(-5, 1), [FILLED]),
        (_bar(-5, 2, 1), [TOUCHED, FILLED]),
        (_bar(-5, 9, 1), [TOUCHED, FILLED]),
    ],
    ids=["wholly beyond", "at its far edge", "through it"],
)
def test_a_bar_that_touches_and_fills_a_gap_tells_both(reach: Bar, steps: list[GapState]) -> None:
    """The touch first; a bar wholly beyond the gap has traded in none of it."""
    assert _states(_fold(_bullish(), reach)) == [(True, state) for state in steps]
    mirror = _bar(22 - reach.high + PRICE, 22 - reach.low + PRICE, 22 - reach.close + PRICE)
    gaps = FairValueGaps(1)  # the same zone seen from above: 14 to 20
    _fold(gaps, _bar(20, 22), _bar(13, 21), _bar(10, 14))
    assert _states(_fold(gaps, mirror)) == [(False, state) for state in steps]


def test_an_open_gap_expires_after_thirty_bars() -> None:
    """The thirtieth bar still reads and touches it, then says its end; the thirty-first not."""
    quiet, into = _bar(10, 12), _bar(8, 12)
    gaps = _bullish()
    assert _fold(gaps, *[quiet] * 29) == ()
    assert _states(_fold(gaps, into)) == [(True, TOUCHED), (True, EXPIRED)]
    assert _reading(gaps) == BULL
    gaps = _bullish()
    assert _states(_fold(gaps, *[quiet] * 30)) == [(True, EXPIRED)]
    _fold(gaps, into)
    assert _reading(gaps) == NOTHING


def test_a_close_through_on_the_thirtieth_bar_still_turns_it() -> None:
    """Filling comes before age."""
    gaps = _bullish()
    _fold(gaps, *[_bar(10, 12)] * 29)
    assert _states(_fold(gaps, _bar(0, 9, 1))) == [(True, TOUCHED), (True, FILLED)]


def test_an_inverse_gap_lives_thirty_bars_of_its_own() -> None:
    """Counted from the bar that turned it."""
    gaps = _bullish()
    _fold(gaps, *[_bar(10, 12)] * 20, _bar(0, 11, 1), _bar(0, 9, 1), *[_bar(0, 1)] * 28)
    assert _states(_fold(gaps, _bar(0, 4, 3))) == [(True, INVERSE_ENDED)]
    assert _reading(gaps) == INVERSE_BEAR
    _fold(gaps, _bar(0, 4, 3))
    assert _reading(gaps) == NOTHING


def test_balanced_range_is_the_overlap_of_two_open_gaps() -> None:
    """A close between the edges of both; not on an edge, not in one alone, not in a filled one."""
    gaps = _bearish()  # 12 to 20
    _fold(gaps, _bar(9, 11), _bar(10, 17, 16), _bar(15, 18, 16))  # and a bullish one: 11 to 15
    overlap = {13: True, 14: True, 12: False, 15: False, 11: False, 18: False}
    for close, expected in overlap.items():
        _fold(gaps, _bar(min(11, close), max(15, close), close))
        assert gaps.balanced is expected, close
    _fold(gaps, _bar(9, 14, 10), _bar(11, 15, 13))  # the bullish one is filled: it resists now
    assert gaps.balanced is False


def test_bounded_however_long_the_climb() -> None:
    """A session of nothing but gaps keeps thirty of them."""
    gaps = FairValueGaps(1)
    _fold(gaps, *[_bar(n * 10, n * 10 + 2) for n in range(390)])
    assert len(gaps.support.zones) <= 30


@pytest.mark.parametrize("seed", range(40))
def test_lives_equal_the_rule_told_gap_by_gap(seed: int) -> None:
    """Of a drawn walk each gap's life, followed alone from its birth, is what the events tell."""
    draw, price, walk = Random(seed), 0, []
    for _ in range(200):
        price += draw.choice((-9, -4, -1, 0, 1, 4, 9))
        low, high = price - draw.randrange(4), price + draw.randrange(4)
        walk.append(_bar(low, high, draw.randint(low, high)))
    gaps, told = FairValueGaps(1), []
    for number, each in enumerate(walk):
        told += [(number, e.bullish, e.zone, e.state) for e in gaps.fold(each, RULES, 10_000)]
    expected = [step for born in range(2, len(walk)) for step in _life(walk, born)]
    assert sorted(map(repr, told)) == sorted(map(repr, expected)), f"seed {seed}"
    assert {OPEN, TOUCHED, FILLED, INVERSE_ENDED} <= {state for *_, state in told}


def _life(walk: list[Bar], born: int) -> Iterator[tuple[int, bool, Range, GapState]]:
    # One gap followed by itself, in the words of spec B.6; nothing where three bars make none.
    first, middle, third = walk[born - 2 : born + 1]
    bullish = third.low > first.high
    low, high = (first.high, third.low) if bullish else (third.high, first.low)
    if high - low <= max(2, middle.close / 10_000):
        return
    zone, touched, sides = Range(low, high), False, bullish
    yield born, bullish, zone, OPEN
    ends, turned = born + 30, False
    for number, each in enumerate(walk[born + 1 :], born + 1):
        if not touched and not turned and each.low <= high and each.high >= low:
            touched = True
            yield number, bullish, zone, TOUCHED
        if each.close < low if sides else each.close > high:
            yield number, bullish, zone, INVERSE_ENDED if turned else FILLED
            if turned:
                return
            turned, sides, ends = True, not sides, number + 30
        elif number == ends:
            yield number, bullish, zone, INVERSE_ENDED if turned else EXPIRED
            return
