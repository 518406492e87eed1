"""Bars without bid and ask volume, as NinjaTrader's own export has them: what trades on them."""

import tempfile
from pathlib import Path

import msgspec
import pytest

from services.domain.calendar import Calendar
from services.domain.messages.market import DeltaSource
from services.review.day.played import play_day
from services.review.day.trades import trades_of
from services.synthetic.day_plans import DayKind
from services.synthetic.market import generate
from services.venue.played_market.minutes import MinuteBars
from tests.support.process_desk import ROOT, playback, private_folder

DATE = "2026-01-14"
TRADED = {DayKind.BEAR_ACCEPTANCE: ["bear_acceptance_short"]}
"""Of the days that are made for a strategy, those whose strategy asks for no delta."""
MADE_FOR_ONE = (
    DayKind.OR_REVERSAL,
    DayKind.TREND_DAY_BULL,
    DayKind.P_DAY_PULLBACK,
    DayKind.IBL_FADE,
    DayKind.EDGE_FADE,
    DayKind.BEAR_ACCEPTANCE,
)


def _without_split(minute: MinuteBars) -> MinuteBars:
    at, bars = minute
    none = {"bid_volume": None, "ask_volume": None, "delta_source": DeltaSource.NONE}
    return at, tuple(msgspec.structs.replace(bar, **none) for bar in bars)


@pytest.mark.parametrize("kind", MADE_FOR_ONE)
def test_only_what_asks_for_no_delta_trades(kind: DayKind) -> None:
    """As the pages state: Bear Acceptance Short does, every other shipped strategy does not."""
    made = generate(DATE, seed=1, kind=kind, calendar=Calendar())
    play = playback(tuple(_without_split(minute) for minute in made), "plain")
    with tempfile.TemporaryDirectory() as folder:
        record = play_day(private_folder(Path(folder), play), play, DATE)
    traded = [trade.position.strategy for trade in trades_of(record)]
    assert traded == TRADED.get(kind, [])


def test_the_pages_state_it() -> None:
    """Whoever exports without volumes reads beforehand what will trade."""
    for page in ("README.md", "docs/export-from-ninjatrader.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert "bear_acceptance_short" in text
        assert "delta_missing" in text
