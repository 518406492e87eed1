"""B-Day IBL Fade: on a balanced day, buy the failed push through the Initial Balance low.

The bar trades at or below the IB low and closes back above it, buyers show, and at least two of
four signs of quality are there; the target is the middle of the Initial Balance. A touch is any bar
after the IB whose low is at or below the IB low; touches follow each other when at most three
minutes lie from one to the next.
Source: spec C.4. The fade of the IB high, which lost in every published test, is not
built.
"""

from typing import Annotated, Final

import msgspec

from pitwire.strategies import (
    P90_MISSING,
    AfterInitialBalance,
    Confidence,
    Count,
    DayStrength,
    DayType,
    EntrySignal,
    EtClock,
    Feature,
    IndicatorFamily,
    NoTrade,
    Points,
    Range,
    SessionContext,
    SessionUpdate,
    Share,
    Side,
    StrategyConfig,
    guards,
    tick_down,
)

_IB_MINUTES: Final = 60
_SIGNS: Final = 4
_HIGH_QUALITY: Final = 3
"""Signs that make the confidence high."""
_B_DAY: Final = (DayType.B_DAY,)


class Config(StrategyConfig, frozen=True):
    """B-Day IBL Fade's parameters."""

    first_entry: EtClock = "10:30"
    last_entry: EtClock = "14:00"
    reward_risk_min: Share = 0.4
    """A risk of at most 2.5 times the reward: an entry near the IB low aims at half its range."""
    confidence_min: Share = 0.5
    """Confidence of b_day."""
    ib_range_pt_max: Points = 400.0
    ib_range_scaled_max: Share = 1.2
    """Multiple of the 90th percentile of 20 sessions' IB ranges, for the scaled version."""
    quality_min: Annotated[int, msgspec.Meta(ge=0, le=4)] = 2
    """Signs of quality, of four."""
    touches_min: Count = 2
    """Touches of the IB low in a row that are a sign."""
    touch_minutes_max: Count = 3
    """From one touch to the next."""
    volume_spike: Annotated[float, msgspec.Meta(ge=0.0, le=100.0)] = 1.3
    """Volume over its mean of 20 bars larger than this is a sign."""
    stop_ib: Share = 0.10
    """Stop below the IB low, multiple of the IB range."""
    cooldown_bars: Annotated[int, msgspec.Meta(ge=0, le=390)] = 30
    """Minutes after a signal before the next, where more than one is allowed."""
    signals_max: Count = 1
    """Signals in a session."""


class BDayIblFade(AfterInitialBalance[Config]):
    """Buys the reclaim of the Initial Balance low on a day in balance."""

    WIRE_NAME = "B-Day"
    MODELS = ("B_DAY_IBL_FADE",)
    VERSION = "1"
    READS = frozenset(
        {
            IndicatorFamily.CONFIDENCE,
            IndicatorFamily.GAPS_1M,
            IndicatorFamily.GAPS_15M,
        }
    )

    def __init__(self, config: Config, context: SessionContext) -> None:
        """Begin a session."""
        super().__init__(config, context)
        self._touches = 0
        self._touched_minute = 0

    def follow(self, update: SessionUpdate) -> None:
        """Count the touches of the IB low."""
        minute, ib = update.minute_of_rth, update.opening.ib
        if minute is None or minute <= _IB_MINUTES or ib is None or update.low > ib.low:
            return
        near = minute - self._touched_minute <= self.config.touch_minutes_max
        self._touches = self._touches + 1 if near and self._touches else 1
        self._touched_minute = minute

    def decide(self, update: SessionUpdate, ib: Range) -> EntrySignal | NoTrade:
        """Signal the fade when every guard agrees."""
        return (
            guards.signals(self.signals_given, self.config.signals_max)
            or guards.cooldown(self.last_signal_minute, update, self.config.cooldown_bars)
            or self._day(update)
            or self._range(update, ib)
            or self._place(update, ib)
            or guards.delta(update, Side.LONG)
            or self._quality(update)
            or self._signal(update, ib)
        )

    def _day(self, update: SessionUpdate) -> NoTrade | None:
        refused = guards.day_type(update, _B_DAY)
        if refused is not None:
            return refused
        if update.day.strength is not DayStrength.WEAK:
            found = "unknown" if update.day.strength is None else update.day.strength.name.lower()
            return NoTrade("strength", f"strength of the day type {found}, expected weak")
        trust = None if update.day.confidence is None else update.day.confidence.b_day
        return guards.confidence(trust, self.config.confidence_min, "b_day")

    def _range(self, update: SessionUpdate, ib: Range) -> NoTrade | None:
        config, p90 = self.config, update.opening.ib_range_p90
        most = self.scale.bound(config.ib_range_pt_max, config.ib_range_scaled_max, p90)
        return P90_MISSING if most is None else self.scale.wide(ib, most)

    def _place(self, update: SessionUpdate, ib: Range) -> NoTrade | None:
        text = self.context.text
        if update.low > ib.low:
            return NoTrade("no_touch", f"low {text(update.low)} > IB low {text(ib.low)}")
        if update.close <= ib.low:
            return NoTrade("no_reclaim", f"close {text(update.close)} <= IB low {text(ib.low)}")
        return None

    def _signs(self, update: SessionUpdate) -> tuple[str, ...]:
        minute, wide = update.gaps.one_minute, update.gaps.fifteen_minute
        gap = minute is not None and (minute.bull or minute.inverse_bull)
        spike = update.order_flow.volume_spike20
        seen = (
            ("gap", gap or (wide is not None and wide.bull)),
            ("delta", (update.order_flow.delta or 0) > 0),
            ("touches", self._touches >= self.config.touches_min),
            ("volume", spike is not None and spike > self.config.volume_spike),
        )
        return tuple(name for name, holds in seen if holds)

    def _quality(self, update: SessionUpdate) -> NoTrade | None:
        seen, least = self._signs(update), self.config.quality_min
        if len(seen) < least:
            found = ", ".join(seen) or "none"
            return NoTrade("quality_low", f"{len(seen)} < {least} signs of quality: {found}")
        return None

    def _signal(self, update: SessionUpdate, ib: Range) -> EntrySignal:
        text, size, seen = self.context.text, ib.high - ib.low, self._signs(update)
        trust = 0.0 if update.day.confidence is None else update.day.confidence.b_day
        return EntrySignal(
            side=Side.LONG,
            entry=update.close,
            stop=tick_down(ib.low - self.config.stop_ib * size),
            target=tick_down((ib.low + ib.high) / 2),
            model="B_DAY_IBL_FADE",
            confidence=Confidence.HIGH if len(seen) >= _HIGH_QUALITY else Confidence.MEDIUM,
            score=len(seen) / _SIGNS,
            reason=(
                f"low {text(update.low)} through IB low {text(ib.low)}, close {text(update.close)} "
                f"back above, delta {update.order_flow.delta}, "
                f"quality {len(seen)} of 4: {', '.join(seen)}"
            ),
            features=(
                Feature("ib_range_pt", size / self.context.ticks(1.0)),
                Feature("confidence_b_day", trust),
                Feature("quality", float(len(seen))),
                Feature("touches", float(self._touches)),
                Feature("delta_contracts", float(update.order_flow.delta or 0)),
            ),
        )
