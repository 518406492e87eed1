"""The hours of one trade date as risk needs them: entry window, last entries, flat-by.

Rule: the flat-by time is the earliest of the configured one, the rule pack's, one minute before the
close of regular trading, and one before the broker's day margin ends; a date without regular hours
keeps the configured one for exits.
"""

from datetime import date

import msgspec

from services.domain.calendar import Calendar, et_ns
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.risk.settings.config import RiskConfig


class Hours(msgspec.Struct, frozen=True):
    """The instants of one trade date that limits compare with."""

    trade_date: str
    has_regular_hours: bool
    """The calendar has regular hours for the date."""
    first_entry_ns: UnixNanos
    last_entry_ns: UnixNanos
    last_entry_before_flat_ns: UnixNanos
    """Flat-by less the configured lead; the day margin has a lead of its own."""
    flat_by_ns: UnixNanos
    day_margin_end_ns: UnixNanos | None
    """When the broker's day margin ends; None: it does not."""
    closes_early: bool
    """The session ends before its usual time."""
    note: str
    """The calendar's note on a special day."""


def _hours_of(calendar: Calendar, config: RiskConfig, trade_date: str) -> Hours:
    """Read a date's hours from the calendar."""
    session = calendar.session(trade_date)
    close_ns = None if session is None else session.rth_close_ns
    flats = [et_ns(trade_date, config.flat_by_et)]
    if config.rule_pack_flat_by_et is not None:
        flats.append(et_ns(trade_date, config.rule_pack_flat_by_et))
    if close_ns is not None:
        flats.append(UnixNanos(close_ns - NANOS_PER_MINUTE))
    flat, margin_ns = min(flats), None
    if config.margin_switch_minutes and session is not None:
        ends = session.close_ns - config.margin_switch_minutes * NANOS_PER_MINUTE
        margin_ns = UnixNanos(ends)
    lead = config.no_entry_before_close_minutes * NANOS_PER_MINUTE
    return Hours(
        trade_date=trade_date,
        has_regular_hours=close_ns is not None,
        first_entry_ns=et_ns(trade_date, config.first_entry_et),
        last_entry_ns=et_ns(trade_date, config.last_entry_et),
        last_entry_before_flat_ns=UnixNanos(flat - lead),
        flat_by_ns=flat
        if margin_ns is None
        else min(flat, UnixNanos(margin_ns - NANOS_PER_MINUTE)),
        day_margin_end_ns=margin_ns,
        closes_early=session is not None and session.early_close,
        note="" if session is None else session.note,
    )


class HoursTable:
    """The hours of every date asked for."""

    def __init__(self, calendar: Calendar, config: RiskConfig) -> None:
        self._calendar = calendar
        self._config = config
        self._cache: dict[str, Hours] = {}

    def set_limits(self, config: RiskConfig) -> None:
        """Apply these limits from now on."""
        self._config = config
        self._cache.clear()

    def hours(self, trade_date: str) -> Hours:
        """Give a date's hours."""
        hours = self._cache.get(trade_date)
        if hours is None:
            hours = self._cache[trade_date] = _hours_of(self._calendar, self._config, trade_date)
        return hours


def week_of(trade_date: str) -> tuple[int, int]:
    """ISO year and week of a trade date; no date is a week of its own."""
    if not trade_date:
        return (0, 0)
    year, week, _ = date.fromisoformat(trade_date).isocalendar()
    return (year, week)
