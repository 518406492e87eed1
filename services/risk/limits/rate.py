"""Limits on how often the desk trades; a function that takes `OrderRates` counts for a quota."""

from services.domain.messages.strategy import Candidate
from services.risk.account.account_view import OrderRates
from services.risk.limits.view import LimitView


def trades_per_day(rates: OrderRates) -> int:
    """Entries of the date (spec P43)."""
    return rates.trades


def trades_per_strategy(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse when the entries of the strategy are used up."""
    maximum, used = view.strategy.budget.trades, view.strategy.trades
    if used < maximum:
        return None
    return f"{used} entries of {candidate.strategy} today of {maximum} allowed"


def order_rate(_: Candidate, view: LimitView) -> str | None:
    """Refuse an entry that follows others too fast."""
    config, rates = view.desk.config, view.order_rates
    if (
        rates.entries_two_seconds < config.entries_per_two_seconds
        and rates.entries_minute < config.entries_per_minute
    ):
        return None
    return (
        f"{rates.entries_two_seconds} entries within 2 s of {config.entries_per_two_seconds} "
        f"allowed, {rates.entries_minute} within a minute of {config.entries_per_minute}"
    )


def message_rate(rates: OrderRates) -> int:
    """Commands of any kind within a second (spec P43)."""
    return rates.commands_second


def fills_before_review(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a strategy that has filled too often since the last review."""
    maximum, filled = view.desk.config.fills_before_review, view.strategy.fills
    if filled < maximum:
        return None
    return (
        f"{candidate.strategy} has filled {filled} times of {maximum} allowed before a "
        "review: resume it"
    )


def unfilled(rates: OrderRates) -> int:
    """Entries of the date that ended without a fill (spec P47)."""
    return rates.unfilled
