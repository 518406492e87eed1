"""What people see of risk: state, readiness, limits used and left, positions."""

from collections.abc import Iterable, Iterator

import msgspec

from services.domain.messages.risk import Position, TradingState
from services.domain.messages.strategy import Side
from services.domain.units import MICROS_PER_USD, MicroUsd, UnixNanos
from services.risk.account.account_view import order_rates
from services.risk.account.equity import AccountEquity
from services.risk.active_limits import ActiveLimits
from services.risk.evidence.evidence import Evidence
from services.risk.ledger.ledger import Ledger
from services.risk.limits.table import QUOTAS
from services.risk.parts import GateParts
from services.risk.settings.config import RiskConfig
from services.risk.settings.limits_in_units import MILLI_R


class LimitUsage(msgspec.Struct, frozen=True):
    """How much of a limit is used."""

    code: str
    """The refusal code it gives, with the strategy or contract it is counted for."""
    used: float
    limit: float
    unit: str


class RiskStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Risk at this moment, for /status."""

    profile: str
    trade_date: str
    state: TradingState
    reason: str
    not_ready: tuple[str, ...]
    """Why what risk depends on is not proven good."""
    entries_blocked: tuple[str, ...]
    """Everything that blocks every entry: states above ACTIVE first, then what is not ready."""
    realised: MicroUsd
    unrealised: MicroUsd
    week_realised: MicroUsd
    equity: MicroUsd
    equity_from_broker: bool
    """Based on NinjaTrader's account values; false: on `start_equity_usd` and our own profit."""
    start_equity: MicroUsd | None
    """Balance at which the drawdowns begin; None: unknown."""
    start_fault: str
    """The account's start and the stated one, where they differ; empty: they do not."""
    latches: tuple[str, ...]
    """Every tripped latch with its reason."""
    limits: tuple[LimitUsage, ...]
    positions: tuple[Position, ...]
    active_values: tuple[tuple[str, str], ...]
    """Every key of the active set that bounds something, with its value."""
    tightened: tuple[str, ...]
    """Of them, those an operator has tightened on this trade date."""


def risk_status(parts: GateParts, active: ActiveLimits, now: UnixNanos) -> RiskStatus:
    """Gather what people see; `now`: of the last message taken."""
    ledger, equity = parts.ledger, parts.equity
    state, reason = parts.trading.state
    return RiskStatus(
        profile=equity.config.profile,
        trade_date=ledger.trade_date,
        state=state,
        reason=reason,
        not_ready=parts.readiness.reasons,
        entries_blocked=(
            *parts.trading.entry_blocks,
            *parts.readiness.reasons,
            *((equity.account_balance.start_fault,) if equity.account_balance.start_fault else ()),
            *_account_blocks(parts.evidence, now),
        ),
        realised=ledger.realised(),
        unrealised=ledger.unrealised(),
        week_realised=equity.week_realised,
        equity=MicroUsd(equity.equity),
        equity_from_broker=equity.from_broker,
        start_equity=equity.account_balance.start,
        start_fault=equity.account_balance.start_fault,
        latches=(
            *(
                f"{code} {scope} {why}".replace("  ", " ")
                for (code, scope), why in equity.tripped.items()
            ),
            *(
                f"STRATEGY_KILLED {off.strategy} {off.reason}"
                for off in parts.trading.strategy_kills.values()
            ),
        ),
        limits=tuple(row for row in _usage(parts, now) if row.limit),
        positions=ledger.open_position_messages(),
        active_values=active.active_values,
        tightened=active.tightened(),
    )


def _account_blocks(evidence: Evidence, now: UnixNanos) -> Iterator[str]:
    fault = evidence.client.platform_fault(now)
    if fault:
        yield f"PLATFORM {fault}"
    for orphan in evidence.orphans.entries():
        yield f"UNKNOWN_PENDING no entry of this desk: {orphan.text}"


def _usage(parts: GateParts, now: UnixNanos) -> Iterator[LimitUsage]:
    # Of a limit that is off as well.
    equity, ledger, config = parts.equity, parts.ledger, parts.equity.config
    yield from _portfolio_usage(ledger, parts.evidence, config)
    rates = order_rates(equity, ledger, now)
    for code, quota in QUOTAS.items():
        yield LimitUsage(code, quota.count(rates), getattr(config, quota.key), quota.unit)
    yield from _money_usage(equity, ledger)
    yield from _count_usage(equity, now)
    yield from _strategy_usage(equity, ledger, parts.slots)


