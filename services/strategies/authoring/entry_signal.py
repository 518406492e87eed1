"""The entry signal of a strategy, and the checks it passes before it leaves the worker.

Rule 1: stop and target are rounded to the cautious tick: both down for LONG, both up for SHORT.
Rule 2: LONG stop < entry < target, SHORT mirrored; risk and reward:risk inside the bounds.
Source: spec C.0.
"""

import math

import msgspec

from services.domain.messages.strategy import Confidence, Feature, NoTrade, Side
from services.domain.units import Ticks
from services.strategies.authoring.context import SessionContext
from services.strategies.authoring.parameters import StrategyConfig
from services.strategies.authoring.scale import exact


class EntrySignal(msgspec.Struct, frozen=True, kw_only=True):
    """An entry a strategy signals; the host adds its id, its contracts and its stamp."""

    side: Side
    """Long or short."""
    entry: Ticks
    """Close of the bar evaluated."""
    stop: Ticks
    """Where the trade is wrong, on a tick."""
    target: Ticks
    """Where it is done, on a tick."""
    model: str
    """One of the strategy's MODELS."""
    confidence: Confidence
    """The strategy's own grade, for the record."""
    score: float
    """The strategy's own rating, 0–1, for the record."""
    reason: str
    """One sentence with numbers, prices in points."""
    features: tuple[Feature, ...] = ()
    """Numbers the decision rests on, for the record."""
    reward_risk_min: float | None = None
    """Where the set-up's own bound replaces the strategy's, a ratio; None: the strategy's holds."""
    adds_to_position: bool = False
    """It adds to the position this strategy holds; any other waits until it is flat."""


def tick_down(value: float) -> Ticks:
    """Round float ticks down to a tick."""
    return Ticks(math.floor(exact(value)))


def tick_up(value: float) -> Ticks:
    """Round float ticks up to a tick."""
    return Ticks(math.ceil(exact(value)))


def round_bracket_price(side: Side, value: float) -> Ticks:
    """Round a stop or target of a side: down for LONG, up for SHORT."""
    return tick_down(value) if side is Side.LONG else tick_up(value)


def signal_refusal(
    signal: EntrySignal, config: StrategyConfig, context: SessionContext
) -> NoTrade | None:
    """Why a signal may not leave; None: it may."""
    sign = signal.side.sign
    risk, reward = sign * (signal.entry - signal.stop), sign * (signal.target - signal.entry)
    if risk <= 0 or reward <= 0:
        stop, entry, target = map(context.text, (signal.stop, signal.entry, signal.target))
        prices = f"stop {stop}, entry {entry}, target {target}"
        return NoTrade("bracket_invalid", f"{signal.side.name} {prices} are not in order")
    if risk < config.risk_ticks_min:
        return NoTrade("risk_small", f"risk {risk} < {config.risk_ticks_min} ticks")
    if config.risk_pt_max is not None and risk > context.ticks(config.risk_pt_max):
        return NoTrade("risk_large", f"risk {context.text(risk)} > {config.risk_pt_max:.2f} pt")
    least = config.reward_risk_min if signal.reward_risk_min is None else signal.reward_risk_min
    if reward < least * risk:
        ratio = f"reward:risk {reward / risk:.2f} < {least:.2f}"
        sizes = f"{context.text(reward)} to win, {context.text(risk)} pt at risk"
        return NoTrade("reward_risk", f"{ratio} ({sizes})")
    return None
