"""Edge Fade: on a balanced day, buy the lower edge of the Initial Balance back to its middle.

Guards stand in the order of the specification; the first that refuses is the answer to the bar.
A cooldown runs from the last signal given, in minutes of the session, so a missing
bar does not stretch it.

`FAILED_BREAKDOWN`, the reclaim of the IB low after at least two closes below it, is off by default
as in its source, and has no published figures. It is signalled where the fade of the edge is not,
on no trend day down; the extension is not asked, for the break is one.
Source: spec C.5.
"""

from collections import deque
from typing import Annotated, Final, NamedTuple

import msgspec

from pitwire.strategies import (
    MEDIAN_MISSING,
    MICROS_PER_USD,
    AfterInitialBalance,
    Confidence,
    Count,
    DayType,
    EntrySignal,
    EtClock,
    Feature,
    IndicatorFamily,
    MicroUsd,
    NoTrade,
    Points,
    Position,
    PositionState,
    Range,
    SessionContext,
    SessionUpdate,
    Share,
    Side,
    StrategyConfig,
    Ticks,
    guards,
    tick_down,
    usd,
)

_IB_MINUTES: Final = 60
"""The IB is the first hour: blocks of the tape are counted from here."""
_BLOCK_MINUTES: Final = 5
_TAPE_BARS: Final = 10
_LOWER_PART: Final = 0.4
"""Share of the last ten bars' range that counts as its lower part."""
_CONFIRMATIONS: Final = 4
_BALANCED: Final = (DayType.B_DAY, DayType.NEUTRAL)
_TREND_DOWN: Final = (DayType.TREND_DOWN, DayType.SUPER_TREND_DOWN)


class Config(StrategyConfig, frozen=True):
    """Edge Fade's parameters."""

    first_entry: EtClock = "10:30"
    last_entry: EtClock = "13:30"
    vwap_breach: bool = False
    """Exempt: a fade lives on the wrong side of VWAP."""
    ib_range_pt_min: Points = 50.0
    ib_range_pt_max: Points = 200.0
    ib_range_scaled_min: Share = 0.2
    """Multiple of the median IB range of 20 sessions, for the scaled version."""
    ib_range_scaled_max: Share = 0.9
    extension_down_max: Share = 0.30
    """The session low's reach below the IB, multiple of the IB range, must be smaller."""
    zone_ib: Share = 0.25
    """Height of the zone above the IB low, multiple of the IB range."""
    of_score_min: Annotated[int, msgspec.Meta(ge=0, le=3)] = 2
    """Order-flow conditions satisfied, of three."""
    stop_ib: Share = 0.15
    """Stop below the IB low, multiple of the IB range."""
    cooldown_bars: Annotated[int, msgspec.Meta(ge=0, le=390)] = 20
    """Minutes after a signal before the next."""
    stops_max: Count = 2
    """Stopped trades in a session that end it."""
    loss_usd_max: Annotated[float, msgspec.Meta(gt=0, le=1_000_000)] = 400.0
    """Realised loss of this instance in a session that ends it."""
    trades_max: Count = 4
    """Trades in a session."""
    failed_breakdown: bool = False
    """Also signal the reclaim of the IB low."""
    breakdown_closes_min: Count = 2
    """Consecutive closes below the IB low before the reclaim."""
    breakdown_pre_delta_min: Annotated[int, msgspec.Meta(ge=-1_000_000, le=0)] = -800
    """Sum of the up to nine deltas before the reclaim, at least; contracts of NQ."""
    breakdown_stop_ib: Share = 0.05
    """Its stop below the session's low, multiple of the IB range."""
    breakdown_reward_risk_min: Share = 0.5
    """Its smallest reward for one risk."""

    def __post_init__(self) -> None:
        """Refuse bounds that admit nothing.

        Raises: ValueError, which the configuration reader turns into a ConfigError.
        """
        super().__post_init__()
        for name in ("ib_range_pt", "ib_range_scaled"):
            low, high = getattr(self, f"{name}_min"), getattr(self, f"{name}_max")
            if low >= high:
                raise ValueError(f"{name}_min {low} not below {name}_max {high}")


