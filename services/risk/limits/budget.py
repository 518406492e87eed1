"""Limits on what one trade and one strategy may risk and lose."""

from services.domain.calendar import et_text
from services.domain.messages.risk import LossStreak
from services.domain.messages.strategy import Candidate
from services.domain.units import UnixNanos, count_text, usd
from services.risk.limits.view import LimitView
from services.risk.settings.limits_in_units import MILLI_R


def risk_per_trade(_: Candidate, view: LimitView) -> str | None:
    """Refuse an entry that loses too much at its stop, in dollars or as part of the equity."""
    account, new = view.desk.account, view.entry.at_risk
    if new <= account.entry_budget:
        return None
    return (
        f"{count_text(view.size.quantity, 'contract')} at a risk of {usd(new)}, "
        f"{usd(account.entry_budget)} allowed (equity {usd(account.equity)})"
    )


def strategy_loss(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a strategy that has used up its daily loss budget."""
    own = view.strategy
    if own.loss_reason is None and own.day_profit > -own.budget.daily_loss:
        return None
    limit = usd(-own.budget.daily_loss)
    return f"{candidate.strategy} at {usd(own.day_profit)} today, its entries stop at {limit}"


def strategy_contracts(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse more contracts than one strategy may hold."""
    own, new = view.strategy, view.size.quantity
    if own.contracts + new <= own.budget.contracts:
        return None
    return (
        f"{candidate.strategy} has {count_text(own.contracts, 'contract')} + {new} new, "
        f"{own.budget.contracts} allowed"
    )


def strategy_risk(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse more open risk than one strategy may carry."""
    own, new = view.strategy, view.entry.at_risk
    if own.at_risk + new <= own.budget.open_risk:
        return None
    return (
        f"{candidate.strategy} risks {usd(own.at_risk)} + {usd(new)} new, "
        f"{usd(own.budget.open_risk)} allowed"
    )


def loss_streak(_: Candidate, view: LimitView) -> str | None:
    """Refuse after too many losses in a row: for the cool-down, then until an operator resumes."""
    config, account = view.desk.config, view.desk.account
    for streak, limit in (
        (view.strategy.streak, config.losses_in_row_of_strategy),
        (account.streak, config.losses_in_row_of_account),
    ):
        if streak is None or not limit or streak.losses < limit:
            continue
        over_ns = UnixNanos(streak.last_ns + account.limits.loss_cool_down_ns)
        if streak.losses > limit or view.desk.now_ns < over_ns:
            ends = None if streak.losses > limit else over_ns
            return _streak_text(streak, limit, ends, human=config.loss_streak_needs_human)
    return None


def loss_velocity(_: Candidate, view: LimitView) -> str | None:
    """Refuse after losing too many R within minutes: for the cool-down, then until a resume."""
    config, account = view.desk.config, view.desk.account
    fast = account.loss_velocity
    if not fast.breaches or not config.loss_velocity_r:
        return None
    over_ns = UnixNanos(fast.last_breach_ns + account.limits.loss_cool_down_ns)
    if fast.breaches == 1 and view.desk.now_ns >= over_ns:
        return None
    found = (
        f"{fast.lost_milli_r / MILLI_R:.1f} R lost"
        if fast.lost_milli_r
        else "the limit was breached on an earlier date"
    )
    text = (
        f"{found}, {config.loss_velocity_r:g} R within {config.loss_velocity_minutes} min allowed, "
        f"breached {fast.breaches} times"
    )
    return _wait_text(
        text, over_ns if fast.breaches == 1 else None, human=config.loss_streak_needs_human
    )


def _streak_text(streak: LossStreak, limit: int, ends: UnixNanos | None, *, human: bool) -> str:
    who = streak.scope or "the account"
    text = f"{who} lost {streak.losses} trades in a row, {limit} allowed"
    return _wait_text(text, ends, human=human)


def _wait_text(text: str, ends: UnixNanos | None, *, human: bool) -> str:
    if ends is not None:
        return f"{text}: entries wait until {et_text(ends)}"
    return f"{text}: entries wait for " + (
        "an operator's resume" if human else "the next trade date"
    )
