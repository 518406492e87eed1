"""Stamps as files write them, turned into UTC nanoseconds; the rule used is always reported.

Rule 1: a stamp with an offset or Z, and a count since 1970, means itself. A naive one is read in
        the zone that is configured, and refused where none is.
Rule 2: a local time the clock skips in spring does not exist and is refused.
Rule 3: a local time that comes twice in autumn is the one that keeps the file in order: the first
        pass until it would not rise any more, then the second.
Rule 4: a date, a clock and an hour's offset are each read once: a file has few of them.
Rule 5: 03/04/2025 is March or April; the file's own dates decide it, or nobody does.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.domain.errors import ConfigError, FeedError
from services.domain.units import NANOS_PER_SECOND, UnixNanos

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = 3600 * NANOS_PER_SECOND
_DAY: Final = 24 * _HOUR
_LAST_OF_HOUR: Final = timedelta(minutes=59, seconds=59)
_KEPT_MAX: Final = 1_000_000
"""Dates, clocks and hours kept each; more than a century of them."""
_COUNTS: Final = {10: NANOS_PER_SECOND, 13: 1_000_000, 16: 1_000, 19: 1}
"""Digits of a count since 1970 and its unit in nanoseconds, from 2001 to 2286."""
_COUNT: Final = re.compile(r"\d{10}(?:\d{3}){0,3}(?:\.\d+)?", re.ASCII)
_DATE_TEXT: Final = re.compile(
    r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})|(\d{4})(\d\d)(\d\d)", re.ASCII
)
_CLOCK_TEXT: Final = re.compile(
    r"(\d{1,2}):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?\s*([AaPp])?(?:\.?[Mm]\.?)?"
    r"\s*(Z|z|UTC|GMT|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_SATURDAY: Final = 5
_LONGEST_BREAK_DAYS: Final = 7


class DateOrder(Enum):
    """Which of day and month stands first where the year stands last."""

    MONTH_FIRST = "mdy"
    DAY_FIRST = "dmy"


class StampReader:
    """A reader of the stamps of one file, from its first row to its last."""

    def __init__(self, zone: str | None, order: DateOrder | None = None) -> None:
        """Take the IANA name of the zone of naive stamps; None: every stamp has its offset.

        Raises: ConfigError for a name the zone database does not have.
        """
        self._zone = None if zone is None else zone_of(zone)
        self._order = order
        self._days: dict[str, int] = {}
        self._clocks: dict[str, tuple[int, int | None]] = {}
        self._hours: dict[int, int | None] = {}
        self._last = UnixNanos(0)

    def __call__(self, text: str) -> UnixNanos:
        """Read the next stamp of the file; one with an offset means itself.

        Raises: FeedError for what is no stamp, is naive without a zone, or does not exist in it.
        """
        day, clock = _parts(text)
        start = self._days.get(day)
        if start is None:
            if clock == "" and _COUNT.fullmatch(day):
                return _counted(day)
            start = self._read_day(day, text)
        at = self._clocks.get(clock)
        if at is None:
            at = self._read_clock(clock, text)
        since, offset = at
        if offset is not None:
            self._last = UnixNanos(start + since - offset)
            return self._last
        local = start + since
        hour = local // _HOUR
        if hour not in self._hours:
            self._remember(hour, text)
        offset = self._hours[hour]
        self._last = self._resolved(local, text) if offset is None else UnixNanos(local - offset)
        return self._last

    def _read_day(self, day: str, text: str) -> int:
        read = _date_of(day, self._order)
        if read is None:
            raise FeedError(f"stamp {text!r} is none, expected as 2026-02-05T18:01:00")
        if len(self._days) >= _KEPT_MAX:
            self._days.clear()
        start = self._days[day] = (read.toordinal() - _EPOCH_DAY) * _DAY
        return start

    def _read_clock(self, clock: str, text: str) -> tuple[int, int | None]:
        read = _clock_of(clock)
        if read is None:
            raise FeedError(f"stamp {text!r} is none, expected as 2026-02-05T18:01:00")
        if len(self._clocks) >= _KEPT_MAX:
            self._clocks.clear()
        self._clocks[clock] = read
        return read

    def _remember(self, hour: int, text: str) -> None:
        # One offset for the whole hour, or None where the clock changes in or over it.
        if self._zone is None:
            raise FeedError(
                f"stamp {text!r} is naive, expected an offset or Z, or a configured time zone"
            )
        start = _EPOCH.replace(tzinfo=None) + timedelta(hours=hour)
        edges = (start, start + _LAST_OF_HOUR)
        offsets = {self._offset(edge.replace(fold=fold)) for edge in edges for fold in (0, 1)}
        if len(self._hours) >= _KEPT_MAX:
            self._hours.clear()
        self._hours[hour] = offsets.pop() if len(offsets) == 1 else None

    def _offset(self, naive: datetime) -> int:
        assert self._zone is not None, "an offset is looked up in a zone"
        offset = naive.replace(tzinfo=self._zone).utcoffset()
        assert offset is not None, f"zone {self._zone.key} gives no offset"
        return offset // timedelta(seconds=1) * NANOS_PER_SECOND

    def _resolved(self, local: int, text: str) -> UnixNanos:
        assert self._zone is not None, "a local time is resolved in a zone"
        naive = _EPOCH.replace(tzinfo=None) + timedelta(microseconds=local // 1000)
        first, second = (local - self._offset(naive.replace(fold=fold)) for fold in (0, 1))
        # In a gap the two readings swap: the earlier offset gives the later instant.
        if first > second:
            raise FeedError(
                f"stamp {text!r} does not exist in {self._zone.key}: the clock skips it"
            )
        return UnixNanos(first if first > self._last else second)


def zone_of(name: str) -> ZoneInfo:
    """Give a zone by its IANA name.

    Raises: ConfigError for a name the zone database does not have.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"time zone {name!r} unknown, expected a name such as America/New_York"
        ) from error


