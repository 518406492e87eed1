"""Limits on how often the desk trades."""

from services.domain.messages.strategy import Candidate
from services.risk.limits.view import LimitView


def trades(_: Candidate, view: LimitView) -> str | None:
    """Refuse when the entries of the date are used up."""
    maximum = view.config.trades_per_day
    if view.trades < maximum:
        return None
    return f"{view.trades} entries today of {maximum} allowed"


def trades_of_strategy(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse when the entries of the strategy are used up."""
    maximum, used = view.config.trades_per_strategy_per_day, view.trades_of_strategy
    if used < maximum:
        return None
    return f"{used} entries of {candidate.strategy} today of {maximum} allowed"
