"""Limits on the session: hours of the calendar, entry window, lead on the flat-by time."""

from services.domain.calendar import et_text
from services.domain.messages.strategy import Candidate
from services.risk.limits.view import LimitView


def calendar(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a date the calendar has no regular hours for."""
    if view.hours.known:
        return None
    return f"calendar has no regular hours on {candidate.trade_date}"


def window(_: Candidate, view: LimitView) -> str | None:
    """Refuse outside the entry window."""
    stamp, hours = view.stamp.close_ns, view.hours
    if hours.first_entry_ns < stamp < hours.last_entry_ns:
        return None
    return (
        f"stamp {et_text(stamp)}, entries after {view.config.first_entry_et} "
        f"and before {view.config.last_entry_et} ET"
    )


def flat_by(_: Candidate, view: LimitView) -> str | None:
    """Refuse at and after the flat-by time."""
    stamp, flat = view.stamp.close_ns, view.hours.flat_ns
    if stamp < flat:
        return None
    return f"stamp {et_text(stamp)}, flat by {et_text(flat)} {view.hours.note}".rstrip()


def before_close(_: Candidate, view: LimitView) -> str | None:
    """Refuse too close to the flat-by time, early closes included."""
    stamp, end = view.stamp.close_ns, view.hours.last_before_close_ns
    if stamp < end:
        return None
    lead = view.config.no_entry_before_close_minutes
    return f"stamp {et_text(stamp)}, entries before {et_text(end)}, {lead} min ahead of flat-by"
