"""How the limits of a set fit together: what can never let anything trade, and what is odd.

Rule 1: `contradictions` refuses a start. It names only what holds whatever the market does: no
        entry could ever be approved.
Rule 2: `oddities` stops nothing: a strategy whose date is worth less than one of its trades, a
        limit that another one always comes before. `doctor` shows them.
Amounts are of the narrowest stop in one order, its reserve and fees included.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from services.domain.instruments import instrument
from services.domain.units import MICROS_PER_USD
from services.risk.settings.config import RiskConfig, Sizing, StrategyLimits

_DRAWDOWNS: Final = ("drawdown_intraday_usd", "drawdown_end_of_day_usd", "drawdown_static_usd")
_NONE: Final = StrategyLimits()


def contradictions(
    config: RiskConfig, order_contracts: Iterable[str], strategies: Iterable[str]
) -> Iterator[str]:
    """Why a set can never let anything trade in these contracts; nothing: it can."""
    contracts, names = tuple(order_contracts), tuple(strategies)
    quantity = config.fixed_quantity if config.sizing is Sizing.FIXED else 1
    costs = [_cost_usd(config, contract, quantity) for contract in contracts]
    if costs:
        least = min(costs)
        for key, most in _budgets_usd(config, names):
            if least > most:
                found = f"the narrowest stop risks ${least:,.2f}"
                yield f"{found}, {key} allows ${most:,.2f}: nothing can be traded"
    yield from _size_contradictions(config, quantity, names)
    equity = config.start_equity_usd
    if equity and equity <= config.min_equity_usd:
        yield f"start_equity_usd ${equity:,.2f} is not above min_equity_usd: the desk halts at once"
    margins = [config.margin_usd.get(_root(name), 0.0) * quantity for name in contracts]
    if equity and margins and min(margins) > equity * config.margin_share:
        found, allowed = f"the least margin is ${min(margins):,.2f}", equity * config.margin_share
        yield f"{found}, margin_share of start_equity_usd allows ${allowed:,.2f}"
    before_flat = _minute(_flat_by(config)) - config.no_entry_before_close_minutes
    ends = min(_minute(config.last_entry_et), before_flat)
    if _minute(config.first_entry_et) + 1 >= ends:
        last = f"{ends // 60:02}:{ends % 60:02}"
        found = f"first_entry_et is {config.first_entry_et}, entries end at {last}"
        yield f"{found} by last_entry_et or no_entry_before_close_minutes: no minute is left"


def oddities(config: RiskConfig, strategies: Iterable[str]) -> Iterator[str]:
    """What in a set is surely not what was meant."""
    names = tuple(strategies)
    risk, daily = config.risk_per_trade_usd, config.daily_loss_usd
    for name in names:
        trade, day = min(risk, _open_risk_usd(config, name)), _daily_loss_usd(config, name)
        if day < trade:
            found = f"{name} may lose ${day:,.2f} on a date and ${trade:,.2f} in one trade"
            yield f"{found}: one trade can be more than its date"
    if risk <= daily < 2 * risk:
        yield f"daily loss ${daily:,.2f} pays for one trade of ${risk:,.2f}, not for two"
    on = [key for key in _DRAWDOWNS if getattr(config, key)]
    if len(on) > 1:
        yield f"{' and '.join(on)} are on: set one kind of drawdown, the others 0"
    yield from _never_reached(config, names)


def _never_reached(config: RiskConfig, names: tuple[str, ...]) -> Iterator[str]:
    # Limits that another one always comes before.
    trades = max((_trades(config, name) for name in names), default=0)
    window = _minute(_flat_by(config)) - _minute(config.first_entry_et) - 1
    line = max((_stop_line_usd(config, key) for key in _DRAWDOWNS), default=0.0)
    pairs = (
        (config.fills_before_review >= trades > 0, "fills_before_review",
         f"a strategy has at most {trades} trades a day"),
        (
            config.losses_in_row_of_strategy >= config.fills_before_review,
            "losses_in_row_of_strategy",
            f"fills_before_review is {config.fills_before_review}",
        ),
        (config.unfilled_per_day >= config.trades_per_day, "unfilled_per_day",
         f"trades_per_day is {config.trades_per_day}"),
        (config.entries_per_two_seconds >= config.entries_per_minute, "entries_per_two_seconds",
         f"entries_per_minute is {config.entries_per_minute}"),
        (0 < config.weekly_loss_usd <= config.daily_loss_usd, "daily_loss_usd",
         f"weekly_loss_usd is {config.weekly_loss_usd:,.2f}"),
        (0 < config.min_equity_usd <= line, "min_equity_usd",
         f"the desk stops at ${line:,.2f} by a drawdown"),
        (config.max_holding_minutes >= window, "max_holding_minutes",
         f"{window} minutes lie between the first entry and flat-by"),
        (config.group_notional_usd < config.max_order_value_usd, "max_order_value_usd",
         f"group_notional_usd is {config.group_notional_usd:,.2f}"),
    )  # fmt: skip
    for holds, key, why in pairs:
        if holds:
            yield f"{key} {getattr(config, key):g} is never reached: {why}"


def _budgets_usd(config: RiskConfig, names: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    yield "risk_per_trade_usd", config.risk_per_trade_usd
    if config.start_equity_usd:
        yield "risk_per_trade_pct", config.start_equity_usd * config.risk_per_trade_pct / 100
    yield "daily_loss_usd", config.daily_loss_usd
    if config.weekly_loss_usd:
        yield "weekly_loss_usd", config.weekly_loss_usd
    for key in _DRAWDOWNS:
        if amount := getattr(config, key):
            yield f"{key} at drawdown_stop_share", amount * config.drawdown_stop_share
    if names:
        yield "every strategy_open_risk_usd", max(_open_risk_usd(config, name) for name in names)


def _size_contradictions(
    config: RiskConfig, quantity: int, names: tuple[str, ...]
) -> Iterator[str]:
    own = [config.strategies.get(name, _NONE).strategy_contracts for name in names]
    most = max((each or config.strategy_contracts for each in own), default=quantity)
    for key, allowed in (
        ("max_order_quantity", config.max_order_quantity),
        ("every strategy_contracts", most),
    ):
        if quantity > allowed:
            yield f"fixed_quantity {quantity} is above {key} {allowed}: nothing can be traded"


def _cost_usd(config: RiskConfig, contract: str, quantity: int) -> float:
    ticks = config.min_stop_ticks + config.slippage_reserve_ticks
    fee = config.round_trip_fee_usd.get(_root(contract), 0.0)
    return quantity * (ticks * instrument(contract).tick_value / MICROS_PER_USD + fee)


def _stop_line_usd(config: RiskConfig, key: str) -> float:
    # Equity at which the desk stops by a drawdown that has just begun.
    start, amount = config.start_equity_usd, getattr(config, key)
    return start - amount * config.drawdown_stop_share if start and amount else 0.0


def _open_risk_usd(config: RiskConfig, name: str) -> float:
    own = config.strategies.get(name, _NONE)
    return own.strategy_open_risk_usd or config.strategy_open_risk_usd


def _daily_loss_usd(config: RiskConfig, name: str) -> float:
    own = config.strategies.get(name, _NONE)
    return own.strategy_daily_loss_usd or config.strategy_daily_loss_usd


def _trades(config: RiskConfig, name: str) -> int:
    own = config.strategies.get(name, _NONE)
    return own.trades_per_strategy_per_day or config.trades_per_strategy_per_day


def _flat_by(config: RiskConfig) -> str:
    return min(config.flat_by_et, config.rule_pack_flat_by_et or config.flat_by_et)


def _minute(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return 60 * int(hours) + int(minutes)


def _root(contract: str) -> str:
    return contract.partition(" ")[0]
