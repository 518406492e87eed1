"""Exit management: what a strategy asks for an open position after each bar.

Rule 1: order of the rules: trend trail, afternoon breakeven, VWAP breach, time stop, flat-by.
Rule 2: an exit makes stop moves pointless; of several moves the tightest is requested.
Rule 3: a stop only tightens, by at least one tick; so "once" needs no memory.
Rule 4: a move requested on bar n works from bar n + 1; nothing here looks at this bar's range.
Source: spec C.9.
"""

from collections.abc import Iterator

import msgspec

from services.domain.calendar import et_text
from services.domain.instruments import points_text
from services.domain.messages.risk import Position
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Adjustment, AdjustmentKind
from services.domain.units import NANOS_PER_MINUTE, Ticks, UnixNanos
from services.strategies.authoring.context import SessionContext
from services.strategies.authoring.entry_signal import round_bracket_price
from services.strategies.authoring.parameters import StrategyConfig


class ExitPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The exit parameters with their clocks resolved for one session."""

    config: StrategyConfig
    pm_ns: UnixNanos
    """Afternoon management from this stamp on."""
    eod_ns: UnixNanos
    """Flat on this stamp."""
    flat_at_ns: UnixNanos | None
    """Flat earlier on this stamp, if configured."""
    time_stop_profit: float
    """Float ticks."""

    @property
    def leave_ns(self) -> UnixNanos:
        """The first stamp on which any position is left: nothing is entered from here on."""
        return self.eod_ns if self.flat_at_ns is None else min(self.flat_at_ns, self.eod_ns)

    @classmethod
    def of(cls, config: StrategyConfig, context: SessionContext) -> "ExitPlan":
        """Resolve the clocks of a configuration on a session."""
        return cls(
            config=config,
            pm_ns=context.at(config.pm_from),
            eod_ns=min(context.at(config.eod_flat), context.flat_latest_ns),
            flat_at_ns=None if config.flat_at is None else context.at(config.flat_at),
            time_stop_profit=context.ticks(config.time_stop_profit_pt),
        )


def adjustments(plan: ExitPlan, update: SessionUpdate, position: Position) -> Iterator[Adjustment]:
    """Give what the shared rules ask for after a bar: an exit, a stop move or nothing."""
    moves: list[tuple[int, Adjustment]] = []
    for rule in (trend_trail, pm_breakeven, vwap_breach, time_stop, flat_by):
        wanted = rule(plan, update, position)
        if wanted is None:
            continue
        if wanted.price is None:
            yield wanted
            return
        moves.append((position.side.sign * wanted.price, wanted))
    if moves:
        yield max(moves, key=lambda move: move[0])[1]


def trend_trail(plan: ExitPlan, update: SessionUpdate, position: Position) -> Adjustment | None:
    """Trail the stop one IB range behind the session extreme, once the trade has proved itself."""
    config, profit, ib = plan.config, _profit(update, position), _ib_range(update)
    if not config.trend_trail or profit is None or ib is None or update.day.rth is None:
        return None
    if _bars_held(update, position) < config.trend_trail_bars_min:
        return None
    if profit <= config.trend_trail_profit_ib * ib:
        return None
    sign = position.side.sign
    extreme = update.day.rth.high if sign > 0 else update.day.rth.low
    stop = round_bracket_price(position.side, extreme - sign * config.trend_trail_distance_ib * ib)
    text = f"trail {_text(update, stop)} behind the session extreme {_text(update, extreme)}"
    if sign * (update.close - stop) <= 0:
        # A stop on the wrong side of the market cannot be placed: it has already been hit.
        return _exit(position, "TREND_TRAIL", f"close {_text(update, update.close)} beyond {text}")
    return _move_stop(position, stop, "TREND_TRAIL", text)


def pm_breakeven(plan: ExitPlan, update: SessionUpdate, position: Position) -> Adjustment | None:
    """Move the stop to the entry fill in the afternoon when the trade is well in profit."""
    config, profit, ib = plan.config, _profit(update, position), _ib_range(update)
    if not config.pm_breakeven or update.close_ns < plan.pm_ns or profit is None or ib is None:
        return None
    enough = config.pm_breakeven_profit_ib * ib
    if profit <= enough or position.entry_price is None:
        return None
    stop = round_bracket_price(position.side, position.entry_price)
    text = (
        f"open profit {_text(update, profit)} > {_text(update, enough)} pt in the afternoon, "
        f"stop to the entry {_text(update, stop)}"
    )
    return _move_stop(position, stop, "PM_BREAKEVEN", text)


def vwap_breach(plan: ExitPlan, update: SessionUpdate, position: Position) -> Adjustment | None:
    """Leave in the afternoon when the close is well on the wrong side of VWAP."""
    config, ib = plan.config, _ib_range(update)
    vwap = config.vwap_anchor.read(update)
    if not config.vwap_breach or update.close_ns < plan.pm_ns or ib is None or vwap is None:
        return None
    beyond = position.side.sign * (vwap - update.close)
    allowed = config.vwap_breach_ib * ib
    if beyond <= allowed:
        return None
    text = (
        f"close {_text(update, update.close)} is {_text(update, beyond)} pt on the wrong side of "
        f"VWAP {_text(update, vwap)}, allowed {_text(update, allowed)} pt"
    )
    return _exit(position, "VWAP_BREACH_PM", text)


def time_stop(plan: ExitPlan, update: SessionUpdate, position: Position) -> Adjustment | None:
    """Leave a trade that has gone nowhere for too long; off by default."""
    bars, profit = plan.config.time_stop_bars, _profit(update, position)
    if bars is None or profit is None or _bars_held(update, position) < bars:
        return None
    if profit >= plan.time_stop_profit:
        return None
    text = (
        f"open profit {_text(update, profit)} < {_text(update, plan.time_stop_profit)} pt "
        f"after {_bars_held(update, position)} bars, limit {bars}"
    )
    return _exit(position, "TIME_STOP", text)


def flat_by(plan: ExitPlan, update: SessionUpdate, position: Position) -> Adjustment | None:
    """Leave at the configured hour, at the end of the day, or when a day was missed."""
    if position.trade_date < update.trade_date:
        text = f"opened on {position.trade_date}, still held on {update.trade_date}"
        return _exit(position, "EOD", text)
    if plan.flat_at_ns is not None and update.close_ns >= plan.flat_at_ns:
        return _exit(position, "FLAT_AT", f"flat by {et_text(plan.flat_at_ns)}")
    if update.close_ns >= plan.eod_ns:
        return _exit(position, "EOD", f"flat by {et_text(plan.eod_ns)}")
    return None


def _profit(update: SessionUpdate, position: Position) -> float | None:
    # Open profit at the close per contract, float ticks; None before the fill is known.
    if position.entry_price is None:
        return None
    return position.side.sign * (update.close - position.entry_price)


def _ib_range(update: SessionUpdate) -> int | None:
    return (
        None
        if update.opening.ib is None or not update.opening.ib_final
        else update.opening.ib.high - update.opening.ib.low
    )


def _bars_held(update: SessionUpdate, position: Position) -> int:
    # From the signal's stamp: the fill comes at the next open, so bar n + 1 is the first one held.
    return (update.close_ns - position.signal_ns) // NANOS_PER_MINUTE


def _text(update: SessionUpdate, ticks: float) -> str:
    return points_text(update.contract, ticks)


def _exit(position: Position, code: str, reason: str) -> Adjustment:
    return Adjustment(
        strategy=position.strategy,
        position_id=position.position_id,
        kind=AdjustmentKind.EXIT,
        code=code,
        reason=reason,
    )


def _move_stop(position: Position, stop: Ticks, code: str, reason: str) -> Adjustment | None:
    if position.stop is not None and position.side.sign * (stop - position.stop) < 1:
        return None
    return Adjustment(
        strategy=position.strategy,
        position_id=position.position_id,
        kind=AdjustmentKind.MOVE_STOP,
        code=code,
        price=stop,
        reason=reason,
    )
