"""The pullback to VWAP above a broken Initial Balance: the gate Trend Day Bull and P-Day share.

Conditions 5 to 9 of spec C.2, in that order: close above the IB high, close above VWAP and within
reach, buyers on the bar, no heavy selling before it, the order-flow gate; and the stop.
"""

from statistics import median
from typing import Annotated

import msgspec

from services.domain.messages.reading import Range
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import NoTrade, Side
from services.domain.units import Contracts, Ticks
from services.strategies.authoring import guards
from services.strategies.authoring.context import SessionContext
from services.strategies.authoring.entry_signal import tick_down, tick_up
from services.strategies.authoring.parameters import EtClock, Points, Share, StrategyConfig
from services.strategies.authoring.scale import Scale


class PullbackConfig(StrategyConfig, frozen=True):
    """Parameters of the gate; flat in the table of each strategy, so their Configs inherit."""

    first_entry: EtClock = "10:30"
    last_entry: EtClock = "13:00"
    reward_risk_min: Share = 0.0
    """The rule sets stop and target and asks for no ratio."""
    vwap_reach_ib: Share = 0.40
    """Distance of the close above VWAP must be smaller, multiple of the IB range."""
    pre_delta_min: Annotated[int, msgspec.Meta(ge=-1_000_000, le=0)] = -500
    """Sum of the up to nine deltas before the bar, at least; contracts of NQ."""
    pre_delta_volume_min: Annotated[float, msgspec.Meta(ge=-100.0, le=0.0)] = -0.7
    """The scaled version, multiple of the median minute volume of these regular hours."""
    of_score_min: Annotated[int, msgspec.Meta(ge=0, le=3)] = 2
    """Order-flow conditions satisfied, of three."""
    stop_vwap_ib: Share = 0.40
    """Stop below VWAP, multiple of the IB range."""
    stop_pt_min: Points = 15.0
    """And at least this far from the entry, points."""
    stop_ib_min: Share = 0.10
    """The scaled version, multiple of the IB range."""


class Pullback:
    """The gate over one session."""

    def __init__(self, config: PullbackConfig, context: SessionContext) -> None:
        self._config = config
        self._context = context
        self._scale = Scale(config.bounds, context)
        self._in_contracts = config.bounds.in_contracts(context.root)
        self._volumes: list[Contracts] = []

    def fold(self, update: SessionUpdate) -> None:
        """Take a bar of the session."""
        if not self._in_contracts and update.minute_of_rth is not None:
            self._volumes.append(update.volume)

    def refusal(self, update: SessionUpdate, ib: Range) -> NoTrade | None:
        """The condition the bar fails first; None when a long may be signalled."""
        text = self._context.text
        if update.close <= ib.high:
            found = f"close {text(update.close)} <= IB high {text(ib.high)}"
            return NoTrade("below_ib_high", found)
        return (
            self.near_vwap(update, ib, Side.LONG)
            or guards.delta(update, Side.LONG)
            or self._before(update)
            or guards.order_flow(update.order_flow.score_long, self._config.of_score_min)
        )

    def stop(self, update: SessionUpdate, ib: Range, side: Side = Side.LONG) -> Ticks:
        """Give the stop on this bar: beyond VWAP, and from the close by the minimum."""
        vwap = self._config.vwap_anchor.read(update)
        assert vwap is not None, "a stop follows guards that found VWAP"
        level = vwap - side.sign * self._config.stop_vwap_ib * (ib.high - ib.low)
        if side is Side.LONG:
            return self.below(level, update, ib)
        return tick_up(max(level, update.close + self.distance_min(ib)))

    def below(self, level: float, update: SessionUpdate, ib: Range) -> Ticks:
        """Give the lower of a level and the smallest stop distance, on tick; float ticks in."""
        return tick_down(min(level, update.close - self.distance_min(ib)))

    def distance_min(self, ib: Range) -> float:
        """Give the smallest stop distance, float ticks."""
        config = self._config
        return self._scale.distance(config.stop_pt_min, config.stop_ib_min, ib.high - ib.low)

    def near_vwap(self, update: SessionUpdate, ib: Range, side: Side) -> NoTrade | None:
        """Refuse a close on the wrong side of VWAP, or out of its reach."""
        vwap, text = self._config.vwap_anchor.read(update), self._context.text
        if vwap is None:
            return NoTrade("vwap_missing", "VWAP is not warm")
        reach = self._config.vwap_reach_ib * (ib.high - ib.low)
        away = side.sign * (update.close - vwap)
        if 0 < away < reach:
            return None
        close, vwap_text, long = text(update.close), text(vwap), side is Side.LONG
        if away <= 0 and long:
            return NoTrade("below_vwap", f"close {close} <= VWAP {vwap_text}")
        if away <= 0:
            return NoTrade("above_vwap", f"close {close} >= VWAP {vwap_text}")
        found = f"close {close} is {text(away)} pt {'above' if long else 'below'} VWAP {vwap_text}"
        return NoTrade("vwap_far", f"{found}, expected less than {text(reach)} pt")

    def _before(self, update: SessionUpdate) -> NoTrade | None:
        found, least = update.order_flow.pre_delta_sum10, self._pre_delta_least()
        if found is None:
            return NoTrade("pre_delta_missing", "no deltas before this bar are known")
        if found < least:
            text = f"delta of the bars before {found} < {least:.0f} contracts"
            return NoTrade("pre_delta_low", text)
        return None

    def _pre_delta_least(self) -> float:
        if self._in_contracts:
            return self._config.pre_delta_min
        return self._config.pre_delta_volume_min * median(self._volumes or (0,))
