"""Whether the list of economic releases is current, and which are due today."""

from datetime import date, timedelta
from typing import Final

from services.doctor.finding import Finding, grade
from services.doctor.snapshot import DeskSnapshot
from services.domain.calendar import et_text
from services.domain.messages.market import TimeMode
from services.domain.units import UnixNanos
from services.risk.schedule.news import NewsBlackouts
from services.risk.settings.news_list import Release

_AHEAD_DAYS: Final = 7
_NEVER: Final = UnixNanos(0)
"""A moment no release is near: what is left to refuse is the day."""
_MEND: Final = "look the releases up, write them and today's date into news.toml, restart flat"


def releases(snapshot: DeskSnapshot) -> Finding:
    """Age of the list of releases, and what of it is today.

    A list that does not count is amber, and red on a day of the Federal Reserve: then the desk
    blocks entries the whole day.
    """
    most = snapshot.limits.news_list_age_max_days
    expected = f"a list of releases at most {most} days old"
    if snapshot.manifest.mode is TimeMode.PLAYBACK:
        return grade("news", "playback: judged by the client's clock", expected)
    listed = snapshot.limits.news
    day = snapshot.calendar.trade_date_of(snapshot.now)
    red = [f"{text}: {_MEND}"] if (text := _day_refusal(snapshot, day)) else []
    amber = []
    if listed is None:
        found = "no list of releases"
        amber.append(f"{found}: {_MEND}")
    else:
        age = (date.fromisoformat(day) - date.fromisoformat(listed.as_of)).days
        found = f"list of {listed.as_of}, {_days(age)} old; {_coming(listed.release, snapshot)}"
        if age < 0:
            amber.append(f"the list is dated {listed.as_of}, after {day}")
        if age > most:
            amber.append(f"the list is of {listed.as_of}, {_days(age)} old: {_MEND}")
        amber += [_blackout_text(row) for row in listed.release if row.at_et[:10] == day]
    if not _has_fomc_dates(day[:4]):
        amber.append(f"the desk has no FOMC dates for {day[:4]}")
    return grade("news", found, expected, red=red, amber=[] if red else amber)


def _day_refusal(snapshot: DeskSnapshot, day: str) -> str | None:
    ordinal = date.fromisoformat(day).toordinal()
    return NewsBlackouts(snapshot.limits.news).refusal(
        day, ordinal, _NEVER, snapshot.limits.news_list_age_max_days
    )


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def _coming(listed: tuple[Release, ...], snapshot: DeskSnapshot) -> str:
    now = et_text(snapshot.now)[:16]
    until = et_text(UnixNanos(snapshot.now + _AHEAD_DAYS * 86_400 * 10**9))[:16]
    ahead = sorted(f"{row.at_et} {row.name}" for row in listed if now <= row.at_et <= until)
    return f"next: {ahead[0]}" if ahead else f"none listed in the next {_AHEAD_DAYS} days"


def _blackout_text(row: Release) -> str:
    return (
        f"today: {row.name} at {row.at_et[11:]} ET, no entries from {row.lead_minutes} min before"
        f" to {row.lag_minutes} min after"
    )


def _has_fomc_dates(year: str) -> bool:
    # Without a list, some day of a year with known FOMC dates is refused.
    first = date(int(year), 1, 1)
    days = (first + timedelta(days=n) for n in range(365))
    nothing = NewsBlackouts(None)
    return any(nothing.refusal(f"{day}", day.toordinal(), _NEVER, 0) for day in days)
