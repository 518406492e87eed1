"""What a session inherits: prior-day levels, IB history, daily ranges.

Rule 1: prior levels are those of the last session with regular hours before the date, seen whole,
        or absent; never those of an earlier day.
Rule 2: an unusable IB or a day not seen whole is left out of the histories.
"""

from msgspec.structs import replace

from services.domain.calendar import Calendar, Session
from services.domain.messages.session import SessionCarry
from services.domain.units import Ticks, UnixNanos
from services.state.config import StateConfig
from services.state.hours import SessionHours
from services.state.session import ATR_SESSIONS, IB_SESSIONS, InstrumentSession


def begin(
    contract: str,
    hours: SessionHours,
    left: InstrumentSession | SessionCarry | None,
    *,
    calendar: Calendar,
    config: StateConfig,
) -> SessionCarry:
    """Build a date's carry, without packed averages, from what is left of earlier dates.

    That is the session that ended, or only the carry of a date of which no bar was seen.
    """
    carry = SessionCarry(
        contract=contract, trade_date=hours.trade_date, at_ns=UnixNanos(hours.open_ns)
    )
    if left is None:
        return carry
    ended, before = (None, left) if isinstance(left, SessionCarry) else (left, left.opening_carry)
    ib_ranges, day_ranges = before.ib_ranges, before.daily_ranges
    seen = ended.rth.range if ended is not None and ended.regular_hours_whole(config) else None
    if ended is not None and ended.opening.ib_usable and (ib := ended.ib.range) is not None:
        ib_ranges = (*ib_ranges, ib.high - ib.low)[-IB_SESSIONS:]
    if seen is not None:
        # High less low of regular hours: the gap overnight is no part of it (spec B.2, `atr_d`).
        day_ranges = (*day_ranges, seen.high - seen.low)[-ATR_SESSIONS:]
    carry = replace(carry, ib_ranges=ib_ranges, daily_ranges=day_ranges)
    expected = prior_session(calendar, hours.trade_date, config)
    date = None if expected is None else expected.trade_date
    high: Ticks | None
    low: Ticks | None
    if ended is not None and date == ended.hours.trade_date:
        if seen is None:
            return carry
        high, low, close = seen.high, seen.low, ended.rth_last
    elif date == before.prior_date:
        # What lies between had no regular hours or was too short: the day before it stands.
        high, low, close = before.prior_high, before.prior_low, before.prior_close
    else:
        return carry
    return replace(carry, prior_date=date, prior_high=high, prior_low=low, prior_close=close)


def prior_session(calendar: Calendar, trade_date: str, config: StateConfig) -> Session | None:
    """Give the session whose levels are a date's prior levels."""
    before = calendar.previous(trade_date)
    while before is not None:
        skipped = config.skip_short_prior and before.early_close
        if before.rth_open_ns is not None and not skipped:
            return before
        before = calendar.previous(before.trade_date)
    return None


def opening_notes(
    carry: SessionCarry, *, calendar: Calendar, config: StateConfig
) -> tuple[str, ...]:
    """List what is special about the day and its prior; by the carry alone, as after a restart."""
    today = calendar.session(carry.trade_date)
    notes = (today.note,) if today is not None and today.early_close else ()
    expected = prior_session(calendar, carry.trade_date, config)
    if expected is None:
        return (*notes, "no prior levels from bars: the calendar has no earlier session")
    if carry.prior_date is None:
        return (*notes, f"no prior levels from bars: {expected.trade_date} was not seen whole")
    latest = calendar.previous(carry.trade_date)
    if latest is not None and latest.trade_date != carry.prior_date:
        text = f"prior levels are of {carry.prior_date}: {latest.trade_date} is no prior day"
        notes = (*notes, text)
    if expected.early_close:
        notes = (*notes, f"prior day {expected.trade_date} was short: {expected.note}")
    return notes
