"""IBH Sweep+Fail: on a balanced day, sell the bar that sweeps the IB high and fails.

The sweep and its failure are one bar: it trades clearly above the Initial Balance high, closes back
below it and leaves an upper wick. Near the prior day's high a small sweep is enough; elsewhere, and
where that high is unknown, it must be a large one.

Experimental, `enabled = false` as shipped: it contradicts the rule never to short a balanced day,
and lost in every published run of the engine.
Source: spec C.6.
"""

from typing import Annotated, Final

import msgspec

from pitwire.strategies import (
    MEDIAN_MISSING,
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

_B_DAY: Final = (DayType.B_DAY,)


class Config(StrategyConfig, frozen=True):
    """IBH Sweep+Fail's parameters."""

    first_entry: EtClock = "10:30"
    last_entry: EtClock = "14:00"
    reward_risk_min: Share = 0.0
    """The rule sets stop and target and asks for no ratio."""
    confidence_min: Share = 0.3
    """Confidence of b_day."""
    ib_range_pt_max: Points = 300.0
    ib_range_scaled_max: Share = 1.5
    """Multiple of the median IB range of 20 sessions, for the scaled version."""
    sweep_pt_min: Points = 5.0
    """Reach of the bar above the IB high near the prior day's high."""
    sweep_ib_min: Share = 0.05
    """The scaled version, multiple of the IB range."""
    near_pt: Points = 10.0
    """The bar's high at most this far below the prior day's high is near it."""
    near_ib: Share = 0.07
    large_sweep_pt_min: Points = 15.0
    """Reach above the IB high anywhere else."""
    large_sweep_ib_min: Share = 0.10
    london_counts: bool = False
    """London's high counts like the prior day's."""
    wick_min: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 0.30
    """Upper wick, share of the bar's range."""
    stop_ib: Share = 0.15
    """Stop above the bar's high, multiple of the IB range."""
    signals_max: Count = 1
    """Signals in a session."""


class IbhSweepFail(AfterInitialBalance[Config]):
    """Sells the failed sweep of the Initial Balance high."""

    WIRE_NAME = "IBH Sweep+Fail"
    MODELS = ("IBH_SWEEP_FAIL",)
    VERSION = "1"
    READS = frozenset({IndicatorFamily.CONFIDENCE})

    def decide(self, update: SessionUpdate, ib: Range) -> EntrySignal | NoTrade:
        """Signal the fade of a failed sweep when every guard agrees."""
        return (
            guards.signals(self.signals_given, self.config.signals_max)
            or guards.day_type(update, _B_DAY)
            or guards.confidence(
                None if update.day.confidence is None else update.day.confidence.b_day,
                self.config.confidence_min,
                "b_day",
            )
            or self._range(update, ib)
            or self._sweep(update, ib)
            or self._failure(update, ib)
            or guards.delta(update, Side.SHORT)
            or self._signal(update, ib)
        )

    def _range(self, update: SessionUpdate, ib: Range) -> NoTrade | None:
        config, median = self.config, update.opening.ib_range_median20
        most = self.scale.bound(config.ib_range_pt_max, config.ib_range_scaled_max, median)
        return MEDIAN_MISSING if most is None else self.scale.wide(ib, most)

    def _sweep(self, update: SessionUpdate, ib: Range) -> NoTrade | None:
        config, text, size = self.config, self.context.text, ib.high - ib.low
        reach, near = update.high - ib.high, self._is_near(update, ib)
        large = (config.large_sweep_pt_min, config.large_sweep_ib_min)
        bounds = (config.sweep_pt_min, config.sweep_ib_min) if near else large
        least = self.scale.distance(*bounds, size)
        if reach >= least:
            return None
        place = "near the prior high" if near else "away from a known high"
        found = f"high {text(update.high)} is {text(reach)} pt above IB high {text(ib.high)}"
        return NoTrade("sweep_small", f"{found}, {text(least)} pt needed {place}")

    def _is_near(self, update: SessionUpdate, ib: Range) -> bool:
        config, size = self.config, ib.high - ib.low
        within = self.scale.distance(config.near_pt, config.near_ib, size)
        prior = update.levels.prior_high
        if prior is not None and update.high >= prior - within:
            return True
        london = update.levels.london if config.london_counts else None
        return london is not None and update.high >= london.high - within

    def _failure(self, update: SessionUpdate, ib: Range) -> NoTrade | None:
        text, least = self.context.text, self.config.wick_min
        if update.close >= ib.high:
            found = f"close {text(update.close)} >= IB high {text(ib.high)}"
            return NoTrade("no_failure", found)
        wick = _upper_wick(update)
        if wick < least:
            return NoTrade("wick_short", f"upper wick {wick:.2f} < {least:.2f} of the bar")
        return None

    def _signal(self, update: SessionUpdate, ib: Range) -> EntrySignal:
        text, size, points = self.context.text, ib.high - ib.low, 1.0 / self.context.ticks(1.0)
        wick = _upper_wick(update)
        return EntrySignal(
            side=Side.SHORT,
            entry=update.close,
            stop=tick_up(update.high + self.config.stop_ib * size),
            target=tick_up((ib.low + ib.high) / 2),
            model="IBH_SWEEP_FAIL",
            confidence=Confidence.HIGH,
            score=wick,
            reason=(
                f"high {text(update.high)} swept IB high {text(ib.high)}, "
                f"close {text(update.close)} back below, upper wick {wick:.2f}, "
                f"delta {update.order_flow.delta}"
            ),
            features=(
                Feature("ib_range_pt", size * points),
                Feature("sweep_pt", (update.high - ib.high) * points),
                Feature("upper_wick", wick),
                Feature("near_known_high", float(self._is_near(update, ib))),
                Feature("delta_contracts", float(update.order_flow.delta or 0)),
            ),
        )


def _upper_wick(update: SessionUpdate) -> float:
    # Share of the bar's range above its body; a bar without range has none.
    size = update.high - update.low
    return (update.high - max(update.open, update.close)) / size if size else 0.0
