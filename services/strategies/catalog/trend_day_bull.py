"""Trend Day Bull: the Initial Balance is broken upward and accepted; buy the pullback to VWAP.

Conditions stand in the order of the specification; the first that refuses answers the bar. The bar
that completes acceptance does not enter itself. The stop is not trailed by default, and the VWAP
breach of the afternoon does not end it: a trend is held.

Pyramids are off. Switched on, one more entry is signalled while the first is held (P2; the count of
two includes the first). A desk that holds one position per order contract refuses it, by the limits
MAX_POSITION and POSITION_OPEN: signal and refusal are on record for study, nothing is added.
Source: spec C.2, exits spec C.9. Not built: the retest of the IB high and the pullback to
EMA 20, which lost in the published tests; the veto of a poor high, a flag the source never sets.
"""

from typing import Annotated, Final

import msgspec

from pitwire.strategies import (
    AfterInitialBalance,
    Confidence,
    DayStrength,
    DayType,
    EntrySignal,
    EtClock,
    Feature,
    IndicatorFamily,
    NoTrade,
    Points,
    Position,
    PositionState,
    Pullback,
    PullbackConfig,
    Range,
    SessionContext,
    SessionUpdate,
    Share,
    Side,
    Ticks,
    guards,
    tick_down,
)

_EMA_WEIGHT: Final = 2 / (5 + 1)
"""EMA of five bars (spec B.2); a night of bars makes it independent of its first value."""
_TREND: Final = (DayType.TREND_UP, DayType.SUPER_TREND_UP)
_BULLISH: Final = (*_TREND, DayType.P_DAY)
_NOT_ACCEPTED: Final = NoTrade("not_accepted", "no acceptance above the IB high")
_JUST_ACCEPTED: Final = NoTrade("just_accepted", "this bar completes the acceptance")


class Config(PullbackConfig, frozen=True):
    """Trend Day Bull's parameters."""

    vwap_breach: bool = False
    """Exempt: a trend that dips below VWAP is held to its stop."""
    confidence_min: Share = 0.375
    """Confidence of trend_up, three of its eight checks."""
    cooldown_bars: Annotated[int, msgspec.Meta(ge=0, le=390)] = 12
    """Minutes after a signal before the next."""
    target_p_day_ib: Share = 1.5
    """Target above the entry on a P day, multiple of the IB range."""
    target_narrow_ib: Share = 2.5
    """On a narrow Initial Balance."""
    target_ib: Share = 2.0
    """Otherwise."""
    narrow_pt: Points = 50.0
    """An Initial Balance below this is narrow, points."""
    narrow_scaled: Share = 0.2
    """The scaled version, multiple of the median IB range of 20 sessions."""
    ema5_pyramid: bool = False
    vwap_pyramid: bool = False
    pyramid_last_entry: EtClock = "11:30"
    """Pyramids only on bars stamped before this."""
    pyramid_reach_ib: Share = 0.15
    """Distance of the close above EMA 5 must be smaller, multiple of the IB range."""
    pyramid_stop_ib: Share = 0.30
    """Stop below EMA 5, multiple of the IB range."""

    @property
    def adds_to_position(self) -> bool:
        """Whether pyramids are signalled."""
        return self.ema5_pyramid or self.vwap_pyramid


