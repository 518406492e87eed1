"""Whether the market is open, and why not: every kind of closure by a real date."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.calendar import Calendar, Override, et_ns
from services.domain.market_hours import closure_at
from services.domain.units import NANOS_PER_MINUTE, UnixNanos

_CALENDAR = Calendar()
_FIRST = et_ns("2025-11-01", "12:00")
_MINUTES = 400 * 24 * 60


@pytest.mark.parametrize(
    ("date", "clock", "text"),
    [
        ("2026-02-05", "17:30", "closed until 2026-02-05 18:00 ET (daily break)"),
        ("2026-02-06", "17:01", "closed until 2026-02-08 18:00 ET (weekend)"),
        ("2026-02-08", "12:00", "closed until 2026-02-08 18:00 ET (weekend)"),
        ("2025-12-25", "10:00", "closed until 2025-12-25 18:00 ET (no session on 2025-12-25)"),
        (
            "2025-11-27",
            "14:00",
            "closed until 2025-11-27 18:00 ET (early close 13:00 ET: Thanksgiving)",
        ),
        (
            "2026-04-03",
            "11:00",
            "closed until 2026-04-05 18:00 ET (early close 09:15 ET: Good Friday)",
        ),
        ("2026-04-04", "11:00", "closed until 2026-04-05 18:00 ET (weekend)"),
    ],
)
def test_why_it_is_closed(date: str, clock: str, text: str) -> None:
    """Until when in New York, and the reason: break, weekend, holiday, early close."""
    closure = closure_at(_CALENDAR, et_ns(date, clock))
    assert closure is not None
    assert closure.text == text


def test_an_override_closes_the_day() -> None:
    """What the exchange announced later counts like a holiday."""
    calendar = Calendar((Override(trade_date="2026-02-05", close_et="", reason="mourning"),))
    closure = closure_at(calendar, et_ns("2026-02-05", "10:00"))
    assert closure is not None
    assert closure.reason == "no session on 2026-02-05"


@given(st.integers(0, _MINUTES))
def test_it_is_open_or_closed_until_a_session_opens(minutes: int) -> None:
    """At every minute of a year: in a session, or closed until one whose first minute follows."""
    now = UnixNanos(_FIRST + minutes * NANOS_PER_MINUTE)
    closure = closure_at(_CALENDAR, now)
    assert (closure is None) is (_CALENDAR.session_at(now) is not None)
    if closure is not None:
        assert closure.until_ns >= now
        assert closure_at(_CALENDAR, UnixNanos(closure.until_ns + 1)) is None
        last = closure_at(_CALENDAR, closure.until_ns)
        assert last is not None
        assert last.until_ns == closure.until_ns
