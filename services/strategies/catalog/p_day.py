"""P-Day: a day that leans one way; buy the pullback to VWAP once its direction is resolved.

The gate is Trend Day Bull's from the close above the IB high on, without its confidence check, and
only while the day is a P day. Where both signal on a bar, Trend Day Bull has the priority, so this
one is used when the trend's confidence is too low for the other.

The direction is that of the last two consecutive closes outside the IB on one side, counted on
bars of a P day only. The short side is off by default and has no published result.
Source: spec C.3.
"""

from typing import Annotated, Final

import msgspec

from pitwire.strategies import (
    AfterInitialBalance,
    Confidence,
    Count,
    DayType,
    EntrySignal,
    Feature,
    NoTrade,
    Pullback,
    PullbackConfig,
    Range,
    SessionContext,
    SessionUpdate,
    Share,
    Side,
    guards,
    round_bracket_price,
)

_IB_MINUTES: Final = 60
"""Closes are counted from the first bar after the Initial Balance."""
_P_DAY: Final = (DayType.P_DAY,)


class Config(PullbackConfig, frozen=True):
    """P-Day's parameters."""

    resolve_closes: Count = 2
    """Consecutive closes outside the IB, on bars of a P day, that resolve the direction."""
    target_ib: Share = 1.5
    """Target from the entry, multiple of the IB range."""
    signals_max: Count = 1
    """Signals in a session."""
    short: bool = False
    """Also sell the pullback of a P day that resolved downward."""
    short_closes: Count = 3
    """Consecutive closes below the IB a short takes."""
    short_volume_spike: Annotated[float, msgspec.Meta(ge=0.0, le=100.0)] = 1.2
    """Volume over its mean of 20 bars must be larger for a short."""


class PDay(AfterInitialBalance[Config]):
    """Buys the pullback of a P day in the direction it has resolved."""

    WIRE_NAME = "P-Day"
    MODELS = ("P_DAY_VWAP_LONG", "P_DAY_VWAP_SHORT")
    VERSION = "1"

    def __init__(self, config: Config, context: SessionContext) -> None:
        """Begin a session."""
        super().__init__(config, context)
        self._pullback = Pullback(config, context)
        self._above = self._below = 0
        self._side: Side | None = None

    def follow(self, update: SessionUpdate) -> None:
        """Follow the direction."""
        self._pullback.fold(update)
        ib = update.opening.ib
        if update.day.type is not DayType.P_DAY or ib is None or update.minute_of_rth is None:
            return
        if update.minute_of_rth <= _IB_MINUTES:
            return
        self._above = self._above + 1 if update.close > ib.high else 0
        self._below = self._below + 1 if update.close < ib.low else 0
        if self._above >= self.config.resolve_closes:
            self._side = Side.LONG
        elif self._below >= self.config.resolve_closes:
            self._side = Side.SHORT

    def decide(self, update: SessionUpdate, ib: Range) -> EntrySignal | NoTrade:
        """Signal the pullback when every guard agrees."""
        refused = (
            guards.day_type(update, _P_DAY)
            or self._direction()
            or guards.signals(self.signals_given, self.config.signals_max)
        )
        if refused is not None:
            return refused
        if self._side is Side.LONG:
            refused = self._pullback.refusal(update, ib)
            return refused or self._signal(update, ib, Side.LONG, update.order_flow.score_long)
        refused = self._short_refusal(update, ib)
        return refused or self._signal(update, ib, Side.SHORT, update.order_flow.score_short)

    def _direction(self) -> NoTrade | None:
        if self._side is None:
            closes = self.config.resolve_closes
            found = f"{max(self._above, self._below)} of {closes} closes outside the IB"
            return NoTrade("direction_open", f"{found} resolve the direction of a P day")
        if self._side is Side.SHORT and not self.config.short:
            return NoTrade("direction_short", "resolved downward, shorts are off")
        return None

    def _short_refusal(self, update: SessionUpdate, ib: Range) -> NoTrade | None:
        text, config = self.context.text, self.config
        if self._below < config.short_closes:
            found = f"{self._below} of {config.short_closes} closes below IB low {text(ib.low)}"
            return NoTrade("not_below_ib", found)
        return (
            self._pullback.near_vwap(update, ib, Side.SHORT)
            or guards.delta(update, Side.SHORT)
            or self._volume_low(update)
        )

    def _volume_low(self, update: SessionUpdate) -> NoTrade | None:
        spike, least = update.order_flow.volume_spike20, self.config.short_volume_spike
        if spike is None or spike <= least:
            found = "unknown" if spike is None else f"{spike:.2f} <= {least:.2f}"
            return NoTrade("volume_low", f"volume over its mean {found}")
        return None

    def _signal(
        self, update: SessionUpdate, ib: Range, side: Side, score: int | None
    ) -> EntrySignal:
        text, size, vwap = self.context.text, ib.high - ib.low, self.config.vwap_anchor.read(update)
        reach = side.sign * self.config.target_ib * size
        edge = f"IB high {text(ib.high)}" if side is Side.LONG else f"IB low {text(ib.low)}"
        return EntrySignal(
            side=side,
            entry=update.close,
            stop=self._pullback.stop(update, ib, side),
            target=round_bracket_price(side, update.close + reach),
            model=f"P_DAY_VWAP_{side.name}",
            confidence=Confidence.HIGH if side is Side.LONG else Confidence.MEDIUM,
            score=(score or 0) / 3,
            reason=(
                f"close {text(update.close)} beyond {edge}, "
                f"{text(abs(update.close - (vwap or 0.0)))} pt from VWAP {text(vwap or 0.0)}, "
                f"delta {update.order_flow.delta}, order flow {score} of 3"
            ),
            features=(
                Feature("ib_range_pt", size / self.context.ticks(1.0)),
                Feature("extension_up_ib", update.day.extension_up or 0.0),
                Feature("delta_contracts", float(update.order_flow.delta or 0)),
                Feature("pre_delta_contracts", float(update.order_flow.pre_delta_sum10 or 0)),
                Feature("of_score", float(score or 0)),
            ),
        )
