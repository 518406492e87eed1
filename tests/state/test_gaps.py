"""Fair-value gaps: birth, reading, filling, turning, expiry, the session's end."""

from services.domain.messages.market import Bar
from services.state.config import StateConfig
from services.state.gaps import FairValueGaps
from tests.support.state import DAY, at, bar, machine, play, session_bars

CONFIG = StateConfig()
PRICE = 20_000
"""A ten-thousandth of it is two ticks: a gap must be three."""


def _bar(low: int, high: int, close: int | None = None) -> Bar:
    last = high if close is None else close
    return bar("10:00", PRICE + last, low=PRICE + low, high=PRICE + high)


def _fold(gaps: FairValueGaps, *bars: Bar) -> FairValueGaps:
    for each in bars:
        gaps.fold(each, CONFIG)
    return gaps


def _bullish() -> FairValueGaps:
    # Zone from 2 to 8.
    return _fold(FairValueGaps(), _bar(0, 2), _bar(1, 9), _bar(8, 12))


def _reading(gaps: FairValueGaps) -> tuple[bool | None, ...]:
    return gaps.fvg_bull, gaps.fvg_bear, gaps.ifvg_bull, gaps.ifvg_bear


def test_not_warm_before_three_bars() -> None:
    """Two bars say nothing; the third makes a gap and does not read it."""
    assert _reading(_fold(FairValueGaps(), _bar(0, 2), _bar(1, 9))) == (None,) * 4
    assert _reading(_bullish()) == (False,) * 4


def test_width_must_exceed_two_ticks_and_a_ten_thousandth() -> None:
    """Two ticks are no gap, three are; on a higher price the share decides."""
    assert not _fold(FairValueGaps(), _bar(0, 2), _bar(1, 9), _bar(4, 12)).bullish
    assert _fold(FairValueGaps(), _bar(0, 2), _bar(1, 8), _bar(5, 12)).bullish
    high = [bar("10:00", 60_000 + b, low=60_000 + a, high=60_000 + b) for a, b in ((0, 2), (1, 9))]
    seven = bar("10:00", 60_012, low=60_008, high=60_012)
    assert not _fold(FairValueGaps(), *high, seven).bullish
    eight = bar("10:00", 60_012, low=60_009, high=60_012)
    assert _fold(FairValueGaps(), *high, eight).bullish


def test_bar_into_the_zone_that_closes_above_its_bottom() -> None:
    """Above the zone: no; into it or bouncing from it: yes, again and again."""
    gaps = _bullish()
    assert _fold(gaps, _bar(9, 12)).fvg_bull is False
    assert _fold(gaps, _bar(8, 12)).fvg_bull is True
    assert _fold(gaps, _bar(1, 9, 3)).fvg_bull is True
    assert _fold(gaps, _bar(3, 5)).fvg_bull is True


def test_close_at_the_bottom_neither_reads_nor_fills() -> None:
    """The far edge itself is not beyond it."""
    gaps = _fold(_bullish(), _bar(0, 9, 2))
    assert gaps.fvg_bull is False
    assert len(gaps.bullish) == 1


def test_filled_gap_turns() -> None:
    """A close below the bottom ends the support; from the next bar on it resists."""
    gaps = _fold(_bullish(), _bar(0, 9, 1))
    assert (gaps.fvg_bull, gaps.ifvg_bear) == (False, False)
    assert not gaps.bullish
    assert _fold(gaps, _bar(0, 1)).ifvg_bear is False
    assert _fold(gaps, _bar(0, 4, 3)).ifvg_bear is True
    assert _fold(gaps, _bar(0, 9, 9)).ifvg_bear is False
    assert not gaps.turned_bearish


def test_mirror() -> None:
    """A bearish gap resists, is closed above, and supports."""
    gaps = _fold(FairValueGaps(), _bar(20, 22), _bar(11, 21), _bar(8, 12))
    assert [(z.bottom - PRICE, z.top - PRICE) for z in gaps.bearish] == [(12, 20)]
    assert _fold(gaps, _bar(9, 13, 12)).fvg_bear is True
    assert _fold(gaps, _bar(11, 23, 22)).fvg_bear is False
    assert gaps.ifvg_bull is False
    assert _fold(gaps, _bar(19, 23, 21)).ifvg_bull is True
    assert _fold(gaps, _bar(10, 21, 11)).ifvg_bull is False
    assert not gaps.turned_bullish


def test_gap_expires_after_thirty_bars() -> None:
    """The thirtieth bar may still read it, the thirty-first not."""
    quiet, touch = _bar(10, 12), _bar(8, 12)
    assert _fold(_bullish(), *[quiet] * 29, touch).fvg_bull is True
    assert _fold(_bullish(), *[quiet] * 30, touch).fvg_bull is False


def test_bounded_however_long_the_climb() -> None:
    """A session of nothing but gaps keeps thirty of them."""
    gaps = _fold(FairValueGaps(), *[_bar(n * 10, n * 10 + 2) for n in range(390)])
    assert len(gaps.bullish) <= 30


def test_only_regular_hours_of_this_session() -> None:
    """The night makes no gaps; after 16:00 there is no reading."""

    def price(n: int) -> int:
        return 40_000 + 40 * n if n < 900 else 80_000

    said = play(machine(), session_bars(DAY, price=price))
    assert at(said, "09:32").fvg_bull is None
    assert at(said, "09:33").fvg_bull is False
    assert at(said, "16:01").fvg_bull is None
