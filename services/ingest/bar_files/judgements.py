"""What the stamps of a whole file show about it: order, period, stamped end, roll.

Each judgement is a pure function of the stamps: it gives a finding, or raises the refusal.

Order. A series that rises is streamed; any other is sorted in memory, newest first or not.
Period. The commonest distance of two stamps is the period; one that is no minute is refused. Stamps
    all in the last second of a minute (22:00:59) mean the minute that ends there.
Stamped end. The first bar of a session closes at 18:01 and opens at 18:00; its last closes at 17:00
    and opens at 16:59. Each session's first and last stamp vote.
Roll. A series that names no month holds the front month; past the roll it would hold two.
"""

from collections import Counter
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from services.domain.contracts import front_month, parse, roll_ns
from services.domain.errors import FeedError
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.ingest.bar_files.clock import trading_calendar
from services.ingest.bar_files.layouts import BarStamp
from services.ingest.bar_files.scan import Scan

_HOUR: Final = 60 * NANOS_PER_MINUTE
_DAY: Final = 24 * _HOUR
_LAST_SECOND: Final = 59 * NANOS_PER_SECOND
_FEW: Final = 3
"""Distances, or bars out of order, below which nothing is concluded from them."""
_ONE_IN: Final = 100
"""Fewer rows than one in so many are odd rows, not the kind of a file."""
_PERIOD_SHARE: Final = 0.6
"""Share of the distances that makes one of them the period."""
Stamps = npt.NDArray[np.int64]


class Order(msgspec.Struct, frozen=True):
    """In which order a file's rows stand."""

    rising: bool
    newest_first: bool

    @property
    def text(self) -> str:
        """For the record."""
        if self.rising:
            return "oldest first"
        return "newest first, turned round" if self.newest_first else "out of order, sorted"


def order_of(stamps: Stamps) -> Order:
    """Find whether stamps rise but for odd ones, fall, or neither."""
    behind = int((stamps < np.maximum.accumulate(stamps)).sum())
    if behind * _ONE_IN <= len(stamps) or (behind < _FEW and behind + 1 < len(stamps)):
        return Order(rising=True, newest_first=False)
    falling = int((np.diff(stamps) < 0).sum())
    return Order(rising=False, newest_first=falling * _ONE_IN >= (len(stamps) - 1) * (_ONE_IN - 1))


def seconds_past_minute(scan: Scan) -> int:
    """Give what brings stamps to the whole minute, in nanoseconds: 0 but for :59 stamps.

    Raises: FeedError for bars of another period than one minute.
    """
    stamps = scan.stamps
    rest = stamps % NANOS_PER_MINUTE
    distances: Stamps = np.diff(np.unique(stamps)).astype(np.int64)
    period = _period(distances)
    if period and period % NANOS_PER_MINUTE == 0 and period != NANOS_PER_MINUTE:
        raise FeedError(
            f"line {scan.lines[0]}: these are {_period_text(period)} bars, by"
            f" {int((distances == period).sum()):,} of {len(distances):,} distances between its"
            " stamps,"
            " expected one-minute bars; export one-minute bars"
        )
    odd = int((rest != 0).sum())
    if odd * _ONE_IN <= len(stamps) or (odd < _FEW and odd < len(stamps)):
        return 0
    if int((rest >= _LAST_SECOND).sum()) * _ONE_IN >= len(stamps) * (_ONE_IN - 1):
        return int(NANOS_PER_MINUTE - rest.max())
    at = int(np.argmax(rest != 0))
    found = (
        f"{_period_text(period)} bars"
        if period and period < NANOS_PER_MINUTE
        else "ticks, or bars of another kind than minutes"
        if len(np.unique(rest)) > 1
        else f"bars {rest[at] / NANOS_PER_SECOND:g} s past the minute"
    )
    raise FeedError(
        f"line {scan.lines[at]}: its stamp is {rest[at] / NANOS_PER_SECOND:g} s past the minute:"
        f" these are {found}, expected one-minute bars; export one-minute bars"
    )


def _period(distances: Stamps) -> int:
    # The commonest distance where it is common enough, else 0.
    if len(distances) < _FEW:
        return 0
    values, counts = np.unique(distances, return_counts=True)
    commonest = int(counts.argmax())
    return int(values[commonest]) if counts[commonest] >= _PERIOD_SHARE * len(distances) else 0


def stamped_end(stamps: Stamps) -> tuple[BarStamp | None, int]:
    """Conclude from the sessions' first and last stamps which end is stamped; by how many votes.

    None: no session's end is in the file, or the votes contradict each other.
    """
    votes: Counter[BarStamp] = Counter()
    ordered = np.unique(stamps)
    if not len(ordered):
        return None, 0
    calendar = trading_calendar()
    date = calendar.trade_date_of(UnixNanos(int(ordered[0])))
    session = calendar.session(date) or calendar.next(date)
    while session is not None and session.open_ns <= ordered[-1]:
        begin = int(np.searchsorted(ordered, session.open_ns, "left"))
        end = int(np.searchsorted(ordered, session.close_ns, "right"))
        if begin < end:
            first, last = int(ordered[begin]), int(ordered[end - 1])
            begins, ends = session.open_ns, session.close_ns
            if session.rth_open_ns is not None and first >= session.rth_open_ns:
                begins, ends = session.rth_open_ns, session.rth_close_ns or ends
            votes[BarStamp.OPEN] += first == begins
            votes[BarStamp.CLOSE] += first == begins + NANOS_PER_MINUTE
            votes[BarStamp.CLOSE] += last == ends
            # Where a file ends it may have been cut at any minute.
            votes[BarStamp.OPEN] += last + NANOS_PER_MINUTE == ends and end < len(ordered)
        session = calendar.next(session.trade_date)
    total = votes[BarStamp.OPEN] + votes[BarStamp.CLOSE]
    for end_of_bar, count in votes.items():
        if count * 4 > total * 3:
            return end_of_bar, count
    return None, total


def roll_in(scan: Scan, contract: str) -> tuple[int, str, UnixNanos] | None:
    """Give where a series that names no month passes the roll of its first front month.

    The line of the first bar of the next month, its name and the roll; None: it does not.
    """
    roll = roll_ns(parse(contract))
    after = scan.stamps > roll
    if not after.any():
        return None
    later = front_month(parse(contract).root, UnixNanos(int(scan.stamps[after].min()))).name
    return int(scan.lines[int(np.argmax(after))]), later, roll


def _period_text(nanos: int) -> str:
    if nanos >= _DAY and nanos % _DAY == 0:
        return "daily" if nanos == _DAY else f"{nanos // _DAY}-day"
    if nanos >= _HOUR and nanos % _HOUR == 0:
        return f"{nanos // _HOUR}-hour"
    if nanos >= NANOS_PER_MINUTE and nanos % NANOS_PER_MINUTE == 0:
        return f"{nanos // NANOS_PER_MINUTE}-minute"
    return f"{nanos / NANOS_PER_SECOND:g}-second"
