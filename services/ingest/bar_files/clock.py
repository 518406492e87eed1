"""Whether a file's clock is right: its bars against the hours in which index futures trade.

They do not trade from 17:00 to 18:00 New York, nor at weekends. A week with bars in hours the
calendar has closed, that one shift by hours or half hours would move into open ones, was written
with a clock off by that shift. One week is judged at a time: a wrong daylight-saving rule is wrong
for some weeks only. Bars no one shift would make right are the gateway's to refuse, one by one.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from services.domain.calendar import Calendar, et_text
from services.domain.closures import COVERED_YEARS
from services.domain.errors import FeedError
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.ingest.bar_files.scan import Scan
from services.ingest.bar_files.stamps import zone_of

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = 60 * NANOS_PER_MINUTE
_DAY: Final = 24 * _HOUR
_ONE_IN: Final = 100
"""Fewer bars than one in so many are odd bars, not a wrong clock."""
_CLOSED_FEW: Final = 5
"""Bars in closed hours below which nothing is concluded from them."""
_SHIFTS_MAX: Final = 28
"""Half hours a clock may be off."""
_HALF: Final = _HOUR // 2
_DAY_BREAK: Final = 2 * _HOUR
_DAYS_FEW: Final = 2
_REGULAR_HOUR: Final = 9
_REGULAR_MINUTES: Final = (388, 389, 390, 403, 404, 405)
"""From the first stamp of regular hours to the last, to 16:00 or 16:15, one missing or none."""
_FITS_MAX: Final = 2
"""Zones that fit beyond which none is named: the file shows too little."""
_ZONES: Final = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "UTC",
    "Etc/GMT+5", "Etc/GMT+6", "Europe/London", "Europe/Berlin", "Europe/Helsinki",
    "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip
"""Zones that are tried when a file's own does not fit; GMT+5 is New York without summer time."""

Stamps = npt.NDArray[np.int64]


@cache
def trading_calendar() -> Calendar:
    """The published calendar; a desk's own overrides only close more, and refuse bar by bar."""
    return Calendar()


def refuse_uncovered(scan: Scan) -> None:
    """Check that the calendar covers the file.

    Raises: FeedError when it does not cover more than odd rows of it.
    """
    first, last = _calendar_bounds()
    outside = (scan.stamps < first) | (scan.stamps > last)
    if int(outside.sum()) * _ONE_IN > len(scan.stamps):
        at = int(np.argmax(outside))
        raise FeedError(
            f"line {scan.lines[at]}: its bar is of {et_text(UnixNanos(int(scan.stamps[at])))},"
            f" expected one of {COVERED_YEARS[0]} to {COVERED_YEARS[1]}, the years the trading"
            " calendar covers"
        )


def refuse_wrong_clock(scan: Scan, zone: str | None, option: str) -> None:
    """Check every week's bars against the hours in which index futures trade.

    `zone`: that of its naive stamps, None where none is naive. `option`: what would help.
    Raises: FeedError with by how many hours which weeks are off.
    """
    _refuse_moved_regular_hours(scan, option)
    wrong: dict[int, list[int]] = {}
    weeks = _half_hours_by_week(scan.stamps)
    for week, hours in weeks.items():
        if shift := _shift_of(hours):
            wrong.setdefault(shift, []).append(week)
    if not wrong:
        return
    shift, found = max(wrong.items(), key=lambda item: len(item[1]))
    hours_of_week = weeks[found[0]]
    first = min(hour for hour in hours_of_week if not _is_open(hour))
    at = int(np.argmax((scan.stamps > first * _HALF) & (scan.stamps < (first + 1) * _HALF)))
    first_day = et_text(UnixNanos(min(weeks[found[0]]) * _HALF))[:10]
    last_day = et_text(UnixNanos(max(weeks[found[-1]]) * _HALF))[:10]
    closed = sum(n for week in found for h, n in weeks[week].items() if not _is_open(h))
    off = _off_text(shift / 2)
    rest = (
        ""
        if len(found) == len(weeks)
        else f", in other weeks it is {'right' if len(wrong) == 1 else 'off otherwise'}: it was"
        " written under another daylight-saving rule"
    )
    fits = [name for name in _ZONES if zone and name != zone and _fits(scan.stamps, zone, name)]
    advice = (
        f"{option} {' or '.join(fits)} fits".strip()
        if 0 < len(fits) <= _FITS_MAX
        else "export it again with its stamps in one known zone"
    )
    raise FeedError(
        f"line {scan.lines[at]}: its clock is {off} from {first_day} to {last_day}{rest};"
        f" {closed:,} bars, the first at {et_text(UnixNanos(int(scan.stamps[at])))}, lie in"
        " hours in which index futures do not trade (17:00 to 18:00 New York and weekends),"
        f" expected none; {advice}"
    )


