"""P-Day: a day that leans one way; buy the pullback to VWAP once its direction is resolved.

The gate is Trend Day Bull's from the close above the IB high on, without its confidence check, and
only while the day is a P day. Where both signal on a bar, Trend Day Bull has the priority, so this
one is used when the trend's confidence is too low for the other.

The direction is that of the last two consecutive closes outside the IB on one side, counted on
bars of a P day only; the bar that resolves it may enter. The short side, the mirror on days of
type B day bear, is off by default and has no published result: on a P day closes below the IB
would make the day a neutral one (spec B.9).
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
    Ticks,
    guards,
    round_bracket_price,
)

_IB_MINUTES: Final = 60
"""Closes are counted from the first bar after the Initial Balance."""
_LONG_DAYS: Final = (DayType.P_DAY,)
_BOTH_DAYS: Final = (DayType.P_DAY, DayType.B_DAY_BEAR)


class Config(PullbackConfig, frozen=True):
    """P-Day's parameters."""

    resolve_closes: Count = 2
    """Consecutive closes outside the IB, on bars of the day's type, that resolve the direction."""
    target_ib: Share = 1.5
    """Target from the entry, multiple of the IB range."""
    signals_max: Count = 1
    """Signals in a session."""
    short: bool = False
    """Also sell the pullback of a B day bear that resolved downward."""
    short_closes: Count = 3
    """Consecutive closes below the IB a short takes."""
    short_volume_spike: Annotated[float, msgspec.Meta(ge=0.0, le=100.0)] = 1.2
    """Volume over its mean of 20 bars must be larger for a short."""


class _Direction:
    """Closes outside the IB on bars of one day type, and the side that resolved last."""

    def __init__(self, closes: int) -> None:
        self._closes = closes
        self.above = self.below = 0
        self.side: Side | None = None

    def fold(self, close: Ticks, ib: Range) -> None:
        self.above = self.above + 1 if close > ib.high else 0
        self.below = self.below + 1 if close < ib.low else 0
        if self.above >= self._closes:
            self.side = Side.LONG
        elif self.below >= self._closes:
            self.side = Side.SHORT

    def refusal(self, side: Side) -> NoTrade | None:
        """Refuse until the closes have resolved to this side."""
        if self.side is side:
            return None
        if self.side is None:
            found = f"{max(self.above, self.below)} of {self._closes} closes outside the IB"
            return NoTrade("direction_open", f"{found} resolve the direction of the day")
        if self.side is Side.SHORT:
            text = "resolved downward, which is traded on days of type B day bear"
            return NoTrade("direction_short", text)
        return NoTrade("direction_long", "resolved upward, which is traded on days of type P day")


class PDay(AfterInitialBalance[Config]):
    """Buys the pullback of a P day, and where shorts are on sells that of a B day bear."""

    WIRE_NAME = "P-Day"
    MODELS = ("P_DAY_VWAP_LONG", "P_DAY_VWAP_SHORT")
    VERSION = "2"

    def __init__(self, config: Config, context: SessionContext) -> None:
        """Begin a session."""
        super().__init__(config, context)
        self._pullback = Pullback(config, context)
        self._days = _BOTH_DAYS if config.short else _LONG_DAYS
        self._directions = {day: _Direction(config.resolve_closes) for day in self._days}

    def follow(self, update: SessionUpdate) -> None:
        """Follow the direction."""
        self._pullback.fold(update)
        ib, day, minute = update.opening.ib, update.day.type, update.minute_of_rth
        direction = None if day is None else self._directions.get(day)
        if direction is None or ib is None or minute is None or minute <= _IB_MINUTES:
            return
        direction.fold(update.close, ib)

    def decide(self, update: SessionUpdate, ib: Range) -> EntrySignal | NoTrade:
        """Signal the pullback when every guard agrees."""
        refused = guards.day_type(update, self._days)
        if refused is not None:
            return refused
        if update.day.type is DayType.P_DAY:
            refused = self._undecided(update, Side.LONG) or self._pullback.refusal(update, ib)
            return refused or self._signal(update, ib, Side.LONG, update.order_flow.score_long)
        refused = self._undecided(update, Side.SHORT) or self._short_refusal(update, ib)
        return refused or self._signal(update, ib, Side.SHORT, update.order_flow.score_short)

    def _undecided(self, update: SessionUpdate, side: Side) -> NoTrade | None:
        assert update.day.type is not None, "a day type is asked before the direction"
        refused = self._directions[update.day.type].refusal(side)
        return refused or guards.signals(self.signals_given, self.config.signals_max)

    def _short_refusal(self, update: SessionUpdate, ib: Range) -> NoTrade | None:
        text, config = self.context.text, self.config
        below = self._directions[DayType.B_DAY_BEAR].below
        if below < config.short_closes:
            found = f"{below} of {config.short_closes} closes below IB low {text(ib.low)}"
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
        extension = update.day.extension_up if side is Side.LONG else update.day.extension_down
        way = "up" if side is Side.LONG else "down"
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
                Feature(f"extension_{way}_ib", extension or 0.0),
                Feature("delta_contracts", float(update.order_flow.delta or 0)),
                Feature("pre_delta_contracts", float(update.order_flow.pre_delta_sum10 or 0)),
                Feature("of_score", float(score or 0)),
            ),
        )
