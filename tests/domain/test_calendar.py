"""The calendar: sessions, early closes, trade dates, both clock changes, overrides."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.calendar import Calendar, Override, Session, et_ns, et_text, evening_ns
from services.domain.closures import COVERED_YEARS
from services.domain.errors import ConfigError
from services.domain.units import NANOS_PER_MINUTE, UnixNanos

_HOUR = 60 * NANOS_PER_MINUTE
_CALENDAR = Calendar()
_FIRST_NS = et_ns(f"{COVERED_YEARS[0]}-01-03", "00:00")
_LAST_NS = et_ns(f"{COVERED_YEARS[1]}-12-31", "17:00")


def _session(trade_date: str) -> Session:
    session = _CALENDAR.session(trade_date)
    assert session is not None
    return session


def _sessions() -> list[Session]:
    found = [_session(f"{COVERED_YEARS[0]}-01-02")]
    while (following := _CALENDAR.next(found[-1].trade_date)) is not None:
        found.append(following)
    return found


def test_a_regular_day() -> None:
    """18:00 the evening before to 17:00, regular hours 09:30 to 16:00, nothing to note."""
    session = _session("2026-02-06")
    assert et_text(session.open_ns) == "2026-02-05 18:00 ET"
    assert et_text(session.close_ns) == "2026-02-06 17:00 ET"
    assert session.rth_open_ns == et_ns("2026-02-06", "09:30")
    assert session.rth_close_ns == et_ns("2026-02-06", "16:00")
    assert not session.early_close
    assert session.note == ""


@pytest.mark.parametrize(
    ("trade_date", "close", "reason"),
    [
        ("2025-01-20", "13:00", "Martin Luther King Jr. Day"),
        ("2026-02-16", "13:00", "Presidents' Day"),
        ("2026-05-25", "13:00", "Memorial Day"),
        ("2026-06-19", "13:00", "Juneteenth"),
        ("2025-07-03", "13:15", "Independence Day"),
        ("2025-07-04", "13:00", "Independence Day"),
        ("2026-07-03", "13:00", "Independence Day"),
        ("2026-09-07", "13:00", "Labor Day"),
        ("2026-11-26", "13:00", "Thanksgiving"),
        ("2026-11-27", "13:15", "Thanksgiving"),
        ("2026-12-24", "13:15", "Christmas"),
    ],
)
def test_regular_hours_end_with_an_early_close(trade_date: str, close: str, reason: str) -> None:
    """The session and its regular hours end together, and the note says why."""
    session = _session(trade_date)
    assert session.close_ns == session.rth_close_ns == et_ns(trade_date, close)
    assert session.early_close
    assert session.note == f"early close {close} ET: {reason}"


@pytest.mark.parametrize(
    ("trade_date", "close", "reason"),
    [
        ("2018-12-05", "09:30", "National Day of Mourning"),
        ("2025-01-09", "09:30", "National Day of Mourning"),
        ("2015-04-03", "09:15", "Good Friday"),
        ("2021-04-02", "09:15", "Good Friday"),
        ("2023-04-07", "09:15", "Good Friday"),
        ("2026-04-03", "09:15", "Good Friday"),
    ],
)
def test_a_session_that_ends_before_regular_hours_has_none(
    trade_date: str, close: str, reason: str
) -> None:
    """Overnight trading only; strategies see a session without regular hours."""
    session = _session(trade_date)
    assert session.close_ns == et_ns(trade_date, close)
    assert session.rth_open_ns is None
    assert session.rth_close_ns is None
    assert session.note == f"early close {close} ET: {reason}"


@pytest.mark.parametrize(
    "trade_date",
    [
        "2016-12-26",
        "2017-01-02",
        "2021-12-24",
        "2024-03-29",
        "2025-01-01",
        "2025-04-18",
        "2025-12-25",
        "2027-03-26",
        "2026-02-07",
        "2026-02-08",
        "not a date",
    ],
)
def test_a_day_without_trading_has_no_session(trade_date: str) -> None:
    """New Year, Christmas, Good Friday without a jobs report, weekends, and nonsense."""
    assert _CALENDAR.session(trade_date) is None


@pytest.mark.parametrize(
    ("trade_date", "hours"),
    [
        ("2026-03-06", 23),
        ("2026-03-09", 23),
        ("2026-10-30", 23),
        ("2026-11-02", 23),
        ("2015-09-18", 23.25),
        ("2015-09-21", 23),
    ],
)
def test_a_session_is_23_hours_across_clock_changes(trade_date: str, hours: float) -> None:
    """The clock changes on a Sunday morning, when there is no session; 2015 moved the close."""
    session = _session(trade_date)
    assert session.close_ns - session.open_ns == hours * _HOUR


@pytest.mark.parametrize(
    ("trade_date", "clock", "offset_hours"),
    [
        ("2026-03-07", "09:30", 5),
        ("2026-03-08", "09:30", 4),
        ("2026-10-31", "18:00", 4),
        ("2026-11-01", "18:00", 5),
        ("2025-03-09", "18:00", 4),
        ("2025-11-02", "18:00", 5),
    ],
)
def test_wall_clock_follows_new_york(trade_date: str, clock: str, offset_hours: int) -> None:
    """UTC is five hours ahead in winter and four in summer, from the day of the change on."""
    midnight_utc = et_ns("2026-01-01", "00:00") - 5 * _HOUR
    days = (et_ns(trade_date, "00:00") - midnight_utc) // (24 * _HOUR)
    minutes = int(clock[:2]) * 60 + int(clock[3:])
    as_if_utc = midnight_utc + days * 24 * _HOUR + minutes * NANOS_PER_MINUTE
    assert et_ns(trade_date, clock) == as_if_utc + offset_hours * _HOUR
    assert et_text(et_ns(trade_date, clock)) == f"{trade_date} {clock} ET"


def test_the_evening_before_a_clock_change_is_a_calendar_day_away() -> None:
    """Not 24 hours: the Sunday evening after the change, the Saturday evening before it."""
    assert et_text(evening_ns("2026-03-09", "18:00")) == "2026-03-08 18:00 ET"
    assert et_ns("2026-03-08", "18:00") - evening_ns("2026-03-08", "18:00") == 23 * _HOUR
    assert et_ns("2026-11-01", "18:00") - evening_ns("2026-11-01", "18:00") == 25 * _HOUR
    assert et_text(evening_ns("2026-01-01", "18:00")) == "2025-12-31 18:00 ET"


def test_a_close_stamp_belongs_to_the_session_it_ends_in() -> None:
    """Open is outside, close is inside; both to the nanosecond."""
    session = _session("2026-02-06")
    inside = (session.open_ns + 1, session.close_ns)
    outside = (session.open_ns, session.close_ns + 1)
    assert all(_CALENDAR.session_at(UnixNanos(ns)) == session for ns in inside)
    assert all(_CALENDAR.session_at(UnixNanos(ns)) is None for ns in outside)


@pytest.mark.parametrize(
    ("date", "clock", "trade_date"),
    [
        ("2026-02-05", "17:00", "2026-02-05"),
        ("2026-02-05", "17:01", "2026-02-06"),
        ("2026-02-05", "18:00", "2026-02-06"),
        ("2026-02-06", "00:00", "2026-02-06"),
        ("2026-02-06", "17:30", "2026-02-09"),
        ("2026-02-07", "12:00", "2026-02-09"),
        ("2025-01-09", "09:30", "2025-01-09"),
        ("2025-01-09", "09:31", "2025-01-10"),
        ("2025-04-18", "10:00", "2025-04-21"),
        ("2025-12-31", "17:01", "2026-01-02"),
        ("2026-11-26", "14:00", "2026-11-27"),
    ],
)
def test_time_outside_sessions_belongs_to_the_next_trade_date(
    date: str, clock: str, trade_date: str
) -> None:
    """The daily break, weekends, holidays, and the afternoon after an early close."""
    assert _CALENDAR.trade_date_of(et_ns(date, clock)) == trade_date


@pytest.mark.parametrize(
    ("date", "clock", "trade_date"),
    [
        ("2012-06-01", "17:00", "2012-06-01"),
        ("2012-06-01", "17:01", "2012-06-04"),
        ("2012-12-31", "18:30", "2013-01-01"),
        ("2035-12-31", "17:01", "2036-01-01"),
        ("2040-01-07", "09:00", "2040-01-09"),
        ("1969-12-31", "09:00", "1969-12-31"),
    ],
)
def test_outside_the_covered_years_the_weekday_rules(
    date: str, clock: str, trade_date: str
) -> None:
    """No session there, but still one trade date for every time."""
    assert _CALENDAR.session_at(et_ns(date, clock)) is None
    assert _CALENDAR.session(trade_date) is None
    assert _CALENDAR.trade_date_of(et_ns(date, clock)) == trade_date


def test_previous_and_next_skip_days_without_a_session() -> None:
    """Also asked from such a day, and from beyond the ends."""
    names = [
        session and session.trade_date
        for session in (
            _CALENDAR.previous("2026-02-09"),
            _CALENDAR.previous("2026-01-01"),
            _CALENDAR.previous("2026-01-02"),
            _CALENDAR.next("2025-12-24"),
            _CALENDAR.next("2025-12-25"),
            _CALENDAR.previous(f"{COVERED_YEARS[0]}-01-02"),
            _CALENDAR.next(f"{COVERED_YEARS[1]}-12-31"),
        )
    ]
    assert names == [
        "2026-02-06",
        "2025-12-31",
        "2025-12-31",
        "2025-12-26",
        "2025-12-26",
        None,
        None,
    ]


def test_sessions_never_touch_and_every_weekday_is_explained() -> None:
    """In order, an hour apart at least, and only the known holidays have none."""
    sessions = _sessions()
    assert sessions[-1].trade_date == f"{COVERED_YEARS[1]}-12-31"
    for before, after in pairwise(sessions):
        gap_minutes = (after.open_ns - before.close_ns) / NANOS_PER_MINUTE
        assert gap_minutes >= (45 if before.trade_date <= "2015-09-18" else 60)
    for session in sessions:
        assert (session.rth_open_ns is None) == (session.rth_close_ns is None)
        assert session.early_close == bool(session.note)
    full_year = [s for s in sessions if s.trade_date.startswith("2025")]
    assert len(full_year) == 261 - len(("New Year", "Good Friday", "Christmas"))


@given(st.integers(_FIRST_NS, _LAST_NS))
def test_trade_date_and_session_agree(ns: int) -> None:
    """Inside a session its date; outside, the date of the first session that ends later."""
    now = UnixNanos(ns)
    trade_date = _CALENDAR.trade_date_of(now)
    session = _CALENDAR.session(trade_date)
    assert session is not None
    assert ns <= session.close_ns
    before = _CALENDAR.previous(trade_date)
    assert before is None or before.close_ns < ns
    assert _CALENDAR.session_at(now) == (session if session.open_ns < ns else None)


def test_an_override_adds_moves_and_removes_sessions() -> None:
    """What the desk was told since wins over the table, and only on its days."""
    calendar = Calendar(
        (
            Override("2027-03-26", "09:15", "jobs report on Good Friday"),
            Override("2026-12-02", "", "closed by order"),
            Override("2026-12-03", "13:00", "National Day of Mourning"),
            Override("2026-12-24", "17:00", "early close called off"),
        )
    )
    added = calendar.session("2027-03-26")
    assert added is not None
    assert added.note == "early close 09:15 ET: jobs report on Good Friday"
    assert calendar.session("2026-12-02") is None
    assert calendar.trade_date_of(et_ns("2026-12-02", "10:00")) == "2026-12-03"
    moved = calendar.session("2026-12-03")
    assert moved is not None
    assert moved.rth_close_ns == et_ns("2026-12-03", "13:00")
    lifted = calendar.session("2026-12-24")
    assert lifted is not None
    assert (lifted.early_close, lifted.note) == (False, "")
    assert calendar.session("2026-12-04") == _CALENDAR.session("2026-12-04")
    assert _CALENDAR.session("2026-12-02") is not None


@pytest.mark.parametrize(
    ("trade_date", "close"),
    [
        ("2026-02-30", "13:00"),
        ("20261202", "13:00"),
        ("2026-12-05", "13:00"),
        ("2012-12-05", "13:00"),
        ("2036-12-05", "13:00"),
        ("2026-12-02", "25:00"),
        ("2026-12-02", "1300"),
        ("2026-12-02", "17:15"),
    ],
)
def test_an_impossible_override_is_refused(trade_date: str, close: str) -> None:
    """No date, a weekend, outside the covered years, no time, or after the regular close."""
    with pytest.raises(ConfigError, match="expected a weekday of 2013 to 2035") as caught:
        Calendar((Override(trade_date, close, "typo"),))
    assert trade_date in str(caught.value)


def test_a_misspelt_override_is_refused_where_it_is_read() -> None:
    """The configuration names the key; unknown keys are refused too."""
    for row in (
        {"trade_date": "tomorrow", "close_et": "", "reason": ""},
        {"trade_date": "2026-12-02", "close_et": "1 pm", "reason": ""},
        {"trade_date": "2026-12-02", "close_et": "", "reason": "", "open_et": "18:00"},
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(row, Override)
