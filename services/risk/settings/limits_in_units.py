"""The limits as the desk counts: micro-dollars, nanoseconds, per strategy and per contract.

Made once from a set of limits and again when one of them is tightened: no check computes a limit.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from services.domain.errors import ConfigError
from services.domain.units import (
    MICROS_PER_USD,
    NANOS_PER_MINUTE,
    NANOS_PER_MS,
    NANOS_PER_SECOND,
    Contracts,
    MicroUsd,
)
from services.risk.settings.config import RiskConfig, StrategyLimits


class StrategyBudget(msgspec.Struct, frozen=True, kw_only=True):
    """One strategy's share of the account."""

    daily_loss: MicroUsd
    contracts: Contracts
    open_risk: MicroUsd
    trades: int
    holding_ns_max: int
    """Longest a position is held."""


class LimitsInUnits(msgspec.Struct, frozen=True, kw_only=True):
    """A set of limits, counted; 0 where it is off."""

    stated_start: MicroUsd | None
    """Where the drawdowns begin, as the file states it; None: where the account reports."""
    peak_equity: MicroUsd
    """Highest equity before the run; 0: the start."""
    drawdown_lock: MicroUsd
    """Above the start, a trailing floor rises to at most."""
    drawdown_intraday: MicroUsd
    drawdown_end_of_day: MicroUsd
    drawdown_static: MicroUsd
    has_drawdown: bool
    """One of the three is on."""
    drawdown_stop_share: float
    min_equity: MicroUsd
    daily_loss: MicroUsd
    """Loss of the date at which the desk only reduces, > 0."""
    daily_loss_warning: MicroUsd
    """Loss of the date at which an alert is raised, > 0."""
    weekly_loss: MicroUsd
    daily_profit: MicroUsd
    """Least of the day's own goal and its part of the profit goal."""
    profit_goal: MicroUsd
    risk_per_trade: MicroUsd
    risk_per_trade_share: int
    """Part of the equity one entry may lose, billionths."""
    loss_cool_down_ns: int
    loss_velocity_milli_r: int
    """Thousandths of R."""
    loss_velocity_window_ns: int
    account_values_age_max_ns: int
    stop_move_gap_ns: int
    decision_deadline_ns: int
    max_data_age_ns: int
    unknown_after_ns: int
    default_budget: StrategyBudget
    budgets: Mapping[str, StrategyBudget]
    """By strategy, where other than `default_budget`."""
    fees: Mapping[str, MicroUsd]
    margins: Mapping[str, MicroUsd]
    """Of one contract, by order contract."""

    def budget(self, strategy: str) -> StrategyBudget:
        """A strategy's share."""
        return self.budgets.get(strategy, self.default_budget)


def limits_in_units(config: RiskConfig, order_contracts: Iterable[str]) -> LimitsInUnits:
    """Count a set of limits.

    Raises: ConfigError when an order contract has no fee or no margin.
    """
    start = config.start_equity_usd
    daily_loss, names = _micros(config.daily_loss_usd), tuple(order_contracts)
    general = StrategyLimits()
    return LimitsInUnits(
        stated_start=None if start is None else _micros(start),
        peak_equity=_micros(config.peak_equity_usd),
        drawdown_lock=_micros(config.drawdown_lock_usd),
        drawdown_intraday=_micros(config.drawdown_intraday_usd),
        drawdown_end_of_day=_micros(config.drawdown_end_of_day_usd),
        drawdown_static=_micros(config.drawdown_static_usd),
        has_drawdown=any(
            (
                config.drawdown_intraday_usd,
                config.drawdown_end_of_day_usd,
                config.drawdown_static_usd,
            )
        ),
        drawdown_stop_share=config.drawdown_stop_share,
        min_equity=_micros(config.min_equity_usd),
        daily_loss=daily_loss,
        daily_loss_warning=MicroUsd(round(daily_loss * config.daily_loss_warning)),
        weekly_loss=_micros(config.weekly_loss_usd),
        daily_profit=_micros(_daily_profit(config)),
        profit_goal=_micros(config.profit_goal_usd),
        risk_per_trade=_micros(config.risk_per_trade_usd),
        risk_per_trade_share=round(config.risk_per_trade_pct * 10_000_000),
        loss_cool_down_ns=config.loss_cool_down_minutes * NANOS_PER_MINUTE,
        loss_velocity_milli_r=round(config.loss_velocity_r * MILLI_R),
        loss_velocity_window_ns=config.loss_velocity_minutes * NANOS_PER_MINUTE,
        account_values_age_max_ns=config.account_values_age_max_seconds * NANOS_PER_SECOND,
        stop_move_gap_ns=config.stop_move_gap_ms * NANOS_PER_MS,
        decision_deadline_ns=config.decision_deadline_ms * NANOS_PER_MS,
        max_data_age_ns=config.max_data_age_ms * NANOS_PER_MS,
        unknown_after_ns=config.unknown_after_ms * NANOS_PER_MS,
        default_budget=_strategy_budget(config, general),
        budgets={name: _strategy_budget(config, own) for name, own in config.strategies.items()},
        fees={name: _of_root(config.round_trip_fee_usd, "fee", name) for name in names},
        margins={name: _of_root(config.margin_usd, "margin", name) for name in names},
    )


def _daily_profit(config: RiskConfig) -> float:
    profits = (config.daily_profit_usd, config.best_day_share * config.profit_goal_usd)
    return min((share for share in profits if share), default=0.0)


def _strategy_budget(config: RiskConfig, own: StrategyLimits) -> StrategyBudget:
    daily_loss = own.strategy_daily_loss_usd or config.strategy_daily_loss_usd
    open_risk = own.strategy_open_risk_usd or config.strategy_open_risk_usd
    minutes = own.max_holding_minutes or config.max_holding_minutes
    return StrategyBudget(
        daily_loss=_micros(daily_loss),
        contracts=own.strategy_contracts or config.strategy_contracts,
        open_risk=_micros(open_risk),
        trades=own.trades_per_strategy_per_day or config.trades_per_strategy_per_day,
        holding_ns_max=minutes * NANOS_PER_MINUTE,
    )


def _of_root(table: Mapping[str, float], what: str, contract: str) -> MicroUsd:
    root = contract.partition(" ")[0]
    if root not in table:
        raise ConfigError(f"limits have no {what} of {root}, expected one for {contract}")
    return _micros(table[root])


def _micros(dollars: float) -> MicroUsd:
    return MicroUsd(round(dollars * MICROS_PER_USD))


MILLI_R: Final = 1_000
"""Thousandths of R: money stays in integers."""
