"""Limits on margin and equity."""

from services.domain.calendar import et_text
from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, usd
from services.risk.limits.view import LimitView


def account_age(_: Candidate, view: LimitView) -> str | None:
    """Refuse in live without recent account values."""
    age_ns = view.desk.account.account_values_age_ns
    limit = view.desk.account.limits.account_values_age_max_ns
    if not view.desk.live or (age_ns is not None and age_ns <= limit):
        return None
    allowed = limit // NANOS_PER_SECOND
    if age_ns is None:
        return f"no account values from NinjaTrader, {allowed} s allowed"
    return f"account values are {age_ns // NANOS_PER_SECOND} s old, {allowed} s allowed"


def margin(_: Candidate, view: LimitView) -> str | None:
    """Refuse when positions would use more margin than allowed, or live without excess margin."""
    account, share = view.desk.account, view.desk.config.margin_share
    available, source = account.excess_margin, "excess margin"
    if available is None:
        if view.desk.live and account.account_values_age_ns is not None:
            return "account values from NinjaTrader have no excess margin"
        available, source = account.equity, "equity"
    if view.required_margin <= available * share:
        return None
    return (
        f"margin {usd(view.required_margin)} with the new entry, {share:.0%} of "
        f"{usd(available)} {source} allowed"
    )


def margin_cutoff(_: Candidate, view: LimitView) -> str | None:
    """Refuse from shortly before the broker's day margin ends (spec P48)."""
    close_ns, hours = view.desk.minute.close_ns, view.desk.hours
    if hours.day_margin_end_ns is None:
        return None
    lead = view.desk.config.margin_switch_lead_minutes
    end = hours.day_margin_end_ns - lead * NANOS_PER_MINUTE
    if close_ns < end:
        return None
    return (
        f"stamp {et_text(close_ns)}, day margin ends at {et_text(hours.day_margin_end_ns)}, "
        f"entries end {lead} min before and positions 1 min before"
    )


def equity_floor(_: Candidate, view: LimitView) -> str | None:
    """Refuse at or below the minimum equity."""
    least, equity = view.desk.account.limits.min_equity, view.desk.account.equity
    if not least or equity > least:
        return None
    return f"equity {usd(equity)}, more than {usd(least)} needed"