class TrendDayBull(AfterInitialBalance[Config]):
    """Buys pullbacks to VWAP on a day that has accepted higher prices."""

    WIRE_NAME = "Trend Day Bull"
    MODELS = ("VWAP_PULLBACK", "EMA5_PYRAMID_P2", "VWAP_PYRAMID_P2")
    VERSION = "2"
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
        self._pullback = Pullback(config, context)
        self._pyramid_last_ns = context.at(config.pyramid_last_entry)
        self._ema5: float | None = None
        self._accepted = self._accepted_before = False
        self._open_position_ids: set[str] = set()

    def follow(self, update: SessionUpdate) -> None:
        """Follow acceptance."""
        self._accepted_before, self._accepted = self._accepted, update.day.accepted_long
        self._pullback.fold(update)
        if self.config.adds_to_position:
            before = update.close if self._ema5 is None else self._ema5
            self._ema5 = before + _EMA_WEIGHT * (update.close - before)

    def decide(self, update: SessionUpdate, ib: Range) -> EntrySignal | NoTrade:
        """Signal the pullback when every guard agrees."""
        if self._open_position_ids and self.config.adds_to_position:
            return self._pyramid(update, ib)
        refused = self._day(update) or self._trust(update) or self._pullback.refusal(update, ib)
        return refused or self._signal(update, ib)

    def on_position(self, position: Position) -> None:
        """Know whether a trade is held, which a pyramid needs."""
        if position.state is PositionState.CLOSED:
            self._open_position_ids.discard(position.position_id)
        elif position.entered > 0:
            self._open_position_ids.add(position.position_id)

    def _day(self, update: SessionUpdate) -> NoTrade | None:
        if not self._accepted:
            return _NOT_ACCEPTED
        if not self._accepted_before:
            return _JUST_ACCEPTED
        return guards.day_type(update, _BULLISH) or _weak(update)

    def _trust(self, update: SessionUpdate) -> NoTrade | None:
        trend = None if update.day.confidence is None else update.day.confidence.trend_up
        refused = guards.confidence(trend, self.config.confidence_min, "trend_up")
        return refused or guards.cooldown(
            self.last_signal_minute, update, self.config.cooldown_bars
        )

    def _signal(self, update: SessionUpdate, ib: Range) -> EntrySignal:
        text, vwap = self.context.text, self.config.vwap_anchor.read(update)
        assert vwap is not None, "a signal follows guards that found VWAP"
        return self._entry(
            update,
            ib,
            model="VWAP_PULLBACK",
            stop=self._pullback.stop(update, ib),
            reason=(
                f"close {text(update.close)} above IB high {text(ib.high)}, "
                f"{text(update.close - vwap)} pt above VWAP {text(vwap)}, "
                f"delta {update.order_flow.delta}, order flow {update.order_flow.score_long} of 3"
            ),
        )

    def _entry(
        self, update: SessionUpdate, ib: Range, *, model: str, stop: Ticks, reason: str
    ) -> EntrySignal:
        trend = 0.0 if update.day.confidence is None else update.day.confidence.trend_up
        size, points = ib.high - ib.low, 1.0 / self.context.ticks(1.0)
        return EntrySignal(
            side=Side.LONG,
            entry=update.close,
            stop=stop,
            target=tick_down(update.close + self._reach(update, size) * size),
            model=model,
            confidence=Confidence.HIGH,
            score=trend,
            reason=reason,
            features=(
                Feature("ib_range_pt", size * points),
                Feature("extension_up_ib", update.day.extension_up or 0.0),
                Feature("confidence_trend_up", trend),
                Feature("delta_contracts", float(update.order_flow.delta or 0)),
                Feature("pre_delta_contracts", float(update.order_flow.pre_delta_sum10 or 0)),
                Feature("of_score", float(update.order_flow.score_long or 0)),
            ),
            adds_to_position=model != "VWAP_PULLBACK",
        )

    def _reach(self, update: SessionUpdate, size: int) -> float:
        config = self.config
        if update.day.type is DayType.P_DAY:
            return config.target_p_day_ib
        median = update.opening.ib_range_median20
        narrow = self.scale.bound(config.narrow_pt, config.narrow_scaled, median)
        is_narrow = narrow is not None and size < narrow
        return config.target_narrow_ib if is_narrow else config.target_ib

    def _pyramid(self, update: SessionUpdate, ib: Range) -> EntrySignal | NoTrade:
        text = self.context.text
        if update.close_ns >= self._pyramid_last_ns:
            closes = self.config.pyramid_last_entry
            return NoTrade("pyramid_late", f"pyramids only on stamps before {closes} ET")
        if self.signals_given != 1:
            found = f"{self.signals_given} signals given, a pyramid is the second"
            return NoTrade("pyramid_count", found)
        # The trade that is held has shown acceptance and strength.
        refused = guards.day_type(update, _TREND) or self._trust(update)
        if refused is not None:
            return refused
        if update.close <= ib.high:
            found = f"close {text(update.close)} <= IB high {text(ib.high)}"
            return NoTrade("below_ib_high", found)
        nothing = f"close {text(update.close)}, delta {update.order_flow.delta}: nothing to add at"
        signal = self._at_ema5(update, ib) or self._at_vwap(update, ib)
        return signal or NoTrade("pyramid_place", nothing)

    def _at_ema5(self, update: SessionUpdate, ib: Range) -> EntrySignal | None:
        config, size, text = self.config, ib.high - ib.low, self.context.text
        if not config.ema5_pyramid or self._ema5 is None:
            return None
        above = update.close - self._ema5
        if not (0 < above < config.pyramid_reach_ib * size and _buyers_or_gap(update)):
            return None
        level = self._ema5 - config.pyramid_stop_ib * size
        return self._entry(
            update,
            ib,
            model="EMA5_PYRAMID_P2",
            stop=self._pullback.below(level, update, ib),
            reason=f"close {text(update.close)} is {text(above)} pt above EMA 5 {text(self._ema5)}",
        )

    def _at_vwap(self, update: SessionUpdate, ib: Range) -> EntrySignal | None:
        vwap, text = self.config.vwap_anchor.read(update), self.context.text
        if not self.config.vwap_pyramid or vwap is None:
            return None
        wide = update.gaps.fifteen_minute is not None and update.gaps.fifteen_minute.bull
        if not (update.low <= vwap < update.close and (wide or _buyers_or_gap(update))):
            return None
        return self._entry(
            update,
            ib,
            model="VWAP_PYRAMID_P2",
            stop=self._pullback.stop(update, ib),
            reason=f"low {text(update.low)} at VWAP {text(vwap)}, close {text(update.close)} above",
        )


def _weak(update: SessionUpdate) -> NoTrade | None:
    if update.day.strength is None:
        return NoTrade("strength_missing", "strength of the day type unknown")
    if update.day.strength is DayStrength.WEAK:
        return NoTrade("strength_weak", "strength of the day type is weak")
    return None


def _buyers_or_gap(update: SessionUpdate) -> bool:
    gap = update.gaps.one_minute
    return (update.order_flow.delta or 0) > 0 or (gap is not None and gap.bull)
