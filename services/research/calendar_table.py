"""The generator of the published closures: `python -m services.research.calendar_table`.

It writes `services/domain/published_closures.py`; why there is a table: docs/decisions/0003.
Rule 1: the library is the source. What it gets wrong stays wrong in the table; `closures.py`,
        written by hand and with its sources, corrects it when the calendar is built.
Rule 2: the text depends on the library's hours and the covered years, not on its version: a new
        version that publishes the same hours gives the same bytes.
"""

from datetime import date, timedelta
from pathlib import Path
from textwrap import TextWrapper
from typing import Any, Final

import services.domain
from services.domain.closures import COVERED_YEARS

TABLE: Final = Path(services.domain.__path__[0]) / "published_closures.py"
"""Found beside its package, not imported: the generator runs when the table is lost or broken."""

_FIRST: Final = date(COVERED_YEARS[0], 1, 1)
_LAST: Final = date(COVERED_YEARS[1], 12, 31)
_SATURDAY: Final = 5
_NAME: Final = "CME Globex Equity"
_ET: Final = "America/New_York"
_CLOSE: Final = "17:00"
_MARGIN: Final = 8 * " "
_WRAPPER: Final = TextWrapper(
    100, initial_indent=_MARGIN, subsequent_indent=_MARGIN, break_on_hyphens=False
)

_SPELLED: Final = {
    "Christmas Eve": "Christmas",
    "Dr. Martin Luther King Jr. Day": "Martin Luther King Jr. Day",
    "July 4th": "Independence Day",
    "Juneteenth Starting at 2022": "Juneteenth",
    "New Years Day": "New Year's Day",
    "Presidents Day": "Presidents' Day",
    "ThanksgivingFriday": "Thanksgiving",
}
"""The library's name of a rule -> the exchange's; a name that is not here stays as it is.
Source: CME Group holiday calendar, https://www.cmegroup.com/tools-information/holiday-calendar.html"""

_HEAD: Final = '''\
"""Closed weekdays and early closes as pandas_market_calendars publishes them. Generated.

DO NOT EDIT: `python -m services.research.calendar_table` writes this file, a test compares it.
Weekdays of {first} to {last} that are not here close at 17:00 ET. Corrections: closures.py.
"""

from types import MappingProxyType
from typing import Final

_DATES: Final = {{
'''
_RULE: Final = '''\
    ("{reason}", "{close}"): """
{days}
    """,
'''
_TAIL: Final = '''\
}
"""(Reason, close ET) -> its trade dates; an empty close: no session."""

PUBLISHED: Final = MappingProxyType(
    dict(sorted((day, (close, why)) for (why, close), on in _DATES.items() for day in on.split()))
)
"""Trade date -> (close ET, reason), in order."""
'''


def published() -> dict[str, tuple[str, str]]:
    """Ask the library for every weekday that does not close at 17:00 ET: close and reason."""
    # Imported here: two seconds that whoever only wants the text's path need not spend.
    from pandas_market_calendars import get_calendar

    library = get_calendar(_NAME)
    schedule = library.schedule(_FIRST.isoformat(), _LAST.isoformat())
    hours = schedule["market_close"].dt.tz_convert(_ET).dt.strftime("%H:%M")
    closes = dict(zip(hours.index.strftime("%Y-%m-%d"), hours, strict=True))
    reasons = _reasons(library)
    rows = {day: closes.get(day, "") for day in _weekdays()}
    assert not closes.keys() - rows.keys(), "the library has sessions that end on a weekend"
    return {
        day: (close, reasons.get((day, close), ""))
        for day, close in rows.items()
        if close != _CLOSE
    }


def text() -> str:
    """Give the table as the source text of its module."""
    dates: dict[tuple[str, str], list[str]] = {}
    for day, (close, reason) in published().items():
        dates.setdefault((reason, close), []).append(day)
    rules = (
        _RULE.format(reason=reason, close=close, days=_WRAPPER.fill(" ".join(days)))
        for (reason, close), days in sorted(dates.items())
    )
    head = _HEAD.format(first=COVERED_YEARS[0], last=COVERED_YEARS[1])
    return head + "".join(rules) + _TAIL


def _weekdays() -> list[str]:
    days = (_FIRST + timedelta(days=n) for n in range((_LAST - _FIRST).days + 1))
    return [day.isoformat() for day in days if day.weekday() < _SATURDAY]


def _reasons(library: Any) -> dict[tuple[str, str], str]:  # noqa: ANN401 the library is untyped
    # (date, close ET) -> name: one rule's date may be another rule's with another close.
    rules = [("", library.regular_holidays)]
    # Special closes are in Chicago time, an hour behind New York on every day of the year.
    rules += [(f"{at.hour + 1:02}:{at.minute:02}", days) for at, days in library.special_closes]
    named: dict[tuple[str, str], str] = {}
    for close, holidays in rules:
        for day, name in holidays.holidays(_FIRST, _LAST, return_name=True).items():
            named[(f"{day:%Y-%m-%d}", close)] = _SPELLED.get(name, name)
    return named


if __name__ == "__main__":
    TABLE.write_text(text(), encoding="utf-8", newline="\n")
