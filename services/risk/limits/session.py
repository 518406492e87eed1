"""Limits on the session: hours of the calendar, entry window, lead on the flat-by time, news."""

from services.domain.calendar import et_text
from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MINUTE
from services.risk.limits.view import LimitView, Refusals
from services.risk.schedule.expiry import date_ordinal


def session(_: Candidate, view: LimitView) -> Refusals:
    """Refuse outside the hours in which entries are made."""
    config, hours, close_ns = view.desk.config, view.desk.hours, view.desk.minute.close_ns
    date = view.desk.minute.trade_date
    if not hours.has_regular_hours:
        yield "CALENDAR_UNKNOWN", f"calendar has no regular hours on {date}"
    if hours.closes_early and not config.short_sessions:
        yield "SHORT_SESSION", f"{date}: {hours.note}; short_sessions is false"
    if not hours.first_entry_ns < close_ns < hours.last_entry_ns:
        first, last = config.first_entry_et, config.last_entry_et
        text = f"minute {et_text(close_ns)}, entries after {first} and before {last} ET"
        yield "SESSION_WINDOW", text
    if close_ns >= hours.flat_by_ns:
        flat = et_text(hours.flat_by_ns)
        yield "FLAT_BY", f"stamp {et_text(close_ns)}, flat by {flat} {hours.note}".rstrip()
    margin_ns, lead = hours.day_margin_end_ns, config.margin_switch_lead_minutes
    if margin_ns is not None and close_ns >= margin_ns - lead * NANOS_PER_MINUTE:  # spec P48
        text = (
            f"stamp {et_text(close_ns)}, day margin ends at {et_text(margin_ns)}, "
            f"entries end {lead} min before and positions 1 min before"
        )
        yield "MARGIN_CUTOFF", text
    end_ns, lead = hours.last_entry_before_flat_ns, config.no_entry_before_close_minutes
    if close_ns >= end_ns:  # early closes included
        before = f"entries before {et_text(end_ns)}, {lead} min ahead of flat-by"
        yield "NO_ENTRY_BEFORE_CLOSE", f"stamp {et_text(close_ns)}, {before}"
    days_max = config.news_list_age_max_days  # spec P13
    blocked = view.desk.news.refusal(date, date_ordinal(date), close_ns, days_max)
    if blocked is not None:
        yield "NEWS", blocked
