"""Limits on how often the desk trades; a function that takes `OrderRates` counts for a quota."""

from services.domain.messages.strategy import Candidate
from services.risk.account.account_view import OrderRates
from services.risk.limits.view import LimitView, Refusals


def rate(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse an entry that follows others too fast, or a strategy whose entries are used up."""
    config, rates, own, name = view.desk.config, view.order_rates, view.strategy, candidate.strategy
    if own.trades >= own.budget.trades:
        text = f"{own.trades} entries of {name} today of {own.budget.trades} allowed"
        yield "TRADES_PER_STRATEGY", text
    fast, fast_max = rates.entries_two_seconds, config.entries_per_two_seconds
    minute, minute_max = rates.entries_minute, config.entries_per_minute
    if fast >= fast_max or minute >= minute_max:
        found = f"{fast} entries within 2 s of {fast_max} allowed"
        yield "ORDER_RATE", f"{found}, {minute} within a minute of {minute_max}"
    filled_max = config.fills_before_review
    if own.fills >= filled_max:
        found = f"{name} has filled {own.fills} times of {filled_max} allowed before a review"
        yield "FILLS_BEFORE_REVIEW", f"{found}: resume it"


def trades_per_day(rates: OrderRates) -> int:
    """Entries of the date (spec P43)."""
    return rates.trades


def message_rate(rates: OrderRates) -> int:
    """Commands of any kind within a second (spec P43)."""
    return rates.commands_second


def unfilled(rates: OrderRates) -> int:
    """Entries of the date that ended without a fill (spec P47)."""
    return rates.unfilled
