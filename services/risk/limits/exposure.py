"""Limits on exposure: what is held, in flight and unknown, with what would be added."""

from services.domain.messages.strategy import Candidate
from services.domain.units import count_text
from services.risk.limits.view import LimitView


def max_position(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse when held + in flight + unknown + new is too much."""
    maximum, contract = view.desk.config.max_position_contracts, candidate.order_contract
    exposure = sum(held.exposure for held in view.exposures if held.order_contract == contract)
    if exposure + view.size.quantity <= maximum:
        return None
    return (
        f"{count_text(exposure, 'contract')} of {contract} held or in flight "
        f"+ {view.size.quantity} new, {maximum} allowed"
    )


def position_open(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse while the order contract has a position."""
    for held in view.exposures:
        if held.order_contract == candidate.order_contract:
            return f"position {held.position_id} open in {held.order_contract}, one at a time"
    return None