def date_order(stamps: Sequence[str]) -> DateOrder | None:
    """Decide from a file's stamps, in its order, whether day or month stands first.

    None: its dates begin with the year, or are none.
    Raises: FeedError when both readings are possible.
    """
    texts = list(dict.fromkeys(_parts(stamp)[0] for stamp in stamps))
    texts = [text for text in texts if leaves_order_open(text)]
    if not texts:
        return None
    if all("." in text for text in texts):
        return DateOrder.DAY_FIRST
    possible = [order for order in DateOrder if _is_possible(texts, order)]
    if len(possible) != 1:
        found = f"date {texts[0]!r}" + (f" to {texts[-1]!r}" if len(texts) > 1 else "")
        raise FeedError(
            f"{found} can be month/day or day/month, expected dates that only one of them reads;"
            " --dates mdy or --dates dmy decides it"
        )
    return possible[0]


def has_clock(stamp: str) -> bool:
    """Whether a stamp is more than a date."""
    day, clock = _parts(stamp)
    return clock != "" or _COUNT.fullmatch(day) is not None


def leaves_order_open(stamp: str) -> bool:
    """Whether the date of a stamp ends with the year: day and month are then open."""
    found = _DATE_TEXT.fullmatch(_parts(stamp)[0])
    return found is not None and found[1] is not None and len(found[1]) <= 2


def _is_possible(texts: Sequence[str], order: DateOrder) -> bool:
    # Every text a date, no week without a bar, not mostly Saturdays: a future's own calendar.
    days = [_date_of(text, order) for text in texts]
    whole = [day for day in days if day is not None]
    if len(whole) * 100 < len(days) * 99:
        return False
    numbers = sorted(day.toordinal() for day in whole)
    gaps = [after - before for before, after in pairwise(numbers)]
    saturdays = sum(day.weekday() == _SATURDAY for day in whole)
    return max(gaps, default=0) <= _LONGEST_BREAK_DAYS and saturdays * 3 <= len(whole)


def _parts(text: str) -> tuple[str, str]:
    # The date and the clock; both forms of ISO, and what stands apart by a blank.
    day, mark, clock = text.partition(" ")
    if not mark or not clock or not day:
        text = text.strip()
        day, mark, clock = text.partition("T")
        if not mark:
            day, _, clock = text.partition(" ")
    elif "T" in day:
        day, _, rest = day.partition("T")
        clock = f"{rest} {clock}"
    return day, clock


def _date_of(text: str, order: DateOrder | None) -> date | None:
    found = _DATE_TEXT.fullmatch(text)
    if found is None:
        return None
    one, mark, two, three, year, month, day = found.groups()
    if year is None:
        if len(one) == 4:
            year, month, day = one, two, three
        else:
            day_first = order is DateOrder.DAY_FIRST or (order is None and mark == ".")
            day, month = (one, two) if day_first else (two, one)
            year = f"20{three}" if len(three) == 2 else three
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _clock_of(text: str) -> tuple[int, int | None] | None:
    # Nanoseconds since midnight and the offset, if it carries one; a date alone is midnight.
    if not text:
        return 0, None
    found = _CLOCK_TEXT.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (found[5] in "pP")
    if hour > 23 or minute > 59 or second > 59:
        return None
    nanos = int((found[4] or "").ljust(9, "0") or 0)
    since = (hour * 3600 + minute * 60 + second) * NANOS_PER_SECOND + nanos
    if found[6] is None:
        return since, None
    if found[6][0] not in "+-":
        return since, 0
    digits = found[6][1:].replace(":", "")
    offset = (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * NANOS_PER_SECOND
    return since, -offset if found[6][0] == "-" else offset


def _counted(text: str) -> UnixNanos:
    whole, _, fraction = text.partition(".")
    unit = _COUNTS[len(whole)]
    return UnixNanos(int(whole) * unit + round(float(f"0.{fraction or 0}") * unit))
