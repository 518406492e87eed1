"""The list of releases: its windows, its age, and the days known without it."""

import msgspec
import pytest

from services.domain.calendar import et_ns
from services.risk.schedule.expiry import date_ordinal
from services.risk.schedule.news import NewsBlackouts
from services.risk.settings.news_list import NewsList

LIST = """
as_of = "2026-02-06"
[[release]]
name = "payrolls"
at_et = "2026-02-06 08:30"
[[release]]
name = "Federal Reserve decision"
at_et = "2026-02-11 14:00"
lead_minutes = 5
lag_minutes = 15
"""


def refusal(listed: NewsList | None, date: str, clock: str, days_max: int = 7) -> str:
    """What the list says of a moment; empty: nothing."""
    found = NewsBlackouts(listed).refusal(date, date_ordinal(date), et_ns(date, clock), days_max)
    return found or ""


def parse(text: str) -> NewsList:
    """Read a list."""
    return msgspec.toml.decode(text, type=NewsList)


@pytest.mark.parametrize(
    ("clock", "refused"),
    [("13:54", False), ("13:55", True), ("14:00", True), ("14:15", True), ("14:16", False)],
)
def test_a_release_keeps_entries_away_before_and_after(clock: str, *, refused: bool) -> None:
    """Both ends of the window belong to it, and the sentence names release and minutes."""
    said = refusal(parse(LIST), "2026-02-11", clock)
    assert bool(said) is refused
    if refused:
        assert said == (
            "Federal Reserve decision at 2026-02-11 14:00 ET: no entries from 5 min before to "
            "15 min after"
        )


def test_two_minutes_are_the_usual_window() -> None:
    """A release without minutes of its own has the specification's two."""
    assert refusal(parse(LIST), "2026-02-06", "08:28")
    assert not refusal(parse(LIST), "2026-02-06", "08:27")
    assert not refusal(parse(LIST), "2026-02-09", "08:30")


def test_a_fed_day_is_blocked_without_a_current_list() -> None:
    """On other days nobody needs a list; a list of a later date than the clock is a good one."""
    assert "there is no news list" in refusal(None, "2026-01-28", "10:00")
    assert not refusal(None, "2026-01-29", "10:00")
    old, new = NewsList(as_of="2026-01-20"), NewsList(as_of="2026-01-21")
    assert "the news list is of 2026-01-20" in refusal(old, "2026-01-28", "10:00")
    assert not refusal(new, "2026-01-28", "10:00")
    assert not refusal(NewsList(as_of="2026-12-01"), "2026-01-28", "10:00")


@pytest.mark.parametrize(
    "wrong",
    ['as_of = "2026-02-30"', 'as_of = "yesterday"', 'as_of = "2026-02-06"\nuntil = "x"', ""],
)
def test_a_list_that_cannot_be_is_refused(wrong: str) -> None:
    """A date that is none, an unknown key or no date stops the start."""
    with pytest.raises(msgspec.ValidationError):
        parse(wrong)
