"""What the clock makes of a session, told with the price and at the time it happened."""

from itertools import pairwise

import pytest

from services.domain.messages.session import Phase, SessionUpdate
from services.domain.sentences import clock_text
from services.review.day.milestones import Milestone, milestones
from tests.support.played_day import FADE, REVERSAL, played_day

_RANGES = {Phase.EOR_BUILD: "or15", Phase.IB_BUILD: "eor30", Phase.AM: "ib"}
_ABSENT = [
    (),
    ("09:30",),
    ("09:45",),
    ("10:00", "10:30"),
    ("10:31",),
    ("16:00",),
    ("09:44", "09:45", "09:46", "15:59", "16:00", "16:01"),
]


def _without(date: str, clocks: tuple[str, ...]) -> list[SessionUpdate]:
    updates = played_day(date).updates["NQ 03-26"]
    return [u for u in updates if clock_text(u.close_ns) not in clocks]


def _all(updates: list[SessionUpdate]) -> list[Milestone]:
    first = list(milestones(None, updates[0]))
    return first + [each for a, b in pairwise(updates) for each in milestones(a, b)]


@pytest.mark.parametrize("absent", _ABSENT, ids=" ".join)
@pytest.mark.parametrize("date", [REVERSAL, FADE])
def test_a_phase_is_told_with_the_price_before_it(date: str, absent: tuple[str, ...]) -> None:
    """Each phase once; with the last bar before it, whichever minutes had no trades."""
    updates = _without(date, absent)
    found = _all(updates)
    begun = [b.phase for a, b in pairwise(updates) if a.phase is not b.phase]
    assert [each.phase for each in found] == [updates[0].phase, *begun]
    for each in found[1:]:
        before = [u for u in updates if u.phase.value < each.phase.value]
        assert each.reading is before[-1]
        assert f"{before[-1].contract} {before[-1].close / 4:.2f}" in each.text


@pytest.mark.parametrize("absent", _ABSENT, ids=" ".join)
def test_an_opening_range_is_told_when_it_is_complete(absent: tuple[str, ...]) -> None:
    """Final values, their size, and no second line for the phase that follows."""
    updates = _without(FADE, absent)
    told = {each.phase: each for each in _all(updates) if each.range is not None}
    assert list(told) == list(_RANGES)
    for phase, field in _RANGES.items():
        final = getattr(updates[-1].opening, field)
        assert told[phase].range == final
        assert f"{(final.high - final.low) / 4:.2f} pt" in told[phase].text


def test_a_date_begins_with_its_open() -> None:
    """No bar was before: the first price is what it opened with."""
    first = played_day(FADE).updates["NQ 03-26"][0]
    (only,) = milestones(None, first)
    assert only.text == f"session open, overnight, NQ 03-26 opens at {first.open / 4:.2f}"