def _refuse_moved_regular_hours(scan: Scan, option: str) -> None:
    # A file of regular hours alone has no bars where the market is closed, but its days all begin
    # at one clock and are as long as regular hours are: 390 minutes, or 405 to the quarter past.
    ordered = np.unique(scan.stamps)
    ends = np.flatnonzero(np.diff(ordered) > _DAY_BREAK)
    firsts = ordered[np.concatenate(([0], ends + 1))]
    lasts = ordered[np.concatenate((ends, [len(ordered) - 1]))]
    spans = (lasts - firsts) // NANOS_PER_MINUTE
    days = firsts[np.isin(spans, _REGULAR_MINUTES)]
    if len(days) < _DAYS_FEW or len(days) * 2 < len(firsts):
        return
    clocks = Counter(et_text(UnixNanos(int(first)))[11:16] for first in days)
    clock, count = clocks.most_common(1)[0]
    hour, minute = int(clock[:2]), clock[3:]
    if minute not in {"30", "31"} or hour == _REGULAR_HOUR or count * 2 < len(days):
        return
    shift = _REGULAR_HOUR - hour
    off = _off_text(shift)
    at = int(np.argmax(scan.stamps == days[0]))
    raise FeedError(
        f"line {scan.lines[at]}: its clock is {off}: {count} of its {len(days)} days begin at"
        f" {clock} New York and are as long as regular hours, expected 09:{minute}; {option}"
        f"{' ZONE' if option else 'export it again with its stamps in one known zone'}"
    )


def _off_text(hours: float) -> str:
    plural = "s" if abs(hours) > 1 else ""
    return f"{abs(hours):g} hour{plural} {'slow' if hours > 0 else 'fast'}"


def zones_that_fit(stamps: Stamps) -> list[str]:
    """Name the zones in which naive stamps, read as UTC, all lie in hours of trading."""
    return [name for name in _ZONES if _fits(stamps, "UTC", name)]


def _fits(stamps: Stamps, zone: str, other: str) -> bool:
    # Hours of local time are few; each is read once in the other zone.
    here, there = zone_of(zone), zone_of(other)
    open_hours = closed_hours = 0
    for hours in _half_hours_by_week(stamps).values():
        for hour, count in hours.items():
            at = _moment(hour).astimezone(here).replace(tzinfo=there)
            moved = int(at.timestamp()) // 1_800
            if _is_open(moved):
                open_hours += count
            else:
                closed_hours += count
    return closed_hours * 1_000 <= open_hours


def _moment(hour: int) -> datetime:
    return _EPOCH + timedelta(minutes=30 * hour)


def _half_hours_by_week(stamps: Stamps) -> dict[int, dict[int, int]]:
    # Bars per half hour since 1970, by weeks from Sunday on. A stamp on its edge belongs to the one
    # before or after, depending on the end it stamps: it shows nothing here.
    inside = stamps[stamps % _HALF != 0]
    weeks: dict[int, dict[int, int]] = {}
    for hour, count in zip(*np.unique(inside // _HALF, return_counts=True), strict=True):
        week = (int(hour) // 48 + 4) // 7
        weeks.setdefault(week, {})[int(hour)] = int(count)
    return weeks


def _shift_of(hours: dict[int, int]) -> int:
    # Half hours to add to a week's clock; 0: it is right, or no one shift would make it right.
    closed = _closed(hours, 0)
    if closed < _CLOSED_FEW or closed * _ONE_IN <= sum(hours.values()):
        return 0
    shifts = [s for s in range(-_SHIFTS_MAX, _SHIFTS_MAX + 1) if s]
    best = min(shifts, key=lambda shift: (_closed(hours, shift), abs(shift)))
    return best if _closed(hours, best) * 10 <= closed else 0


def _closed(hours: dict[int, int], shift: int) -> int:
    return sum(count for hour, count in hours.items() if not _is_open(hour + shift))


@cache
def _is_open(hour: int) -> bool:
    # Whether any of a half hour is inside a session.
    calendar = trading_calendar()
    edges = (hour * _HALF + NANOS_PER_MINUTE, hour * _HALF + _HALF - NANOS_PER_SECOND)
    return any(calendar.session_at(UnixNanos(edge)) is not None for edge in edges)


@cache
def _calendar_bounds() -> tuple[int, int]:
    calendar = trading_calendar()
    first = calendar.next(f"{COVERED_YEARS[0]}-01-01")
    last = calendar.previous(f"{COVERED_YEARS[1] + 1}-01-01")
    assert first is not None, "the calendar begins"
    assert last is not None, "the calendar ends"
    return first.open_ns - 7 * _DAY, last.close_ns + 7 * _DAY
