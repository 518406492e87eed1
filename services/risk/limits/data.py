"""Limits on the data an entry rests on."""

from services.domain.calendar import et_text
from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MS
from services.risk.limits.view import LimitView


def historical(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a bar from history: it warms up, never trades."""
    past = view.desk.minute.historical or (view.update is not None and view.update.historical)
    return f"bar of {candidate.contract} came from history" if past else None


def stale_data(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse without a bar at the minute, or on one that is too old."""
    if view.update is None:
        return f"no bar of {candidate.contract} at {et_text(view.desk.minute.close_ns)}"
    age_ns = view.desk.now_ns - view.update.close_ns
    if age_ns <= view.desk.account.limits.max_data_age_ns:
        return None
    allowed = view.desk.config.max_data_age_ms
    return f"bar is {age_ns // NANOS_PER_MS} ms old of {allowed} ms allowed"


def degraded(_: Candidate, view: LimitView) -> str | None:
    """Refuse while the session of the contract is unsound."""
    reasons = () if view.update is None else view.update.degraded
    return "; ".join(reasons) or None
