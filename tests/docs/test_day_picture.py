"""The SVG of a day: small, well-formed, with every trade and every refusal in it."""

from xml.etree import ElementTree as ET

import pytest

from docs.tools.day_picture import Focus, draw
from docs.tools.label_spread import spread_labels
from services.domain.errors import ConfigError
from services.domain.messages.risk import Verdict
from services.domain.messages.session import SessionUpdate
from services.review.day.record import DayRecord
from tests.support.played_day import FADE, REVERSAL, messages_of, played_day, with_candidate

_SVG = "{http://www.w3.org/2000/svg}"
_BYTES_MAX = 150_000


def titles(svg: str, kind: str) -> list[str]:
    """What the marks of a kind say when pointed at."""
    groups = ET.fromstring(svg).iter(f"{_SVG}g")  # noqa: S314 - we made it
    return [g.findtext(f"{_SVG}title", "") for g in groups if g.get("class") == kind]


@pytest.mark.parametrize(
    ("date", "strategy", "said"),
    [
        (REVERSAL, "opening_range_reversal", "SHORT 1 MNQ 03-26: 09:46 at 25008.50, TARGET"),
        (FADE, "edge_fade", "LONG 1 MNQ 03-26: 11:28 at"),
    ],
)
def test_a_trade_is_drawn(date: str, strategy: str, said: str) -> None:
    """Its sentence is in the picture, and the picture is fit for a document."""
    svg = draw(played_day(date), focus=Focus(strategy=strategy))
    (words,) = titles(svg, "trade")
    assert said in words
    assert len(svg) < _BYTES_MAX
    assert len(draw(played_day(date))) < _BYTES_MAX


def test_refusals_are_drawn_and_a_focus_leaves_others_out() -> None:
    """Each candidate that became no order has its mark; another strategy's picture has not."""
    record = played_day(FADE)
    at = record.updates["NQ 03-26"][-300]
    record = with_candidate(record, at, {})
    record = with_candidate(record, at, {"verdict": Verdict.SUPPRESSED, "code": "SUPPRESSED"})
    refused = titles(draw(record), "refused")
    assert ["DAILY_LOSS" in refused[0], "suppressed: lost" in refused[1]] == [True, True]
    assert "edge_fade" not in draw(record, focus=Focus(strategy="opening_range_reversal"))


def test_a_day_without_trades_is_drawn() -> None:
    """Bars alone make a picture; no bars make a sentence."""
    quiet = DayRecord(
        FADE, messages=[u for u in messages_of(played_day(FADE)) if isinstance(u, SessionUpdate)]
    )
    svg = draw(quiet)
    assert "no trade" in svg
    assert titles(svg, "trade") == []
    with pytest.raises(ConfigError, match=r"has no bars of RTY 03-26 from 09:25 to 16:05"):
        draw(quiet, contract="RTY 03-26")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], []),
        ([50.0], [50.0]),
        ([50.0, 52.0], [46.0, 56.0]),
        ([52.0, 50.0], [56.0, 46.0]),
        ([0.0, 0.0, 30.0], [0.0, 10.0, 30.0]),
        ([99.0, 100.0], [90.0, 100.0]),
        ([20.0, 80.0], [20.0, 80.0]),
    ],
)
def test_labels_move_apart_as_little_as_needed(wanted: list[float], expected: list[float]) -> None:
    """Each keeps its distance and its order, none leaves the panel."""
    assert spread_labels(wanted, 10.0, 0.0, 100.0) == pytest.approx(expected)


def test_labels_without_room_share_it() -> None:
    """More labels than fit stand closer, still in order and inside."""
    places = spread_labels([50.0] * 40, 10.0, 0.0, 100.0)
    assert places == sorted(places)
    assert places[0] >= 0.0
    assert places[-1] <= 100.0
