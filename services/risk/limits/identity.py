"""Limits on identity: which strategy, which contract, and whether it was decided before."""

from services.domain.calendar import et_text
from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MS
from services.risk.limits.view import LimitView
from services.risk.schedule.expiry import expiry_fault, pair_fault


def identity(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse what is not of an enabled strategy, its contract or this stamp."""
    slot, minute = view.slot, view.desk.minute
    if slot is None:
        return f"strategy {candidate.strategy} is not enabled"
    found = (candidate.contract, candidate.close_ns, candidate.trade_date)
    expected = (slot.signal, minute.close_ns, minute.trade_date)
    if found == expected:
        return None
    return (
        f"{candidate.strategy} sent a candidate on {found[0]} at {et_text(found[1])} of"
        f" {found[2]}, "
        f"expected {expected[0]} at {et_text(expected[1])} of {expected[2]}"
    )


def duplicate(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a candidate that has had its decision."""
    return f"candidate {candidate.candidate_id} is already decided" if view.is_decided else None


def pair(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse an order contract that is not the declared one of the same expiry."""
    if candidate.order_contract != view.order_contract:
        expected = view.order_contract or "no contract"
        return f"orders for {candidate.contract} go to {expected}, found {candidate.order_contract}"
    return pair_fault(candidate.contract, candidate.order_contract)


def expired_contract(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a contract whose trading has ended."""
    return expiry_fault(candidate.order_contract, view.desk.now_ns)


def repeated_order(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse the same strategy, contract, side and size again within seconds (spec P08)."""
    key = (candidate.strategy, candidate.order_contract, candidate.side, view.size.quantity)
    last = view.desk.working_orders.last_entry_ns.get(key)
    if last is None:
        return None
    age_ms = (view.desk.now_ns - last) // NANOS_PER_MS
    if age_ms > view.desk.config.duplicate_window_ms:
        return None
    return (
        f"{candidate.strategy} had {candidate.side.name} {view.size.quantity} "
        f"{candidate.order_contract} commanded {age_ms} ms ago, "
        f"{view.desk.config.duplicate_window_ms} ms must pass"
    )
