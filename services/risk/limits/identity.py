"""Limits on identity: who asks, on what, and whether it was asked before."""

from services.domain import contracts
from services.domain.calendar import et_text
from services.domain.errors import InstrumentError
from services.domain.messages.strategy import Candidate
from services.risk.limits.view import LimitView


def identity(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse what is not of an enabled strategy, its contract or this stamp."""
    slot, stamp = view.slot, view.stamp
    if slot is None:
        return f"strategy {candidate.strategy} is not enabled"
    found = (candidate.contract, candidate.close_ns, candidate.trade_date)
    expected = (slot.signal, stamp.close_ns, stamp.trade_date)
    if found == expected:
        return None
    return (
        f"{candidate.strategy} asks on {found[0]} at {et_text(found[1])} of {found[2]}, "
        f"expected {expected[0]} at {et_text(expected[1])} of {expected[2]}"
    )


def duplicate(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a candidate that has had its decision."""
    return f"candidate {candidate.candidate_id} is already decided" if view.decided else None


def pair(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse an order contract that is not the declared one of the same expiry."""
    if candidate.order_contract != view.order_contract:
        expected = view.order_contract or "no contract"
        return f"orders for {candidate.contract} go to {expected}, found {candidate.order_contract}"
    try:
        contracts.refuse_pair(candidate.contract, candidate.order_contract)
    except InstrumentError as error:
        return str(error)
    return None


def expired(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a contract whose trading has ended."""
    try:
        contracts.refuse_expired(candidate.order_contract, view.now_ns)
    except InstrumentError as error:
        return str(error)
    return None
