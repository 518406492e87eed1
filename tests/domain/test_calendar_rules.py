"""Every weekday of 2015 to 2026 against the exchange's holidays written as rules, Chicago time.

Nothing here knows the calendar's tables: days are counted out by weekday and by Easter.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.domain.calendar import Calendar, Session
from services.domain.units import NANOS_PER_SECOND

_CHICAGO = ZoneInfo("America/Chicago")
_DAY = timedelta(days=1)
_CLOSED, _NOON, _QUARTER_PAST = "", "12:00", "12:15"
"""Close in Chicago: none; a holiday of the stock exchanges; a shortened day of theirs."""
_REPORT_ON_GOOD_FRIDAY = (2015, 2021, 2023, 2026)
"""Years in which the employment report came out that day: equity futures close 08:15."""
_MOURNING = {"2018-12-05": "08:30", "2025-01-09": "08:30"}
_LATE_CLOSE_LAST = "2015-09-18"
"""Up to here a session ends 16:15."""


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _last_monday_of_may(year: int) -> date:
    return date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday())


def _observed(day: date) -> date:
    return day + {5: -_DAY, 6: _DAY}.get(day.weekday(), timedelta())


def _easter(year: int) -> date:
    # Gauss, with the corrections that hold from 1900 to 2099.
    moon = (19 * (year % 19) + 24) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    late = (moon == 29 and sunday == 6) or (moon == 28 and sunday == 6 and year % 19 > 10)
    return date(year, 3, 22) + timedelta(days=moon + sunday - 7 * late)


def _closes(year: int) -> dict[date, str]:
    # The year's days with another close than 16:00 in Chicago.
    new_year, fourth, christmas = date(year, 1, 1), date(year, 7, 4), date(year, 12, 25)
    thanks = _nth(year, 11, 3, 4)
    found = {
        _nth(year, 1, 0, 3): _NOON,
        _nth(year, 2, 0, 3): _NOON,
        _easter(year) - 2 * _DAY: "08:15" if year in _REPORT_ON_GOOD_FRIDAY else _CLOSED,
        _last_monday_of_may(year): _NOON,
        _observed(fourth): _NOON,
        _nth(year, 9, 0, 1): _NOON,
        thanks: _NOON,
        thanks + _DAY: _QUARTER_PAST,
        _observed(christmas): _CLOSED,
    }
    if new_year.weekday() != 5:
        found[_observed(new_year)] = _CLOSED
    if year >= 2022:
        found[_observed(date(year, 6, 19))] = _NOON
    for holiday in (fourth, christmas):
        # The stock exchanges shorten the day before a holiday from Tuesday to Friday.
        if 1 <= holiday.weekday() <= 4:
            found[holiday - _DAY] = _QUARTER_PAST
    return found


def _instant(day: date, clock: str) -> int:
    local = datetime.combine(day, datetime.min.time(), _CHICAGO)
    return int(local.replace(hour=int(clock[:2]), minute=int(clock[3:])).timestamp())


def _expected(day: date, close: str) -> tuple[int, int, int | None, int | None, bool]:
    opens, ends = _instant(day, "08:30"), _instant(day, min(close, "15:00"))
    regular = (opens, ends) if close > "08:30" else (None, None)
    return _instant(day - _DAY, "17:00"), _instant(day, close), *regular, close < "16:00"


def _told(session: Session) -> tuple[int, int, int | None, int | None, bool]:
    opens, ends = session.rth_open_ns, session.rth_close_ns
    return (
        session.open_ns // NANOS_PER_SECOND,
        session.close_ns // NANOS_PER_SECOND,
        None if opens is None else opens // NANOS_PER_SECOND,
        None if ends is None else ends // NANOS_PER_SECOND,
        session.early_close,
    )


def test_every_weekday_of_twelve_years() -> None:
    """No early close too many, none missed: session, regular hours and closed days alike."""
    calendar, day, sessions, early = Calendar(), date(2015, 1, 1), 0, 0
    while day.year <= 2026:
        told = calendar.session(day.isoformat())
        usual = "16:15" if day.isoformat() <= _LATE_CLOSE_LAST else "16:00"
        close = _MOURNING.get(day.isoformat()) or _closes(day.year).get(day, usual)
        if day.weekday() >= 5 or close == _CLOSED:
            assert told is None, day
        else:
            assert told is not None, day
            assert _told(told) == _expected(day, close), day
            sessions, early = sessions + 1, early + told.early_close
        day += _DAY
    assert (sessions, early) == (3100, 108)
