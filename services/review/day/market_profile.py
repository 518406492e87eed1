"""The day's Market Profile: value areas over time as published, histograms rebuilt from bars.

Histograms are made by the desk's own profile code (services/state), from the bars of the readings;
so are value areas where no strategy asked for them. A bar of a reading has no ladder, so its volume
is spread over its range.
"""

from collections.abc import Sequence

import msgspec

from services.domain.calendar import et_ns
from services.domain.messages.reading import ValueArea
from services.domain.messages.session import SessionUpdate
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.review.day.bars import bar_of
from services.state.config import RowTicks
from services.state.profile.tpo import TpoProfile
from services.state.profile.volume_profile import PARTS, VolumeProfile


class Histogram(msgspec.Struct, frozen=True, kw_only=True):
    """Both profiles of regular hours, row by row from the lowest."""

    row_ticks: int
    first: int
    """Lower edge of the lowest row, ticks."""
    tpos: tuple[int, ...]
    """Half-hours that traded the row."""
    volume: tuple[float, ...]
    """Contracts."""
    volume_value: ValueArea
    """Of the volume."""


def histogram_of(bars: Sequence[SessionUpdate]) -> Histogram | None:
    """Rebuild both profiles of a session; None without regular hours."""
    rth = [bar for bar in bars if bar.minute_of_rth is not None]
    if not rth:
        return None
    tpo, volume = _tpo(rth), VolumeProfile(row_ticks=_rows(rth))
    for bar in rth:
        tpo.fold(bar_of(bar))
        volume.fold(bar_of(bar))
    if tpo.reading is None or volume.value is None:
        return None
    rows = len(tpo.counts)
    held = {volume.base + i: parts / PARTS for i, parts in enumerate(volume.rows)}
    return Histogram(
        row_ticks=tpo.row_ticks,
        first=tpo.base * tpo.row_ticks,
        tpos=tuple(tpo.counts),
        volume=tuple(held.get(tpo.base + row, 0.0) for row in range(rows)),
        volume_value=volume.value,
    )


def values_of(bars: Sequence[SessionUpdate]) -> list[tuple[UnixNanos, ValueArea]]:
    """The value area at every close of regular hours: as published, else rebuilt."""
    rth = [bar for bar in bars if bar.minute_of_rth is not None]
    if not rth:
        return []
    found, profile = [], _tpo(rth)
    for bar in rth:
        profile.fold(bar_of(bar))
        reading = bar.profile.tpo or profile.reading
        if reading is not None:
            found.append((bar.close_ns, reading.value))
    return found


def _tpo(rth: list[SessionUpdate]) -> TpoProfile:
    start = et_ns(rth[0].trade_date, "09:30")
    # An early close ends the last half-hour sooner; for a histogram its end does not matter.
    return TpoProfile(row_ticks=_rows(rth), start_ns=start, end_ns=start + 390 * NANOS_PER_MINUTE)


def _rows(rth: list[SessionUpdate]) -> int:
    return RowTicks().of(rth[0].contract)
