"""Every rule a bar must pass: what it refuses, by name, and the nearest bar it lets through."""

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.calendar import et_ns
from services.domain.messages.market import (
    Bar,
    DeltaSource,
    FaultKind,
    FeedFault,
    MarketMinute,
    TimeMode,
    Watermark,
)
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos
from tests.support.feed_builder import STAMP, FeedHarness, ack, bar, bars_of, calendar, of, only


class RuleCase(NamedTuple):
    """A flaw and its sound neighbour."""

    kind: FaultKind
    bad: dict[str, Any]
    good: dict[str, Any]
    said: str
    """Part of the sentence."""


CASES = {
    "unknown root": RuleCase(
        FaultKind.UNKNOWN_CONTRACT, {"contract": "CL 03-26"}, {"contract": "ES 03-26"}, "CL 03-26"
    ),
    "unknown month": RuleCase(
        FaultKind.UNKNOWN_CONTRACT, {"contract": "NQ 06-26"}, {"contract": "NQ 03-26"}, "NQ 06-26"
    ),
    "partial": RuleCase(FaultKind.PARTIAL, {"partial": True}, {"partial": False}, "still forming"),
    "zero price": RuleCase(FaultKind.BAD_PRICE, {"low": 0}, {"low": 1}, "low of bar NQ 03-26"),
    "negative price": RuleCase(FaultKind.BAD_PRICE, {"open": -4}, {"open": 99_980}, "-4 ticks"),
    "absurd price": RuleCase(
        FaultKind.BAD_PRICE, {"high": 2**31}, {"high": 2**31 - 1}, "expected 1 to 2147483647"
    ),
    "open below low": RuleCase(FaultKind.BAD_RANGE, {"open": 99_979}, {"open": 99_980}, "24994.75"),
    "close above high": RuleCase(
        FaultKind.BAD_RANGE, {"close": 100_041}, {"close": 100_040}, "25010.25 pt"
    ),
    "high below low": RuleCase(
        FaultKind.BAD_RANGE,
        {"high": 99_979},
        {"open": 99_980, "high": 99_980, "close": 99_980},
        "expected low",
    ),
    "negative volume": RuleCase(
        FaultKind.BAD_VOLUME,
        {"volume": -1, "bid_volume": None, "ask_volume": None},
        {"volume": 0, "bid_volume": None, "ask_volume": None},
        "volume of bar",
    ),
    "negative bid": RuleCase(
        FaultKind.BAD_VOLUME,
        {"bid_volume": -1, "ask_volume": 901},
        {"bid_volume": 0, "ask_volume": 900},
        "bid volume",
    ),
    "negative ticks": RuleCase(FaultKind.BAD_VOLUME, {"up_ticks": -1}, {"up_ticks": 0}, "up ticks"),
    "split differs": RuleCase(
        FaultKind.VOLUME_SPLIT, {"bid_volume": 401}, {"bid_volume": 400}, "bid 401 + ask 500"
    ),
    "half a split": RuleCase(
        FaultKind.VOLUME_SPLIT,
        {"bid_volume": None},
        {"bid_volume": None, "ask_volume": None, "delta_source": DeltaSource.NONE},
        "both or neither",
    ),
    "off the minute": RuleCase(
        FaultKind.TIME_OFF_GRID,
        {"close_ns": STAMP + 30 * NANOS_PER_SECOND},
        {"close_ns": STAMP},
        "30.000 s past",
    ),
    "in the break": RuleCase(
        FaultKind.OUTSIDE_SESSION,
        {"close_ns": et_ns("2026-02-05", "17:01")},
        {"close_ns": et_ns("2026-02-05", "17:00")},
        "outside trading hours",
    ),
    "at the open": RuleCase(
        FaultKind.OUTSIDE_SESSION,
        {"close_ns": et_ns("2026-02-05", "18:00")},
        {"close_ns": et_ns("2026-02-05", "18:01")},
        "outside trading hours",
    ),
    "on a Saturday": RuleCase(
        FaultKind.OUTSIDE_SESSION,
        {"close_ns": et_ns("2026-01-31", "10:00")},
        {"close_ns": et_ns("2026-01-30", "10:00")},
        "no session in the calendar",
    ),
    "on a holiday": RuleCase(
        FaultKind.OUTSIDE_SESSION,
        {"close_ns": et_ns("2025-12-25", "10:00")},
        {"close_ns": et_ns("2025-12-24", "10:00")},
        "no session in the calendar",
    ),
    "after an early close": RuleCase(
        FaultKind.OUTSIDE_SESSION,
        {"close_ns": et_ns("2025-11-28", "13:16")},
        {"close_ns": et_ns("2025-11-28", "13:15")},
        "outside trading hours",
    ),
    "beyond the calendar": RuleCase(
        FaultKind.OUTSIDE_SESSION,
        {"close_ns": et_ns("2199-02-06", "10:00")},
        {"close_ns": STAMP},
        "no session in the calendar",
    ),
    "after expiry": RuleCase(
        FaultKind.UNKNOWN_CONTRACT,
        {"close_ns": et_ns("2026-03-20", "09:30")},
        {"close_ns": et_ns("2026-03-20", "09:29")},
        "expired 2026-03-20 09:30 ET",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_flaw_is_named(case: RuleCase) -> None:
    """The bar is refused in the acknowledgement and in a durable fault that blocks nothing."""
    feed = FeedHarness()
    said = feed.send(bar(**case.bad))
    fault = only(said, FeedFault)
    assert (fault.kind, fault.blocks_entries) == (case.kind, False)
    assert case.said in fault.text
    (refused,) = ack(said).refused
    assert (refused.kind, refused.text) == (case.kind, fault.text)
    assert of(said, MarketMinute) == []
    assert feed.published() == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_neighbour_passes(case: RuleCase) -> None:
    """The nearest sound bar is published as it is."""
    sound, feed = bar(**case.good), FeedHarness()
    feed.send(sound)
    assert feed.published() == [sound]


def test_live_future_is_by_our_clock() -> None:
    """Live, a stamp may be two seconds ahead of our clock, not more."""
    feed = FeedHarness(TimeMode.LIVE)
    feed.now = UnixNanos(STAMP - 2_000 * NANOS_PER_MS)
    assert ack(feed.send(bar())).accepted == 1
    feed.now = UnixNanos(bar(1).close_ns - 2_001 * NANOS_PER_MS)
    said = feed.send(bar(1))
    assert only(said, FeedFault).kind is FaultKind.IN_FUTURE
    assert "2001 ms after the clock in force" in ack(said).refused[0].text
    assert feed.published() == [bar()]


def test_playback_future_is_by_the_batch() -> None:
    """In playback nothing may be ahead of the watermark it comes with."""
    feed = FeedHarness()
    said = feed.tick(1, bar(1), bar(2))
    assert bars_of(said) == [bar(1)]
    assert [refused.kind for refused in ack(said).refused] == [FaultKind.IN_FUTURE]


def test_playback_clock_judges_expiry() -> None:
    """A bar of a contract that the watermark says is over is refused, old as it may be."""
    feed = FeedHarness()
    after = et_ns("2026-03-20", "10:00")
    said = feed.send(bar(), watermark=Watermark(now_ns=after))
    assert ack(said).refused[0].kind is FaultKind.UNKNOWN_CONTRACT


def test_bad_bar_leaves_its_neighbours() -> None:
    """One bad bar in a batch takes no other with it."""
    feed = FeedHarness()
    said = feed.send(bar(1), bar(2, low=0), bar(3))
    assert (ack(said).accepted, len(ack(said).refused)) == (2, 1)
    assert feed.published() == [bar(1), bar(3)]


INTEGERS = st.integers(min_value=-(2**70), max_value=2**70)
NEAR = st.integers(min_value=-3, max_value=3)
ANY_BAR = st.builds(
    Bar,
    contract=st.sampled_from(("NQ 03-26", "ES 03-26", "NQ", "", "x" * 99)) | st.text(),
    close_ns=(INTEGERS | st.integers(0, 2_000).map(lambda m: STAMP + m * 60 * NANOS_PER_SECOND)),
    open=INTEGERS | NEAR.map(lambda t: 100_000 + t),
    high=INTEGERS | NEAR.map(lambda t: 100_002 + t),
    low=INTEGERS | NEAR.map(lambda t: 99_998 + t),
    close=INTEGERS | NEAR.map(lambda t: 100_000 + t),
    volume=INTEGERS | NEAR,
    bid_volume=st.none() | NEAR,
    ask_volume=st.none() | NEAR,
    up_ticks=st.none() | INTEGERS,
    down_ticks=st.none() | INTEGERS,
    delta_source=st.sampled_from(DeltaSource),
    historical=st.booleans(),
    partial=st.booleans(),
)


@given(batches=st.lists(st.lists(ANY_BAR, max_size=4), max_size=4), mode=st.sampled_from(TimeMode))
def test_nothing_unsound_gets_out(batches: list[list[Bar]], mode: TimeMode) -> None:
    """Whatever is sent, every bar is answered once, and only sound ones are published."""
    feed = FeedHarness(mode)
    for bars in batches:
        acknowledged = ack(feed.send(*bars))
        answered = acknowledged.accepted + acknowledged.duplicates + len(acknowledged.refused)
        assert answered == len(bars)
    accepted = feed.gateway.status().accepted
    newest: dict[str, int] = {}
    for published in feed.published():
        assert_sound(published)
        assert published.close_ns > newest.get(published.contract, 0)
        newest[published.contract] = published.close_ns
    assert len(bars_of(feed.answers)) == accepted, "no bar is left waiting"


def assert_sound(published: Bar) -> None:
    """Say the rules once more, in other words."""
    prices = (published.open, published.high, published.low, published.close)
    assert min(prices) == published.low > 0
    assert max(prices) == published.high
    assert published.volume >= 0
    split = (published.bid_volume, published.ask_volume)
    assert None not in split or split == (None, None)
    assert sum(part or 0 for part in split) == (0 if None in split else published.volume)
    assert published.close_ns % (60 * NANOS_PER_SECOND) == 0
    assert calendar().session_at(published.close_ns) is not None
    assert not published.partial
