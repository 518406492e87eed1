"""Levels supplied by a client: sound ones are published, the others refused by name."""

from typing import Any

import pytest
from msgspec.structs import replace

from services.domain.calendar import et_ns
from services.domain.messages.market import FaultKind, FeedFault, SuppliedLevels, TimeMode
from services.domain.units import Ticks, UnixNanos
from tests.support.feed_builder import FeedHarness, ack, bar, of, watermark

LEVELS = SuppliedLevels(
    contract="NQ 03-26",
    trade_date="2026-02-06",
    prior_high=Ticks(100_400),
    prior_low=Ticks(99_600),
    prior_close=Ticks(100_000),
    overnight_high=Ticks(100_200),
    overnight_low=Ticks(99_800),
)


def _refused(**changes: Any) -> tuple[FaultKind, str]:
    feed = FeedHarness()
    said = feed.send(levels=(replace(LEVELS, **changes),), watermark=watermark(0))
    (fault,) = of(said, FeedFault)
    assert of(said, SuppliedLevels) == []
    assert ack(said).levels_refused == (fault.text,)
    assert not fault.blocks_entries
    assert feed.gateway.status().levels_refused == 1
    return fault.kind, fault.text


def test_sound_levels_are_published_before_the_bars_of_their_batch() -> None:
    """Once: a batch sent again is acknowledged and says nothing."""
    feed = FeedHarness()
    said = feed.send(bar(), levels=(LEVELS,), watermark=watermark(0))
    assert [type(m).__name__ for m in said] == ["SuppliedLevels", "MarketMinute", "FeedAck"]
    assert said[0] == LEVELS
    assert ack(said).levels_refused == ()
    again = feed.send(bar(), levels=(LEVELS,), watermark=watermark(0), sequence=1)
    assert [type(m).__name__ for m in again] == ["FeedAck"]
    assert feed.gateway.status().levels_accepted == 1


def test_levels_need_neither_bars_nor_every_field() -> None:
    """Nothing but a close, in a batch of its own; equal ends are a range."""
    only = SuppliedLevels(
        contract="ES 03-26", trade_date="2026-02-06", prior_close=Ticks(1), asia_high=Ticks(5)
    )
    flat = replace(LEVELS, overnight_high=LEVELS.overnight_low)
    said = FeedHarness().send(levels=(only, flat))
    assert of(said, SuppliedLevels) == [only, flat]


def test_contract_that_is_not_declared() -> None:
    """By the client to this desk: YM is known to the world, not here."""
    kind, text = _refused(contract="YM 03-26")
    assert kind is FaultKind.UNKNOWN_CONTRACT
    assert "'YM 03-26'" in text


@pytest.mark.parametrize("date", ["2026-02-07", "2026-2-6", "", "6 February", "x" * 400])
def test_date_that_is_no_session(date: str) -> None:
    """A Saturday, another spelling, no date at all; what comes from outside is cut."""
    kind, text = _refused(trade_date=date)
    assert kind is FaultKind.OUTSIDE_SESSION
    assert "expected a trade date such as" in text
    assert len(text) < 200


def test_date_of_another_time() -> None:
    """Today's and the next session's are taken, Monday's on a Friday; others are not."""
    kind, text = _refused(trade_date="2026-02-05")
    assert kind is FaultKind.OUT_OF_ORDER
    assert text.endswith("came on 2026-02-06, expected those of 2026-02-06 or 2026-02-09")
    assert _refused(trade_date="2026-02-10")[0] is FaultKind.IN_FUTURE
    monday = replace(LEVELS, trade_date="2026-02-09")
    assert of(FeedHarness().send(levels=(monday,), watermark=watermark(0)), SuppliedLevels) == [
        monday
    ]


def test_clock_in_force_is_the_watermark_or_the_live_clock() -> None:
    """Before the first watermark any session may be meant; then, and live, this and the next."""
    old = replace(LEVELS, trade_date="2026-02-03")
    feed = FeedHarness()
    assert of(feed.send(levels=(old,)), SuppliedLevels) == [old]
    feed.tick(0, bar())
    assert of(feed.send(levels=(old,)), SuppliedLevels) == []
    live = FeedHarness(TimeMode.LIVE)
    live.now = UnixNanos(et_ns("2026-02-05", "18:05"))
    assert of(live.send(levels=(old,)), SuppliedLevels) == []
    assert of(live.send(levels=(LEVELS,)), SuppliedLevels) == [LEVELS]


@pytest.mark.parametrize("ticks", [0, -4, 2**31])
def test_price_that_is_none(ticks: int) -> None:
    """Positive and within the wire's bounds; the field is named."""
    kind, text = _refused(prior_close=Ticks(ticks))
    assert kind is FaultKind.BAD_PRICE
    assert text.startswith("prior_close in levels of NQ 03-26 for 2026-02-06 is ")


@pytest.mark.parametrize("name", ["prior", "overnight", "asia", "london"])
def test_high_below_its_low(name: str) -> None:
    """Named with both ends in points."""
    ends = {f"{name}_high": Ticks(99_999), f"{name}_low": Ticks(100_000)}
    kind, text = _refused(**ends)
    assert kind is FaultKind.BAD_RANGE
    assert f"{name}_high" in text
    assert "24999.75 pt" in text
    assert "25000.00" in text


def test_a_stranger_supplies_nothing() -> None:
    """A client without hello: refused in the answer, nothing published."""
    feed = FeedHarness(hello_first=False)
    said = feed.send(levels=(LEVELS,))
    assert of(said, SuppliedLevels) == []
    assert len(ack(said).levels_refused) == 1
