"""Limits on how often the desk trades."""

from services.domain.messages.strategy import Candidate
from services.risk.limits.view import LimitView


def trades_per_day(_: Candidate, view: LimitView) -> str | None:
    """Refuse when the entries of the date are used up."""
    maximum = view.config.trades_per_day
    if view.trades < maximum:
        return None
    return f"{view.trades} entries today of {maximum} allowed"


def trades_per_strategy(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse when the entries of the strategy are used up."""
    maximum, used = view.account_view.strategy.budget.trades, view.trades_of_strategy
    if used < maximum:
        return None
    return f"{used} entries of {candidate.strategy} today of {maximum} allowed"


def order_rate(_: Candidate, view: LimitView) -> str | None:
    """Refuse an entry that follows others too fast."""
    config, pace = view.config, view.account_view.order_rates
    if (
        pace.entries_two_seconds < config.entries_per_two_seconds
        and pace.entries_minute < config.entries_per_minute
    ):
        return None
    return (
        f"{pace.entries_two_seconds} entries within 2 s of {config.entries_per_two_seconds}"
        f" allowed, "
        f"{pace.entries_minute} within a minute of {config.entries_per_minute}"
    )


def message_rate(_: Candidate, view: LimitView) -> str | None:
    """Refuse an entry while the desk sends commands of any kind too fast."""
    maximum, sent = view.config.messages_per_second, view.account_view.order_rates.commands_second
    if sent < maximum:
        return None
    return f"{sent} commands within a second of {maximum} allowed"


def fills_before_review(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a strategy that has filled too often since a human last looked."""
    maximum, filled = view.config.fills_before_review, view.account_view.strategy.fills
    if filled < maximum:
        return None
    return (
        f"{candidate.strategy} has filled {filled} times of {maximum} allowed before a "
        "review: resume it"
    )


def unfilled(_: Candidate, view: LimitView) -> str | None:
    """Refuse when too many entries of the date ended without a fill."""
    maximum, ended = view.config.unfilled_per_day, view.account_view.order_rates.unfilled
    if ended < maximum:
        return None
    return f"{ended} entries without a fill today of {maximum} allowed"