class EdgeFade(AfterInitialBalance[Config]):
    """Buys the lower quarter of a moderate Initial Balance while buyers show."""

    WIRE_NAME = "Edge Fade"
    MODELS = ("EDGE_TO_MID", "FAILED_BREAKDOWN")
    VERSION = "2"
    READS = frozenset({IndicatorFamily.GAPS_1M})

    def __init__(self, config: Config, context: SessionContext) -> None:
        """Begin a session."""
        super().__init__(config, context)
        self._tape = _Tape()
        self._trades: dict[str, Position] = {}
        self._below = self._below_before = 0

    def follow(self, update: SessionUpdate) -> None:
        """Follow the tape."""
        self._tape.fold(update)
        self._below_before, self._below = self._below, update.day.closes_below_ib

    def decide(self, update: SessionUpdate, ib: Range) -> EntrySignal | NoTrade:
        """Signal the fade when every guard agrees."""
        result = self._refusal(update, ib) or self._signal(update, ib)
        if self.config.failed_breakdown and isinstance(result, NoTrade):
            return self._breakdown(update, ib) or result
        return result

    def on_position(self, position: Position) -> None:
        """Keep the newest state of each of its trades."""
        self._trades[position.position_id] = position

    def _refusal(self, update: SessionUpdate, ib: Range) -> NoTrade | None:
        return (
            self._range(update, ib)
            or self._extension(update)
            or guards.day_type(update, _BALANCED)
            or self._place(update, ib)
            or guards.delta(update, Side.LONG)
            or guards.order_flow(update.order_flow.score_long, self.config.of_score_min)
            or guards.cooldown(self.last_signal_minute, update, self.config.cooldown_bars)
            or self._session()
        )

    def _range(self, update: SessionUpdate, ib: Range) -> NoTrade | None:
        config, scale, median = self.config, self.scale, update.opening.ib_range_median20
        least = scale.bound(config.ib_range_pt_min, config.ib_range_scaled_min, median)
        most = scale.bound(config.ib_range_pt_max, config.ib_range_scaled_max, median)
        if least is None or most is None:
            return MEDIAN_MISSING
        return scale.narrow(ib, least) or scale.wide(ib, most)

    def _extension(self, update: SessionUpdate) -> NoTrade | None:
        limit, down = self.config.extension_down_max, update.day.extension_down
        if down is None or down >= limit:
            found = "unknown" if down is None else f"{down:.2f} >= {limit:.2f} of the IB range"
            return NoTrade("bearish_extension", f"extension below the IB low {found}")
        return None

    def _place(self, update: SessionUpdate, ib: Range) -> NoTrade | None:
        text, top = self.context.text, ib.low + self.config.zone_ib * (ib.high - ib.low)
        if update.close <= ib.low:
            return NoTrade("below_zone", f"close {text(update.close)} <= IB low {text(ib.low)}")
        if update.close >= top:
            return NoTrade("above_zone", f"close {text(update.close)} >= zone top {text(top)}")
        return None

    def _breakdown(self, update: SessionUpdate, ib: Range) -> EntrySignal | None:
        # The reclaim has its own conditions; those of the day and of the session are shared.
        config, text, seen = self.config, self.context.text, update.day.rth
        before, score = update.order_flow.pre_delta_sum10, update.order_flow.score_long
        refused = (
            self._range(update, ib)
            or guards.delta(update, Side.LONG)
            or guards.order_flow(score, config.of_score_min)
            or guards.cooldown(self.last_signal_minute, update, config.cooldown_bars)
            or self._session()
        )
        back = self._below_before >= config.breakdown_closes_min and update.close > ib.low
        if refused is not None or not back or 2 * update.close >= ib.low + ib.high:
            return None
        if update.day.type in _TREND_DOWN:
            return None
        if before is None or before < config.breakdown_pre_delta_min or seen is None:
            return None
        return EntrySignal(
            side=Side.LONG,
            entry=update.close,
            stop=tick_down(seen.low - config.breakdown_stop_ib * (ib.high - ib.low)),
            target=tick_down((ib.low + ib.high) / 2),
            model="FAILED_BREAKDOWN",
            confidence=Confidence.MEDIUM,
            score=(score or 0) / 3,
            reason=(
                f"close {text(update.close)} back above IB low {text(ib.low)} after "
                f"{self._below_before} closes below, delta {update.order_flow.delta}, "
                f"order flow {score} of 3"
            ),
            features=(
                Feature("ib_range_pt", float(text(ib.high - ib.low))),
                Feature("closes_below_ib", float(self._below_before)),
                Feature("pre_delta_contracts", float(before)),
            ),
            reward_risk_min=config.breakdown_reward_risk_min,
        )

    def _session(self) -> NoTrade | None:
        config = self.config
        closed = [p for p in self._trades.values() if p.state is PositionState.CLOSED]
        stops = sum(1 for p in closed if p.exit_code == "STOP")
        if stops >= config.stops_max:
            text = f"{stops} stopped trades this session, {config.stops_max} end it"
            return NoTrade("stops_max", text)
        realised = MicroUsd(sum(p.realised for p in closed))
        limit = MicroUsd(round(config.loss_usd_max * MICROS_PER_USD))
        if realised <= -limit:
            text = f"realised {usd(realised)} this session, -{usd(limit)} ends it"
            return NoTrade("loss_max", text)
        # A cancelled or rejected entry that never filled was no trade; one on its way may be.
        trades = len(self._trades) - sum(1 for p in closed if not p.entered)
        if trades >= config.trades_max:
            text = f"{trades} trades this session, {config.trades_max} end it"
            return NoTrade("trades_max", text)
        return None

    def _signal(self, update: SessionUpdate, ib: Range) -> EntrySignal:
        text, size = self.context.text, ib.high - ib.low
        seen = self._tape.confirmations(update)
        score = update.order_flow.score_long or 0
        return EntrySignal(
            side=Side.LONG,
            entry=update.close,
            stop=tick_down(ib.low - self.config.stop_ib * size),
            target=tick_down((ib.low + ib.high) / 2),
            model="EDGE_TO_MID",
            confidence=Confidence.HIGH if seen else Confidence.MEDIUM,
            score=(score + len(seen)) / (3 + _CONFIRMATIONS),
            reason=(
                f"close {text(update.close)} in the lower {self.config.zone_ib:.0%} of IB "
                f"{text(ib.low)}–{text(ib.high)}, delta {update.order_flow.delta}, "
                f"order flow {score} of 3, "
                f"{'confirmed by ' + ', '.join(seen) if seen else 'without a confirmation'}"
            ),
            features=(
                Feature("ib_range_pt", float(text(size))),
                Feature("place_in_ib", (update.close - ib.low) / size),
                Feature("extension_down_ib", update.day.extension_down or 0.0),
                Feature("delta_contracts", float(update.order_flow.delta or 0)),
                Feature("of_score", float(score)),
                Feature("confirmations", float(len(seen))),
            ),
        )


