"""`news.toml`: releases around which entries are blocked; without a list, whole days are.

Rule 1: a list counts for `news_list_age_max_days` from its date on; an older one is no list.
Rule 2: without a list the desk refuses entries on the days it knows an event for by itself: the
        decisions of the Federal Reserve, published years ahead.
A list of a later date than the clock in force counts: a replay knows what its day had in store.
"""

from datetime import date
from typing import Final

import msgspec

from services.domain.calendar import et_ns
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.risk.settings.news_list import NewsList, Release

# Source: Federal Open Market Committee, "Meeting calendars, statements, and minutes" and the
# tentative schedules for 2025-2026 and 2027: second day of each meeting, statement at 14:00 ET,
# https://www.federalreserve.gov/monetarypolicy/fomccalendars.htm
_FED: Final = frozenset(
    f"{year}-{day}"
    for year, days in {
        2024: "01-31 03-20 05-01 06-12 07-31 09-18 11-07 12-18",
        2025: "01-29 03-19 05-07 06-18 07-30 09-17 10-29 12-10",
        2026: "01-28 03-18 04-29 06-17 07-29 09-16 10-28 12-09",
        2027: "01-27 03-17 04-28 06-09 07-28 09-15 10-27 12-08",
    }.items()
    for day in days.split()
)


class _Window(msgspec.Struct, frozen=True):
    from_ns: UnixNanos
    until_ns: UnixNanos
    release: Release


class NewsBlackouts:
    """Blackout windows by trade date."""

    def __init__(self, news_list: NewsList | None) -> None:
        self._list_ordinal = (
            None if news_list is None else date.fromisoformat(news_list.as_of).toordinal()
        )
        self._list_date = "" if news_list is None else news_list.as_of
        self._windows: dict[str, list[_Window]] = {}
        for release in () if news_list is None else news_list.release:
            day, clock = release.at_et[:10], release.at_et[11:]
            at = et_ns(day, clock)
            window = _Window(
                UnixNanos(at - release.lead_minutes * NANOS_PER_MINUTE),
                UnixNanos(at + release.lag_minutes * NANOS_PER_MINUTE),
                release,
            )
            self._windows.setdefault(day, []).append(window)

    def refusal(self, trade_date: str, day: int, at_ns: UnixNanos, days_max: int) -> str | None:
        """Why entries are blocked at a time: a release, or a Fed day without a list; None: free.

        `day` is the ordinal of the trade date.
        """
        for window in self._windows.get(trade_date, ()):
            if window.from_ns <= at_ns <= window.until_ns:
                r = window.release
                return (
                    f"{r.name} at {r.at_et} ET: no entries from {r.lead_minutes} min before to "
                    f"{r.lag_minutes} min after"
                )
        if trade_date not in _FED or (
            self._list_ordinal is not None and day - self._list_ordinal <= days_max
        ):
            return None
        found = (
            f"the news list is of {self._list_date}" if self._list_date else "there is no news list"
        )
        return (
            f"{found}, expected one at most {days_max} days old: the Federal Reserve decides on "
            f"{trade_date}"
        )
