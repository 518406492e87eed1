"""The price ladder of a bar: what is refused, what contradicts, and its way into the session."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.market import (
    Bar,
    DeltaSource,
    FaultKind,
    FeedFault,
    MarketMinute,
    PriceLadder,
)
from services.domain.units import Contracts, Ticks, UnixNanos
from tests.support.feed_builder import FeedHarness, ack, bar, of, only
from tests.support.state_builder import machine, play, updates

SPLITLESS: dict[str, Any] = {
    "bid_volume": None,
    "ask_volume": None,
    "delta_source": DeltaSource.NONE,
}


def _ladder(low: int, bid: tuple[int, ...], ask: tuple[int, ...]) -> PriceLadder:
    return PriceLadder(
        low=Ticks(low), bid=tuple(map(Contracts, bid)), ask=tuple(map(Contracts, ask))
    )


def _with(low: int, bid: tuple[int, ...], ask: tuple[int, ...], **changes: Any) -> Bar:
    # The builder's bar trades 400 at the bid and 500 at the ask between 99,980 and 100,040.
    return bar(ladder=_ladder(low, bid, ask), **changes)


@pytest.mark.parametrize(
    ("bad", "good", "said"),
    [
        (
            _with(99_990, (150, 251), (500, 0)),
            _with(99_990, (150, 250), (500, 0)),
            "sums to 401 contracts, expected the bid volume 400",
        ),
        (
            _with(99_990, (150, 250), (499, 0)),
            _with(99_990, (150, 250), (499, 1)),
            "sums to 499 contracts, expected the ask volume 500",
        ),
        (
            _with(99_990, (400, 0), (501, 0), **SPLITLESS),
            _with(99_990, (900, 0), (0, 0), **SPLITLESS),
            "sums to 901 contracts, expected the volume 900",
        ),
        (
            _with(99_979, (400, 0), (0, 500)),
            _with(99_980, (400, 0), (0, 500)),
            "spans 24994.75 to 24995.00 pt, expected prices within the bar's 24995.00 to 25010.00",
        ),
        (
            _with(100_040, (400, 0), (500, 0)),
            _with(100_039, (400, 0), (0, 500)),
            "spans 25010.00 to 25010.25 pt",
        ),
        (
            _with(99_990, (-1, 401), (500, 0)),
            _with(99_990, (0, 400), (500, 0)),
            "holds -1 contracts at a price",
        ),
        (
            _with(99_990, (400,), (500, 0)),
            _with(99_990, (400,), (500,)),
            "has 1 bid and 2 ask entries",
        ),
        (
            _with(99_990, (), ()),
            _with(99_990, (), (), volume=0, bid_volume=0, ask_volume=0),
            "sums to 0 contracts",
        ),
    ],
)
def test_a_ladder_that_is_not_its_bars_is_refused(bad: Bar, good: Bar, said: str) -> None:
    """The bar is named and not used, nothing is blocked; the nearest sound one goes out whole."""
    feed = FeedHarness()
    answers = feed.send(bad)
    fault = only(answers, FeedFault)
    assert (fault.kind, fault.blocks_entries) == (FaultKind.BAD_LADDER, False)
    assert fault.text.startswith("ladder of bar NQ 03-26 2026-02-06 10:00 ET ")
    assert said in fault.text
    assert of(answers, MarketMinute) == []
    feed.send(good)
    assert feed.published() == [good]


def test_another_ladder_for_a_stamp_is_a_conflict() -> None:
    """The same contracts at other prices contradict the first bar, by name."""
    feed = FeedHarness()
    feed.send(_with(99_990, (400, 0), (0, 500)))
    fault = only(feed.send(_with(99_990, (0, 400), (500, 0))), FeedFault)
    assert (fault.kind, fault.blocks_entries) == (FaultKind.CONFLICT, True)
    assert "came again with another ladder, the first one stands" in fault.text


def test_the_same_trades_are_the_same_ladder() -> None:
    """Prices without trades at its ends, no ladder at all, another source: no contradiction."""
    feed = FeedHarness()
    feed.send(_with(99_990, (400, 0), (0, 500)))
    again = [
        _with(99_990, (400, 0), (0, 500), historical=True),
        _with(99_988, (0, 0, 400, 0, 0), (0, 0, 0, 500, 0)),
        bar(),
        _with(99_991, (400,), (500,), delta_source=DeltaSource.TICKS),
    ]
    assert ack(feed.send(*again)).duplicates == 4


SIZES = st.lists(st.integers(-1, 3), max_size=4)


@given(low=st.integers(-2, 6), bid=SIZES, ask=SIZES, volume=st.integers(0, 12))
def test_what_goes_out_adds_up(low: int, bid: list[int], ask: list[int], volume: int) -> None:
    """Whatever the ladder, a published bar's sums to it inside its range."""
    prices: dict[str, Any] = {
        "open": 101,
        "high": 104,
        "low": 101,
        "close": 103,
        "volume": volume,
        **SPLITLESS,
    }
    made = bar(ladder=_ladder(100 + low, tuple(bid), tuple(ask)), **prices)
    feed = FeedHarness()
    feed.send(made)
    for published in feed.published():
        ladder = published.ladder
        assert ladder is not None
        assert sum(ladder.bid) + sum(ladder.ask) == published.volume
        assert min([*ladder.bid, *ladder.ask], default=0) >= 0
        assert len(ladder.bid) == len(ladder.ask)
        for price in range(ladder.low, ladder.low + len(ladder.bid)):
            assert published.low <= price <= published.high


def _traded_bar(minute: int, dice: Random) -> Bar:
    low, wide = 99_980 + dice.randrange(40), 1 + dice.randrange(12)
    bid = tuple(dice.randrange(30) for _ in range(wide))
    ask = tuple(dice.randrange(30) for _ in range(wide))
    return bar(
        minute,
        open=low,
        high=low + wide - 1,
        low=low,
        close=low,
        volume=sum(bid) + sum(ask),
        bid_volume=sum(bid),
        ask_volume=sum(ask),
        ladder=_ladder(low, bid, ask),
    )


def test_from_the_gateway_into_the_profile() -> None:
    """A morning's ladders through gateway and session: every contract stands in its price's row."""
    dice, feed = Random(7), FeedHarness()
    for minute in range(-29, 61):
        feed.send(_traded_bar(minute, dice))
    published = feed.published()
    assert len(published) == 90
    held: Counter[int] = Counter()
    for each in published:
        assert each.ladder is not None
        for n, sizes in enumerate(zip(each.ladder.bid, each.ladder.ask, strict=True)):
            held[(each.ladder.low + n) // 4] += sum(sizes)
    subject = machine(features=[IndicatorFamily.VOLUME_PROFILE])
    said = updates(play(subject, published))
    value = said[-1].profile.volume
    assert value is not None
    assert value.poc == max(held, key=lambda row: held[row]) * 4
    (carry,) = subject.carry()
    assert sum(held.values()) == sum(each.volume for each in published)
    again = machine(features=[IndicatorFamily.VOLUME_PROFILE])
    list(again.on_message(carry, UnixNanos(0)))
    more = _traded_bar(61, dice)
    assert play(again, [more]) == play(subject, [more])
    inside = sum(held[row] for row in range(value.low // 4, value.high // 4 + 1))
    assert 10 * inside >= 7 * sum(held.values())
