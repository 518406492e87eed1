"""The Market Profile of one session's regular hours: which rows each half-hour traded (spec B.5).

A row gets one TPO per half-hour whose [low, high] touches it. Half-hours begin at 09:30 by the
clock and take the bars that OPEN in them: A 09:30–10:00 … M 15:30–16:00.

Rule 1: a bar inside its half-hour's range moves nothing: the reading before it stands.
Rule 2: single prints are rows with one TPO; the outermost run of them is no single print but a
        tail, if two rows or more of it are not the newest half-hour's.
Rule 3: a half-hour is whole at its last bar, or at the first bar after it; then it is compared with
        the one before, and from 10:30 on the point of control is taken down.
Rule 4: a half-hour without a bar has no TPO; the next is compared with the last that has.
"""

import re
from typing import Final

import msgspec

from services.domain.messages.market import Bar
from services.domain.messages.reading import Range, TimeFraming, TpoReading, ValueArea
from services.domain.units import NANOS_PER_MINUTE, Ticks
from services.state.profile.value_area import bounds, value_area

_HALF_HOUR: Final = 30 * NANOS_PER_MINUTE
_FIRST_POC_PERIOD: Final = 1
"""Index of the half-hour at whose close, 10:30, the point of control is first taken."""
_TAIL_ROWS: Final = 2
_UNFINISHED_ROWS: Final = 4
"""Rows of single prints beyond the value area that leave an end as unfinished as a poor one."""
_CLUSTER_SHARE: Final = 10
"""A cluster holds at least one in so many TPOs. Ours: the source has no more than "cluster"."""

_ONE_MORE: Final = bytes([*range(1, 256), 255])
"""Every count plus one; regular hours have 13 half-hours."""
_ONE: Final = b"\x01"
_SINGLES: Final = re.compile(rb"\x01+")
_BAND: Final = re.compile(rb"[\x00\x01]*\x01\x01[\x00\x01]*")
"""Rows of at most one TPO among which two neighbours have one."""


