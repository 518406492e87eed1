"""Bear Acceptance Short: price is accepted below the Initial Balance; sell while it pays.

From the third to the tenth consecutive close below the IB low, on a day extended downward by more
than half an IB range, where the distance to the target is at least 0.8 of the distance to the stop.
With the close x IB ranges below the IB low, risk is x + 0.25 and reward 0.75 − x: the ratio asks
for x ≤ 0.31, so it fires on a rebound towards the IB low, and rarely.

`target_mode = "rr"` aims at least one risk below the entry: another strategy, without any published
figure. A bearish gap of a higher time frame and the prior high are recorded and gate nothing.
Source: spec C.7.
"""

from enum import Enum
from typing import Final

from pitwire.strategies import (
    AfterInitialBalance,
    Confidence,
    Count,
    DayType,
    EntrySignal,
    EtClock,
    Feature,
    IndicatorFamily,
    NoTrade,
    Points,
    Range,
    SessionUpdate,
    Share,
    Side,
    StrategyConfig,
    guards,
    tick_up,
)

_BEARISH: Final = (DayType.B_DAY_BEAR, DayType.TREND_DOWN, DayType.SUPER_TREND_DOWN)
_IDEAL_CLOSES: Final = 6
"""Closes below the IB that make the confidence high (spec B.8)."""


class TargetMode(Enum):
    """Where the target stands."""

    IB = "ib"
    """A multiple of the IB range below the IB low."""
    RR = "rr"
    """That, or one risk below the entry if it is further."""


class Config(StrategyConfig, frozen=True):
    """Bear Acceptance Short's parameters."""

    first_entry: EtClock = "10:30"
    last_entry: EtClock = "14:00"
    reward_risk_min: Share = 0.8
    closes_min: Count = 3
    """Consecutive closes below the IB low."""
    closes_max: Count = 10
    extension_down_min: Share = 0.5
    """The session low's reach below the IB, multiple of the IB range, must be larger."""
    depth_ib_min: Share = 0.0
    """Distance of the close below the IB low, in IB ranges, at least; the source's code has 0.4."""
    stop_ib: Share = 0.25
    """Stop above the IB low, multiple of the IB range."""
    target_ib: Share = 0.75
    """Target below the IB low, multiple of the IB range."""
    target_mode: TargetMode = TargetMode.IB
    target_r: Share = 1.0
    """Target below the entry, multiple of the risk, for `rr`."""
    distance_pt_min: Points = 5.0
    """Risk and reward must each be larger, points."""
    distance_ib_min: Share = 0.03
    """The scaled version, multiple of the IB range."""
    signals_max: Count = 1
    """Signals in a session."""

    def __post_init__(self) -> None:
        """Refuse bounds that admit nothing.

        Raises: ValueError, which the configuration reader turns into a ConfigError.
        """
        super().__post_init__()
        if self.closes_min > self.closes_max:
            found = f"closes_min {self.closes_min} above closes_max {self.closes_max}"
            raise ValueError(found)


class BearAcceptanceShort(AfterInitialBalance[Config]):
    """Sells early acceptance below the Initial Balance."""

    WIRE_NAME = "Bear Accept Short"
    MODELS = ("BEAR_ACCEPTANCE",)
    VERSION = "1"
    READS = frozenset({IndicatorFamily.GAPS_15M})

    def decide(self, update: SessionUpdate, ib: Range) -> EntrySignal | NoTrade:
        """Signal the short when every guard agrees."""
        return (
            guards.signals(self.signals_given, self.config.signals_max)
            or self._acceptance(update)
            or guards.day_type(update, _BEARISH)
            or self._extension(update)
            or self._depth(update, ib)
            or self._priced(update, ib)
        )

    def _acceptance(self, update: SessionUpdate) -> NoTrade | None:
        closes, config = update.day.closes_below_ib, self.config
        if closes < config.closes_min:
            text = f"{closes} < {config.closes_min} consecutive closes below the IB low"
            return NoTrade("not_accepted", text)
        if closes > config.closes_max:
            text = f"{closes} > {config.closes_max} consecutive closes below the IB low"
            return NoTrade("accepted_long_ago", text)
        return None

    def _extension(self, update: SessionUpdate) -> NoTrade | None:
        down, least = update.day.extension_down, self.config.extension_down_min
        if down is None or down <= least:
            found = "unknown" if down is None else f"{down:.2f} <= {least:.2f} of the IB range"
            return NoTrade("extension_small", f"extension below the IB low {found}")
        return None

    def _depth(self, update: SessionUpdate, ib: Range) -> NoTrade | None:
        depth, least = (ib.low - update.close) / (ib.high - ib.low), self.config.depth_ib_min
        if depth < least:
            return NoTrade("depth_small", f"close {depth:.2f} < {least:.2f} IB ranges below the IB")
        return None

    def _priced(self, update: SessionUpdate, ib: Range) -> EntrySignal | NoTrade:
        config, text, size = self.config, self.context.text, ib.high - ib.low
        stop, aim = tick_up(ib.low + config.stop_ib * size), ib.low - config.target_ib * size
        risk = stop - update.close
        if config.target_mode is TargetMode.RR:
            aim = min(aim, update.close - config.target_r * risk)
        target = tick_up(aim)
        reward = update.close - target
        least = self.scale.distance(config.distance_pt_min, config.distance_ib_min, size)
        if risk <= least:
            return NoTrade("risk_small", f"risk {text(risk)} <= {text(least)} pt")
        if reward <= least:
            return NoTrade("reward_small", f"reward {text(reward)} <= {text(least)} pt")
        closes = update.day.closes_below_ib
        return EntrySignal(
            side=Side.SHORT,
            entry=update.close,
            stop=stop,
            target=target,
            model="BEAR_ACCEPTANCE",
            confidence=Confidence.HIGH if closes >= _IDEAL_CLOSES else Confidence.MEDIUM,
            score=min(1.0, closes / _IDEAL_CLOSES),
            reason=(
                f"{closes} closes below IB low {text(ib.low)}, close {text(update.close)}, "
                f"extension down {update.day.extension_down or 0.0:.2f} of the IB range, "
                f"reward:risk {reward / risk:.2f}"
            ),
            features=self._features(update, size),
        )

    def _features(self, update: SessionUpdate, size: int) -> tuple[Feature, ...]:
        # What stands on a higher time frame is recorded for study; it gates nothing (spec C.7).
        found = [
            Feature("ib_range_pt", size / self.context.ticks(1.0)),
            Feature("extension_down_ib", update.day.extension_down or 0.0),
            Feature("closes_below_ib", float(update.day.closes_below_ib)),
        ]
        if update.gaps.fifteen_minute is not None:
            found.append(Feature("fvg_bear_15m", float(update.gaps.fifteen_minute.bear)))
        if update.levels.prior_high is not None and update.day.rth is not None:
            swept = update.day.rth.high > update.levels.prior_high > update.close
            found.append(Feature("prior_high_swept_failed", float(swept)))
        return tuple(found)