def _portfolio_usage(
    ledger: Ledger, evidence: Evidence, config: RiskConfig
) -> Iterator[LimitUsage]:
    records = ledger.open_positions()
    waiting = sum(1 for record in records if record.in_flight)
    sides = [{record.strategy for record in records if record.side is side} for side in Side]
    worth, moves, known = 0, 0.0, evidence.market_data.of_date(ledger.trade_date)
    for record in records:
        value = record.exposure * record.tick_value
        bars = known.get(record.contract)
        reach = None if bars is None else bars.average_day_range()
        worth += value * (ledger.marks.price(record.contract) or 0)
        moves += value * (reach or 0.0)
    beyond = len(evidence.slippage.breaches)
    exposure = sum(record.exposure for record in records)
    yield LimitUsage("MAX_POSITION", exposure, config.max_position_contracts, "contracts")
    yield LimitUsage("OPEN_ORDERS", waiting, config.open_entries_max, "entries")
    yield LimitUsage("SLIPPAGE", beyond, config.slippage_breaches_max, "entries")
    yield LimitUsage("CONCENTRATION", max(map(len, sides)), config.same_direction_max, "strategies")
    yield LimitUsage("GROUP_RISK", moves / MICROS_PER_USD, config.group_risk_usd, "USD")
    yield LimitUsage("GROUP_NOTIONAL", worth / MICROS_PER_USD, config.group_notional_usd, "USD")


def _money_usage(account: AccountEquity, ledger: Ledger) -> Iterator[LimitUsage]:
    limits, equity = account.limits, account.equity
    yield _usd("DAILY_LOSS", -ledger.day_profit(), limits.daily_loss)
    yield _usd("WEEKLY_LOSS", -account.week_profit, limits.weekly_loss)
    for floor in account.drawdowns():
        top = floor.floor + floor.amount
        yield _usd(floor.code, top - equity, top - floor.stop_level(limits.drawdown_stop_share))
    yield _usd("PROFIT_GOAL day", ledger.realised(), limits.daily_profit)
    yield _usd("PROFIT_GOAL", account.earned or 0, limits.profit_goal)
    if limits.min_equity:
        room = max(0, (account.account_balance.start or 0) - limits.min_equity)
        yield _usd("EQUITY_FLOOR", room - (equity - limits.min_equity), room)
    free = equity if account.excess_margin is None else account.excess_margin
    needed = sum(
        record.exposure * limits.margins.get(record.order_contract, 0)
        for record in ledger.open_positions()
    )
    yield _usd("MARGIN", needed, int(free * account.config.margin_share))


def _count_usage(equity: AccountEquity, now: UnixNanos) -> Iterator[LimitUsage]:
    counters, config = equity.counters, equity.config
    refusals, rejects = counters.rate_refusals, counters.rejects_in_row
    since_ns = UnixNanos(now - equity.limits.loss_velocity_window_ns)
    fast = max(0, equity.loss_velocity.lost_since(since_ns)) / MILLI_R
    yield LimitUsage(
        "LOSS_STREAK", counters.losses_in_row(""), config.losses_in_row_of_account, "losses"
    )
    yield LimitUsage("LOSS_VELOCITY", fast, config.loss_velocity_r, "R")
    yield LimitUsage("ORDER_RATE refusals", refusals, config.rate_refusals_to_halt, "refusals")
    yield LimitUsage("REJECTS in a row", rejects, config.rejects_in_row, "orders")


def _strategy_usage(
    equity: AccountEquity, ledger: Ledger, strategies: Iterable[str]
) -> Iterator[LimitUsage]:
    counters, config, days = equity.counters, equity.config, equity.open_day_profits()
    for name in strategies:
        budget = equity.limits.budget(name)
        trades, in_row = ledger.trades(name), counters.losses_in_row(name)
        lost, filled = -days.get(name, counters.closed_profit(name)), counters.fills.get(name, 0)
        yield LimitUsage(f"TRADES_PER_STRATEGY {name}", trades, budget.trades, "entries")
        yield _usd(f"STRATEGY_LOSS {name}", lost, budget.daily_loss)
        yield LimitUsage(f"LOSS_STREAK {name}", in_row, config.losses_in_row_of_strategy, "losses")
        yield LimitUsage(f"FILLS_BEFORE_REVIEW {name}", filled, config.fills_before_review, "fills")


def _usd(code: str, used: int, limit: int) -> LimitUsage:
    return LimitUsage(code, max(0, used) / MICROS_PER_USD, limit / MICROS_PER_USD, "USD")