class TpoProfile(msgspec.Struct, kw_only=True):
    """TPOs per row and what a reader draws from them."""

    row_ticks: int
    """Height of a row."""
    start_ns: int
    """09:30."""
    end_ns: int
    """Close of regular hours; the last half-hour may be cut short by it."""
    base: int = 0
    """Number of the lowest row."""
    counts: bytearray = msgspec.field(default_factory=bytearray)
    """TPOs per row, from the lowest upward."""
    pairs: bytearray = msgspec.field(default_factory=bytearray)
    """TPOs per pair of neighbouring rows, as value_area.py wants them."""
    total: int = 0
    peak: int = 0
    """TPOs of the row that has most."""
    period: int = -1
    """Index of the newest half-hour with a bar, 0 from 09:30; -1: none yet."""
    low: int = 0
    """Lowest trade of it, ticks."""
    high: int = 0
    """Highest trade of it, ticks."""
    whole: int = 0
    """Half-hours over by the clock."""
    before: Range | None = None
    """Low and high of the last whole half-hour with bars."""
    framings: list[TimeFraming] = []
    """Each whole half-hour with bars against the one before, oldest first."""
    share: float | None = None
    """Share of the commonest of them, signed; None while it is neither up nor down."""
    last_poc: Ticks | None = None
    """Point of control at the last half-hour's close from 10:30 on."""
    first_poc: Ticks | None = None
    """The one at 10:30."""
    velocity: Ticks | None = None
    reading: TpoReading | None = None
    """None before the first bar."""
    parted: bool | None = None
    """Answer of `separated` for the profile as it stands; None while nobody asked."""

    def fold(self, bar: Bar) -> None:
        """Take the next bar of regular hours."""
        closed_ns, low, high = bar.close_ns, bar.low, bar.high
        period = (closed_ns - NANOS_PER_MINUTE - self.start_ns) // _HALF_HOUR
        if period != self.period:
            self._begin(period)
            self.low, self.high = low, high
            self._mark(low // self.row_ticks, high // self.row_ticks)
            self._read()
        elif low < self.low or high > self.high:
            self._widen(low, high)
        if closed_ns == self.end_ns or not (closed_ns - self.start_ns) % _HALF_HOUR:
            self._end(period + 1)
            self._read()

    def separated(self) -> bool:
        """Whether single prints part the profile into two clusters: Dalton's double distribution.

        A band is two or more neighbouring rows of single prints; a cluster is what lies between
        bands, without the single prints at either end of the profile, and holds a row with two
        TPOs or more and a tenth of all TPOs. Exactly two clusters are a double distribution, a
        staircase of many small ones is not. Walks every row (some 20 µs) when the profile has moved
        since it was last asked: a question for trend days.
        """
        if self.parted is None:
            clusters = [
                part
                for part in _BAND.split(self.counts.strip(_ONE))
                if part and max(part) > 1 and _CLUSTER_SHARE * sum(part) >= self.total
            ]
            self.parted = len(clusters) == 2
        return self.parted

    def _begin(self, period: int) -> None:
        # Half-hours before this one are over; nothing is known of those before the first bar.
        if self.period < 0:
            self.whole = period
        elif self.whole < period:
            self._end(period)
        self.period = period

    def _end(self, whole: int) -> None:
        # The newest half-hour is over, unless it was already, and so are those without bars since.
        if self.whole <= self.period:
            now, before = Range(Ticks(self.low), Ticks(self.high)), self.before
            if before is not None:
                self.framings.append(_framing(before, now))
                self.share = _share(self.framings)
            self.before = now
        assert self.reading is not None
        poc = self.reading.value.poc
        for index in range(max(self.whole, _FIRST_POC_PERIOD), whole):
            if self.last_poc is not None:
                self.velocity = Ticks(poc - self.last_poc)
            self.last_poc = poc
            if index == _FIRST_POC_PERIOD:
                self.first_poc = poc
        self.whole = whole

    def _widen(self, low: int, high: int) -> None:
        # A half-hour touches every row between its low and its high, also those a bar jumped over.
        rows = self.row_ticks
        low_row, high_row = self.low // rows, self.high // rows
        self.low, self.high = min(low, self.low), max(high, self.high)
        lowest, highest = self.low // rows, self.high // rows
        if lowest < low_row:
            self._mark(lowest, low_row - 1)
        if highest > high_row:
            self._mark(high_row + 1, highest)
        if lowest < low_row or highest > high_row:
            self._read()

    def _mark(self, first: int, last: int) -> None:
        self.parted = None
        counts, pairs = self.counts, self.pairs
        if not counts:
            self.base = first
            pairs.append(0)
        elif first < self.base:
            room = bytes(self.base - first)
            counts[:0] = pairs[:0] = room
            self.base = first
        start, stop = first - self.base, last - self.base + 1
        if stop > len(counts):
            room = bytes(stop - len(counts))
            counts += room
            pairs += room
        marked = counts[start:stop].translate(_ONE_MORE)
        counts[start:stop] = marked
        # A row stands in two pairs.
        pairs[start:stop] = pairs[start:stop].translate(_ONE_MORE)
        pairs[start + 1 : stop + 1] = pairs[start + 1 : stop + 1].translate(_ONE_MORE)
        self.total += stop - start
        most = max(marked)
        self.peak = max(most, self.peak)

    def _read(self) -> None:
        counts, size, poc, first = self.counts, len(self.counts), self.last_poc, self.first_poc
        low_row, high_row = self.low // self.row_ticks, self.high // self.row_ticks
        tail_low = tail_high = 0
        runs = [found.span() for found in _SINGLES.finditer(counts)]
        if counts[0] == 1:
            tail_low = min(runs[0][1], low_row - self.base)
        if counts[-1] == 1:
            tail_high = size - max(runs[-1][0], high_row - self.base + 1)
        inside = runs[counts[0] == 1 : len(runs) - (counts[-1] == 1)]
        value = self._value()
        poor_high, poor_low = counts[-1] > 1, counts[0] > 1
        above = below = 0
        if inside:
            # Rows of single prints beyond the value area; a tail is none of them.
            top, bottom = value.high // self.row_ticks, value.low // self.row_ticks
            above = sum([max(0, z - max(a, top + 1 - self.base)) for a, z in inside])
            below = sum([max(0, min(z, bottom - self.base) - a) for a, z in inside])
        self.reading = TpoReading(
            value=value,
            periods=self.period + 1,
            single_prints=tuple([self._range(start, stop) for start, stop in inside]),
            tail_high=tail_high if tail_high >= _TAIL_ROWS else 0,
            tail_low=tail_low if tail_low >= _TAIL_ROWS else 0,
            poor_high=poor_high,
            poor_low=poor_low,
            effective_poor_high=poor_high or above >= _UNFINISHED_ROWS,
            effective_poor_low=poor_low or below >= _UNFINISHED_ROWS,
            developing_poc=poc,
            poc_migration=None if poc is None or first is None else Ticks(poc - first),
            poc_velocity=self.velocity,
            time_framing=self.framings[-1] if self.framings else None,
            time_framing_share=self.share,
        )

    def _value(self) -> ValueArea:
        # Nearest to the middle, then the lower: from the middle down and up, at the speed of bytes.
        counts, peak, size = self.counts, self.peak, len(self.counts)
        half = (size + 1) // 2
        below, above = counts.rfind(peak, 0, half), counts.find(peak, half)
        nearer_below = below >= 0 and (above < 0 or below + above >= size - 1)
        control = below if nearer_below else above
        low, high = bounds(self.pairs, control, peak, self.total)
        return value_area(low, control, high, base=self.base, row_ticks=self.row_ticks)

    def _range(self, start: int, stop: int) -> Range:
        base, rows = self.base, self.row_ticks
        return Range(Ticks((base + start) * rows), Ticks((base + stop - 1) * rows))


def _framing(before: Range, now: Range) -> TimeFraming:
    higher, lower = now.high > before.high, now.low < before.low
    if higher:
        return TimeFraming.OUTSIDE if lower else TimeFraming.UP
    return TimeFraming.DOWN if lower else TimeFraming.INSIDE


def _share(framings: list[TimeFraming]) -> float | None:
    counted = {kind: framings.count(kind) for kind in TimeFraming}
    most = max(counted.values())
    commonest = [kind for kind, count in counted.items() if count == most]
    if commonest == [TimeFraming.UP]:
        return most / len(framings)
    return -most / len(framings) if commonest == [TimeFraming.DOWN] else None