class _Block(NamedTuple):
    number: int
    open: Ticks
    close: Ticks


class _Tape:
    """The last ten bars and the last five-minute blocks since 10:30, the open one included."""

    def __init__(self) -> None:
        self._bars: deque[SessionUpdate] = deque(maxlen=_TAPE_BARS)
        self._blocks: deque[_Block] = deque(maxlen=3)

    def fold(self, update: SessionUpdate) -> None:
        if update.minute_of_rth is None:
            return
        self._bars.append(update)
        if update.minute_of_rth > _IB_MINUTES:
            number, begun = (update.minute_of_rth - 1) // _BLOCK_MINUTES, update.open
            if self._blocks and self._blocks[-1].number == number:
                begun = self._blocks.pop().open
            self._blocks.append(_Block(number, begun, update.close))

    def confirmations(self, update: SessionUpdate) -> tuple[str, ...]:
        """Name what confirms a long at the lower edge."""
        gap = update.gaps.one_minute
        seen = (
            ("cvd_divergence", self._cvd_diverges(update)),
            ("fvg_bull", gap is not None and gap.bull),
            ("ifvg_bull", gap is not None and gap.inverse_bull),
            ("blocks_turn_up", self._blocks_turn_up(update)),
        )
        return tuple(name for name, holds in seen if holds)

    def _cvd_diverges(self, update: SessionUpdate) -> bool:
        # Price low in its recent range while buyers have been adding for two bars.
        if len(self._bars) < _TAPE_BARS:
            return False
        now, before = (self._bars[at].order_flow.cvd_rth for at in (-1, -3))
        low, high = min(bar.low for bar in self._bars), max(bar.high for bar in self._bars)
        in_lower_part = update.close <= low + _LOWER_PART * (high - low)
        return in_lower_part and now is not None and before is not None and now > before

    def _blocks_turn_up(self, update: SessionUpdate) -> bool:
        ends = (update.minute_of_rth or 0) % _BLOCK_MINUTES == 0
        closed = [*self._blocks] if ends else [*self._blocks][:-1]
        if len(closed) < 2:
            return False
        first, second = closed[-2:]
        adjacent = second.number == first.number + 1
        return adjacent and first.close < first.open and second.close > second.open
