"""Limits on what one trade and one strategy may risk and lose."""

from services.domain.calendar import et_text
from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MINUTE, UnixNanos, at_least, count_text, usd
from services.risk.limits.view import LimitView, Refusals
from services.risk.settings.limits_in_units import MILLI_R


def budget(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse what is more than one entry, or one strategy, may risk, hold or lose."""
    account, own, share = view.desk.account, view.strategy, view.strategy.budget
    name, quantity, new = candidate.strategy, view.size.quantity, view.entry.at_risk
    if new > account.entry_budget:  # in dollars, or as part of the equity
        found = f"{count_text(quantity, 'contract')} at a risk of {usd(new)}"
        allowed = f"{usd(account.entry_budget)} allowed (equity {usd(account.equity)})"
        yield "RISK_PER_TRADE", f"{found}, {allowed}"
    if own.loss_reason is not None or own.day_profit <= -share.daily_loss:
        found = f"{name} at {usd(own.day_profit)} today"
        yield "STRATEGY_LOSS", f"{found}, its entries stop at {usd(-share.daily_loss)}"
    if own.contracts + quantity > share.contracts:
        found = f"{name} has {count_text(own.contracts, 'contract')} + {quantity} new"
        yield "STRATEGY_CONTRACTS", f"{found}, {share.contracts} allowed"
    if own.at_risk + new > share.open_risk:
        found = f"{name} risks {usd(own.at_risk)} + {usd(new)} new"
        yield "STRATEGY_RISK", f"{found}, {usd(share.open_risk)} allowed"


def streaks(_: Candidate, view: LimitView) -> Refusals:
    """Refuse after losses in a row, or fast ones: for the cool-down, then until a resume."""
    desk, config, account = view.desk, view.desk.config, view.desk.account
    cool_down_ns, human = account.limits.loss_cool_down_ns, config.loss_streak_needs_human
    for streak, limit in (
        (view.strategy.streak, config.losses_in_row_of_strategy),
        (account.streak, config.losses_in_row_of_account),
    ):
        if streak is None or not limit or streak.losses < limit:
            continue
        over_ns = UnixNanos(streak.last_ns + cool_down_ns)
        if streak.losses > limit or desk.now_ns < over_ns:
            ends = None if streak.losses > limit else over_ns
            found = f"{streak.scope or 'the account'} lost {streak.losses} trades in a row"
            yield "LOSS_STREAK", _wait_text(f"{found}, {limit} allowed", ends, human=human)
            break
    fast = account.loss_velocity
    over_ns = UnixNanos(fast.last_breach_ns + cool_down_ns)
    if fast.breaches and config.loss_velocity_r and (fast.breaches > 1 or desk.now_ns < over_ns):
        found = "the limit was breached on an earlier date"
        if fast.lost_milli_r:
            found = f"{fast.lost_milli_r / MILLI_R:.1f} R lost"
        allowed = f"{config.loss_velocity_r:g} R within {config.loss_velocity_minutes} min allowed"
        text = f"{found}, {allowed}, breached {fast.breaches} times"
        ends = over_ns if fast.breaches == 1 else None
        yield "LOSS_VELOCITY", _wait_text(text, ends, human=human)


def _wait_text(text: str, ends: UnixNanos | None, *, human: bool) -> str:
    if ends is not None:
        # Texts of times are cut to the minute: what ends within one ends with it.
        minute = UnixNanos(at_least(ends, NANOS_PER_MINUTE) * NANOS_PER_MINUTE)
        return f"{text}: entries wait until {et_text(minute)}"
    return f"{text}: entries wait for " + (
        "an operator's resume" if human else "the next trade date"
    )
