"""Limits on what the client reported: its account, its clock, its working stops."""

from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MS
from services.risk.limits.view import LimitView


def unprotected(_: Candidate, view: LimitView) -> str | None:
    """Refuse while a position is held that no stop is known to protect (spec P50)."""
    if not view.desk.unprotected:
        return None
    return f"no working stop is confirmed for {' '.join(view.desk.unprotected)}"


def reconcile_age(_: Candidate, view: LimitView) -> str | None:
    """Refuse when the account has not been compared for too long (spec P05)."""
    if not view.desk.live:
        return None  # in a playback each minute requires its reports, which proves it
    reconciled_ns = view.desk.client.reconciled_ns
    if reconciled_ns is None:
        return "account was not compared with the client's on this trade date"
    age_ns = view.desk.now_ns - reconciled_ns
    if age_ns <= view.desk.config.reconcile_age_max_ms * NANOS_PER_MS:
        return None
    return (
        f"account was compared {age_ns // NANOS_PER_MS} ms ago, "
        f"{view.desk.config.reconcile_age_max_ms} ms allowed"
    )


def position_mismatch(_: Candidate, view: LimitView) -> str | None:
    """Refuse while the account holds something else than the ledger (spec P05)."""
    return view.desk.position_difference or None


def clock_skew(_: Candidate, view: LimitView) -> str | None:
    """Refuse when the client's clock and ours are too far apart (spec P18)."""
    if not view.desk.live:
        return None  # a playback has one clock
    offset_ns = view.desk.client.clock_offset_ns
    if offset_ns is None:
        return "the client's clock has not been sampled on this trade date"
    offset_ms = offset_ns // NANOS_PER_MS
    allowed = view.desk.config.clock_skew_max_ms
    if abs(offset_ms) <= allowed:
        return None
    return f"our clock less the client's is {offset_ms} ms, {allowed} ms allowed"
