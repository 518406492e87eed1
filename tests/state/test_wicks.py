"""Wick shares, the hour's closes and compression, each at its edge."""

import pytest

from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.reading import CompressionReading, Range, ValueArea, WickReading
from services.domain.messages.session import SessionCarry
from services.domain.units import Ticks, UnixNanos
from services.state.config import ProfileRules
from services.state.confluence.compression import Compression, near_edge, premarket_tight
from services.state.confluence.wicks import Wicks
from services.state.hours import hours_of
from services.state.session import open_session
from tests.support.state_builder import DAY, bar, calendar


def _read(wicks: Wicks, stamp: str, open_: int, low: int, high: int, close: int) -> WickReading:
    wicks.fold(bar(stamp, close, open=open_, low=low, high=high))
    assert wicks.reading is not None
    return wicks.reading


def test_shares_of_the_range_above_and_below_the_body() -> None:
    """Open 104, close 106 in 100–110: 0.4 each side; the body's colour is no matter."""
    up = _read(Wicks(), "09:31", 104, 100, 110, 106)
    down = _read(Wicks(), "09:31", 106, 100, 110, 104)
    assert (up.upper, up.lower) == (0.4, 0.4) == (down.upper, down.lower)
    shaven = _read(Wicks(), "09:31", 100, 100, 110, 110)
    assert (shaven.upper, shaven.lower) == (0.0, 0.0)


def test_a_bar_without_range_has_no_wick_and_no_side() -> None:
    """One price all minute: both shares 0, nobody's close."""
    assert _read(Wicks(), "09:31", 5, 5, 5, 5) == WickReading(
        upper=0.0, lower=0.0, buyers60=0, sellers60=0
    )


@pytest.mark.parametrize(
    ("close", "buyers", "sellers"), [(107, 1, 0), (106, 0, 0), (104, 0, 0), (103, 0, 1)]
)
def test_close_location_beyond_its_thresholds(close: int, buyers: int, sellers: int) -> None:
    """Above 0.6 of the range is buyers', below 0.4 sellers'; the thresholds are nobody's."""
    read = _read(Wicks(), "09:31", 105, 100, 110, close)
    assert (read.buyers60, read.sellers60) == (buyers, sellers)


def test_the_hour_is_sixty_minutes_of_the_clock() -> None:
    """A close at 09:31 counts through 10:30 and is gone at 10:31; gaps count for nobody."""
    wicks = Wicks()
    _read(wicks, "09:31", 105, 100, 110, 110)
    _read(wicks, "09:33", 105, 100, 110, 110)
    assert _read(wicks, "10:30", 105, 100, 110, 105).buyers60 == 2
    assert _read(wicks, "10:31", 105, 100, 110, 105).buyers60 == 1
    assert _read(wicks, "10:33", 105, 100, 110, 105).buyers60 == 0
    assert _read(wicks, "15:33", 105, 100, 110, 100).sellers60 == 1


def test_sixty_closes_of_one_side() -> None:
    """An hour of closes on the high counts sixty, not more."""
    wicks = Wicks()
    for minute in range(1, 71):
        clock = f"{9 + (30 + minute) // 60:02d}:{(30 + minute) % 60:02d}"
        read = _read(wicks, clock, 100, 100, 110, 110)
        assert read.buyers60 == min(minute, 60)


def _range(width: int) -> Range:
    return Range(Ticks(1_000), Ticks(1_000 + width))


@pytest.mark.parametrize(("london", "expected"), [(35, True), (36, False)])
def test_london_up_to_thirty_five_hundredths_is_tight(london: int, expected: bool) -> None:  # noqa: FBT001
    """A London range of exactly 0.35 of the night's is tight, a tick more is not."""
    assert premarket_tight(_range(london), _range(100)) is expected


def test_night_not_seen_says_nothing() -> None:
    """Without London, without the night, or with a night of one price there is no answer."""
    assert premarket_tight(None, _range(100)) is None
    assert premarket_tight(_range(10), None) is None
    assert premarket_tight(_range(0), _range(0)) is None


@pytest.mark.parametrize(
    ("close", "expected"),
    [(1_279, False), (1_280, True), (1_360, True), (1_440, True), (1_441, False), (1_000, True)],
)
def test_price_within_reach_of_a_value_edge(close: int, expected: bool) -> None:  # noqa: FBT001
    """0.07 of the median IB range on either side of an edge; a tick more is away."""
    value = ValueArea(poc=Ticks(1_200), low=Ticks(1_000), high=Ticks(1_360))
    assert near_edge(close, value, 1_143.0) is expected
    assert near_edge(close, None, 1_143.0) is None
    assert near_edge(close, value, None) is None


def test_compression_says_what_is_known() -> None:
    """Each answer on its own; None stays None."""
    value = ValueArea(poc=Ticks(1_200), low=Ticks(1_000), high=Ticks(1_360))
    assert Compression(1_000.0).read(1_000, None) == CompressionReading()
    tight = Compression(None, premarket=True)
    assert tight.read(1_000, value) == CompressionReading(premarket=True)
    assert Compression(1_000.0).read(1_100, value) == CompressionReading(near_value_edge=False)


@pytest.mark.parametrize("contract", ["NQ 03-26", "ES 03-26", "YM 03-26", "RTY 03-26"])
@pytest.mark.parametrize("width", [100, 150, 1_001])
def test_nearness_to_value_is_a_share_of_each_instruments_own_range(
    contract: str, width: int
) -> None:
    """Twenty Initial Balances of a width: a close 0.07 of it from value is near, beyond it not."""
    kept = SessionCarry(
        contract=contract,
        trade_date=DAY,
        at_ns=UnixNanos(0),
        ib_ranges=(width,) * 20,
    )
    opened = open_session(
        hours_of(calendar(), DAY),
        kept,
        (),
        frozenset({IndicatorFamily.COMPRESSION}),
        profile=ProfileRules(),
    )
    assert opened.confluence is not None
    assert opened.confluence.compression is not None
    value, reach = ValueArea(Ticks(9_000), Ticks(8_000), Ticks(10_000)), 7 * width // 100
    near = [
        opened.confluence.compression.read(10_000 + away, value).near_value_edge
        for away in (0, reach, reach + 1)
    ]
    assert near == [True, True, False]
