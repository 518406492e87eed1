"""Stamps as files write them, turned into UTC nanoseconds; the rule used is always reported.

Rule 1: a stamp with an offset or Z means itself. A naive one is read in the zone that is
        configured, and refused where none is.
Rule 2: a local time the clock skips in spring does not exist and is refused.
Rule 3: a local time that comes twice in autumn is the one that keeps the file in order: the first
        pass until it would not rise any more, then the second.
Rule 4: the zone is asked once per hour of stamps, not once per row.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.domain.errors import ConfigError, FeedError
from services.domain.units import NANOS_PER_SECOND, UnixNanos

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_OF_HOUR: Final = timedelta(minutes=59, seconds=59)
_HOURS_MAX: Final = 1_000_000
"""Hours kept; more than a century of them."""

StampReader = Callable[[str], UnixNanos]
"""Turns the text of a stamp into UTC nanoseconds; FeedError names what was found and expected."""


class LocalStamps:
    """A reader of naive ISO stamps of one zone, for one file from its first row to its last."""

    def __init__(self, zone: str) -> None:
        """Take the zone's IANA name.

        Raises: ConfigError for a name the zone database does not have.
        """
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ConfigError(
                f"time zone {zone!r} unknown, expected a name such as America/New_York"
            ) from error
        self._hours: dict[str, int | None] = {}
        self._last = UnixNanos(0)

    def __call__(self, text: str) -> UnixNanos:
        """Read the next stamp of the file; one with an offset means itself.

        Raises: FeedError for what is no stamp or does not exist in the zone.
        """
        stamp = _parsed(text)
        if stamp.tzinfo is not None:
            self._last = _nanos(stamp)
            return self._last
        hour_key = text[:13]
        if hour_key not in self._hours:
            self._remember(hour_key, stamp)
        offset = self._hours[hour_key]
        if offset is None:
            self._last = self._resolved(stamp, text)
        else:
            self._last = UnixNanos(_nanos(stamp.replace(tzinfo=UTC)) - offset)
        return self._last

    def _remember(self, hour_key: str, stamp: datetime) -> None:
        # One offset for the whole hour, or None where the clock changes in or over it.
        start = stamp.replace(minute=0, second=0, microsecond=0)
        edges = (start, start + _LAST_OF_HOUR)
        offsets = {self._offset(edge.replace(fold=fold)) for edge in edges for fold in (0, 1)}
        if len(self._hours) >= _HOURS_MAX:
            self._hours.clear()
        self._hours[hour_key] = offsets.pop() if len(offsets) == 1 else None

    def _offset(self, naive: datetime) -> int:
        offset = naive.replace(tzinfo=self._zone).utcoffset()
        assert offset is not None, f"zone {self._zone.key} gives no offset"
        return offset // timedelta(seconds=1) * NANOS_PER_SECOND

    def _resolved(self, stamp: datetime, text: str) -> UnixNanos:
        local = _nanos(stamp.replace(tzinfo=UTC))
        first, second = (local - self._offset(stamp.replace(fold=fold)) for fold in (0, 1))
        # In a gap the two readings swap: the earlier offset gives the later instant.
        if first > second:
            raise FeedError(
                f"stamp {text!r} does not exist in {self._zone.key}: the clock skips it"
            )
        return UnixNanos(first if first > self._last else second)


def aware_stamps(text: str) -> UnixNanos:
    """Read a stamp that carries its offset.

    Raises: FeedError for what is no stamp or has no offset.
    """
    stamp = _parsed(text)
    if stamp.tzinfo is None:
        raise FeedError(
            f"stamp {text!r} is naive, expected an offset or Z, or a configured time zone"
        )
    return _nanos(stamp)


def utc_stamps(text: str) -> UnixNanos:
    """Read a naive stamp that means UTC.

    Raises: FeedError for what is no stamp.
    """
    return _nanos(_parsed(text).replace(tzinfo=UTC))


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise FeedError(f"stamp {text!r} is none, expected as 2026-02-05T18:01:00") from error


def _nanos(stamp: datetime) -> UnixNanos:
    since = stamp - _EPOCH
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return UnixNanos(micros * 1_000)
