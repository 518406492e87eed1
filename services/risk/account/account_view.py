"""Where the account and a strategy stand: what the limits on money and rates look at."""

from collections.abc import Mapping

import msgspec

from services.domain.messages.risk import LossStreak
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, Contracts, MicroUsd, UnixNanos
from services.risk.account.counters import LossVelocity, count_since
from services.risk.account.equity import AccountEquity, Drawdown
from services.risk.ledger.ledger import Ledger
from services.risk.settings.limits_in_units import LimitsInUnits, StrategyBudget


class StrategyView(msgspec.Struct, frozen=True, kw_only=True):
    """Where the strategy that asks stands."""

    budget: StrategyBudget
    day_profit: MicroUsd
    """Realised + unrealised of the trade date."""
    at_risk: MicroUsd
    """What its positions lose at their stops, ≥ 0."""
    contracts: Contracts
    """Held, in flight and approved in this minute."""
    streak: LossStreak | None
    loss_reason: str | None
    """How its daily loss was reached."""
    trades: int
    """Entries commanded this trade date, those approved in this minute included."""
    fills: int
    """Entries filled since the last review."""


class OrderRates(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries and commands were sent lately."""

    trades: int
    """Entries commanded this trade date, those approved in this minute included."""
    entries_two_seconds: int
    """Entries, those approved in this minute included."""
    entries_minute: int
    commands_second: int
    """Commands of every kind."""
    unfilled: int


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """The account at one moment."""

    limits: LimitsInUnits
    equity: MicroUsd
    """Balance and open profit."""
    balance: MicroUsd
    start: MicroUsd | None
    """Balance at which the drawdowns begin; None: unknown."""
    start_fault: str
    """The account's start and the stated one, where they differ; empty: they do not."""
    is_balance_reported: bool
    """A report of the account was counted."""
    day_profit: MicroUsd
    """Realised + unrealised of the trade date, from what was open when it began."""
    realised: MicroUsd
    week_profit: MicroUsd
    """Realised + unrealised of the week."""
    entry_budget: MicroUsd
    """Most that one entry may lose: dollars, or a part of the equity where that is less."""
    drawdowns: tuple[Drawdown, ...]
    """Of the drawdowns that are on."""
    tripped: Mapping[tuple[str, str], str]
    """Reasons by refusal code and strategy ('': the desk)."""
    streak: LossStreak | None
    """Of the account."""
    loss_velocity: LossVelocity
    """How fast it has lost."""
    open_day_profits: Mapping[str, MicroUsd]
    """Realised + unrealised of the trade date by strategy, of those that hold something."""
    excess_margin: MicroUsd | None
    """As NinjaTrader reported it; None: it did not."""
    account_values_age_ns: int | None
    """Age of the last account values; None: none have come."""


_TWO_SECONDS_NS = 2 * NANOS_PER_SECOND


def account_view(equity: AccountEquity, ledger: Ledger, now: UnixNanos) -> AccountView:
    """The account before the first candidate of a minute is decided."""
    limits, balance, known = equity.limits, equity.balance, equity.account_balance
    realised, unrealised = ledger.realised(), ledger.unrealised()
    share = (balance + unrealised) * limits.risk_per_trade_share // 1_000_000_000
    values_ns = equity.account_values_ns
    return AccountView(
        limits=limits,
        equity=MicroUsd(balance + unrealised),
        balance=balance,
        start=known.start,
        start_fault=known.start_fault,
        is_balance_reported=known.reported_start is not None,
        day_profit=MicroUsd(realised + unrealised - ledger.open_profit_before_today),
        realised=realised,
        week_profit=MicroUsd(equity.week_realised + unrealised - equity.week_open_profit),
        entry_budget=MicroUsd(min(limits.risk_per_trade, share)),
        drawdowns=equity.drawdowns(),
        tripped=equity.tripped,
        streak=equity.counters.streaks.get(""),
        loss_velocity=equity.loss_velocity,
        open_day_profits=equity.open_day_profits() if ledger.open_records else {},
        excess_margin=equity.excess_margin,
        account_values_age_ns=None if values_ns is None else now - values_ns,
    )


def order_rates(
    equity: AccountEquity, ledger: Ledger, now: UnixNanos, *, approved: int = 0
) -> OrderRates:
    """How much the desk has sent, those approved in this minute included."""
    counters = equity.counters
    return OrderRates(
        trades=ledger.trades() + approved,
        entries_two_seconds=count_since(counters.entry_times, now - _TWO_SECONDS_NS) + approved,
        entries_minute=count_since(counters.entry_times, now - NANOS_PER_MINUTE) + approved,
        commands_second=count_since(counters.command_times, now - NANOS_PER_SECOND) + approved,
        unfilled=counters.unfilled,
    )
