"""Limits on exposure: what is held, in flight and unknown, with what would be added."""

from services.domain.messages.strategy import Candidate
from services.domain.units import count_text
from services.risk.limits.view import LimitView


def max_position(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse when held + in flight + unknown + new is too much."""
    maximum = view.config.max_position_contracts
    if view.exposure + view.size.quantity <= maximum:
        return None
    return (
        f"{count_text(view.exposure, 'contract')} of {candidate.order_contract} held or in flight "
        f"+ {view.size.quantity} new, {maximum} allowed"
    )


def position_open(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse while the order contract has a position."""
    if not view.open_position:
        return None
    return f"position {view.open_position} open in {candidate.order_contract}, one at a time"
