"""Limits on the proof of state: may the desk open new risk."""

from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MS, at_least
from services.risk.limits.view import LimitView, Refusals


def state(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse while a state of the desk, or of the strategy, keeps entries out."""
    desk, trading = view.desk, view.desk.trading
    if desk.not_ready:
        yield "NOT_READY", "; ".join(desk.not_ready)
    if trading.killed is not None:
        yield "KILLED", trading.killed
    kill = trading.strategy_kills.get(candidate.strategy)
    if kill is not None:  # spec P02
        yield "STRATEGY_KILLED", kill.reason
    if trading.halted is not None:
        yield "HALTED", trading.halted
    if trading.preflight_failure is not None:
        yield "PREFLIGHT", trading.preflight_failure
    if trading.latches.reducing_cause is not None:
        yield "REDUCING", trading.latches.reducing_cause[1]
    unknown = desk.unknown_entries
    if unknown:
        found = f"{len(unknown)} entries of unknown state"
        yield "UNKNOWN_PENDING", f"{found}, 0 allowed {' '.join(unknown)}"
    if desk.unprotected:  # spec P50
        yield "UNPROTECTED", "; ".join(desk.unprotected)
    if desk.position_difference:  # spec P05
        yield "POSITION_MISMATCH", desk.position_difference


def client(_: Candidate, view: LimitView) -> Refusals:
    """Refuse at a platform that cannot trade; in live on an account or clock not shown lately.

    In a playback each minute requires its reports, which proves the account, and one clock runs.
    """
    desk, state = view.desk, view.desk.client
    fault = state.platform_fault(desk.now_ns)
    if fault:
        yield "PLATFORM", fault
    if not desk.live:
        return
    allowed_ms = desk.config.reconcile_age_max_ms  # spec P05
    if state.reconciled_ns is None:
        found = "account was not compared with the client's on this trade date"
        yield "RECONCILE_AGE", found
    elif desk.now_ns - state.reconciled_ns > allowed_ms * NANOS_PER_MS:
        age_ms = at_least(desk.now_ns - state.reconciled_ns, NANOS_PER_MS)
        yield "RECONCILE_AGE", f"account was compared {age_ms} ms ago, {allowed_ms} ms allowed"
    offset_ns, allowed_ms = state.clock_offset_ns, desk.config.clock_skew_max_ms  # spec P18
    if offset_ns is None:
        found = "the client's clock has not been sampled on this trade date"
        yield "CLOCK_SKEW", found
    elif abs(offset_ns) > allowed_ms * NANOS_PER_MS:
        apart_ms, side = at_least(abs(offset_ns), NANOS_PER_MS), "-" if offset_ns < 0 else ""
        text = f"our clock less the client's is {side}{apart_ms} ms, {allowed_ms} ms allowed"
        yield "CLOCK_SKEW", text
