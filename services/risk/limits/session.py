"""Limits on the session: hours of the calendar, entry window, lead on the flat-by time."""

from services.domain.calendar import et_text
from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MINUTE
from services.risk.limits.view import LimitView
from services.risk.schedule.expiry import date_ordinal, expiry_dates

_DAY_NS = 24 * 60 * NANOS_PER_MINUTE


def calendar_unknown(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a date the calendar has no regular hours for."""
    if view.desk.hours.has_regular_hours:
        return None
    return f"calendar has no regular hours on {candidate.trade_date}"


def session_window(_: Candidate, view: LimitView) -> str | None:
    """Refuse outside the entry window."""
    close_ns, hours = view.desk.minute.close_ns, view.desk.hours
    if hours.first_entry_ns < close_ns < hours.last_entry_ns:
        return None
    return (
        f"minute {et_text(close_ns)}, entries after {view.desk.config.first_entry_et} "
        f"and before {view.desk.config.last_entry_et} ET"
    )


def flat_by(_: Candidate, view: LimitView) -> str | None:
    """Refuse at and after the flat-by time."""
    close_ns, flat = view.desk.minute.close_ns, view.desk.hours.flat_by_ns
    if close_ns < flat:
        return None
    return f"stamp {et_text(close_ns)}, flat by {et_text(flat)} {view.desk.hours.note}".rstrip()


def no_entry_before_close(_: Candidate, view: LimitView) -> str | None:
    """Refuse too close to the flat-by time, early closes included."""
    close_ns, end = view.desk.minute.close_ns, view.desk.hours.last_entry_before_flat_ns
    if close_ns < end:
        return None
    lead = view.desk.config.no_entry_before_close_minutes
    return f"stamp {et_text(close_ns)}, entries before {et_text(end)}, {lead} min ahead of flat-by"


def news(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse around a listed release, or on an event day without a list (spec P13)."""
    date = candidate.trade_date
    return view.desk.news.refusal(
        date, date_ordinal(date), view.desk.minute.close_ns, view.desk.config.news_list_age_max_days
    )


def expiring(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a contract month that is about to end (spec P14)."""
    ends = expiry_dates(candidate.order_contract)
    if ends is None:
        return f"{candidate.order_contract} is not a contract month"
    left = ends.expiry_day - date_ordinal(candidate.trade_date)
    least = view.desk.config.no_entry_before_expiry_days
    if left > least:
        return None
    return f"{candidate.order_contract} expires in {left} days, entries end {least} days before"


def roll_block(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a contract month from shortly before the next one is front (spec P14)."""
    days = view.desk.config.roll_block_days
    ends = expiry_dates(candidate.order_contract)
    if not days or ends is None:
        return None
    if view.desk.minute.close_ns < ends.roll_ns - days * _DAY_NS:
        return None
    return (
        f"{candidate.order_contract} is front until {et_text(ends.roll_ns)}, entries end {days} "
        "days before"
    )
