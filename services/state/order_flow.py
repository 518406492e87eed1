"""Order flow per bar from bid and ask volume, and the two-of-three gate (spec B.3, B.4).

Rule 1: rolling windows hold the last 20 bars of the session's regular hours, silent outside them.
Rule 2: without a split of the volume every reading that needs one is absent, and so is a cumulative
        delta over hours in which a traded bar came without one.
Rule 3: in the gate a missing reading is a condition not satisfied.
"""

from bisect import bisect_left, bisect_right
from math import sqrt
from typing import Final

import msgspec

from services.domain.messages.market import Bar
from services.state.config import OrderFlowRules

_WINDOW: Final = 20
_EARLIER: Final = 9
"""Deltas before this bar in `pre_delta_sum10`: a window of ten without the current one."""


class CumulativeDelta(msgspec.Struct):
    """Running sum of delta since an anchor."""

    value: int | None = None
    """Contracts; None before the first bar with a split and after a bar without."""
    broken: bool = False
    """A bar traded without a split: the sum can never be known again."""

    def fold(self, delta: int | None, volume: int) -> None:
        """Take the delta of the next bar since the anchor."""
        if self.broken:
            return
        if delta is not None:
            self.value = delta if self.value is None else self.value + delta
        elif volume:
            self.value, self.broken = None, True


class OrderFlow(msgspec.Struct):
    """Readings of the bar just folded, and what the next ones need."""

    deltas: list[int] = []
    """Up to 20, oldest first, contracts."""
    squares: int | None = None
    """Sum of their squares; None: not summed yet."""
    volumes: list[int] = []
    cvd_eth: CumulativeDelta = msgspec.field(default_factory=CumulativeDelta)
    cvd_rth: CumulativeDelta = msgspec.field(default_factory=CumulativeDelta)
    delta: int | None = None
    delta_pct: float | None = None
    imbalance_ratio: float | None = None
    delta_z20: float | None = None
    delta_percentile20: float | None = None
    volume_spike20: float | None = None
    pre_delta_sum10: int | None = None
    score_long: int | None = None
    score_short: int | None = None

    def fold(self, bar: Bar, rules: OrderFlowRules, *, regular: bool) -> None:
        """Take the next bar of the session."""
        bid, ask, volume = bar.bid_volume, bar.ask_volume, bar.volume
        if bid is None or ask is None:
            delta = self.delta = self.delta_pct = self.imbalance_ratio = None
        else:
            delta = self.delta = ask - bid
            self.delta_pct = delta / volume if volume else 0.0
            self.imbalance_ratio = ask / bid if bid else None
        self.cvd_eth.fold(delta, volume)
        if regular:
            self.cvd_rth.fold(delta, volume)
            self._roll(delta, volume)
            self._score(rules)
        elif self.score_long is not None:
            # The first bar after regular hours; from then on there is nothing to take back.
            self.delta_z20 = self.delta_percentile20 = self.volume_spike20 = None
            self.pre_delta_sum10 = self.score_long = self.score_short = None

    def _roll(self, delta: int | None, volume: int) -> None:
        volumes, deltas = self.volumes, self.deltas
        _push(volumes, volume)
        total = sum(volumes)
        self.volume_spike20 = volume * len(volumes) / total if total else None
        if delta is None:
            self.delta_z20 = self.delta_percentile20 = self.pre_delta_sum10 = None
            return
        self.pre_delta_sum10 = sum(deltas[-_EARLIER:]) if deltas else None
        squares = self.squares
        if squares is None:
            squares = sum([each * each for each in deltas])
        dropped = _push(deltas, delta)
        squares = self.squares = squares + delta * delta - dropped * dropped
        self.delta_z20 = _z_score(deltas, delta, squares)
        self.delta_percentile20 = percentile_rank(deltas, delta)

    def _score(self, rules: OrderFlowRules) -> None:
        percentile, imbalance = self.delta_percentile20, self.imbalance_ratio
        spike, score_long, score_short = self.volume_spike20, 0, 0
        if spike is not None and spike >= rules.volume_spike:
            score_long = score_short = 1
        if percentile is not None:
            if percentile >= rules.percentile_long:
                score_long += 1
            if percentile <= rules.percentile_short:
                score_short += 1
        if imbalance is not None:
            if imbalance > rules.imbalance:
                score_long += 1
            elif imbalance < rules.imbalance:
                score_short += 1
        self.score_long, self.score_short = score_long, score_short


def percentile_rank(values: list[int], value: int) -> float:
    """Rank a value among those it is one of, ties at their average rank, in (0, 100]."""
    # Sorting twenty whole numbers is quicker than comparing each of them here.
    ranked = sorted(values)
    less = bisect_left(ranked, value)
    equal = bisect_right(ranked, value, less) - less
    return (less + (equal + 1) / 2) / len(values) * 100


def _z_score(values: list[int], value: int, squares: int) -> float | None:
    # Whole numbers until the last step: equal deltas give exactly no spread, and no score.
    count, total = len(values), sum(values)
    spread = count * squares - total * total
    if spread == 0:
        return None
    return (count * value - total) / count / sqrt(spread / (count * (count - 1)))


def _push(values: list[int], value: int) -> int:
    # Gives what leaves the window; 0 while it fills.
    values.append(value)
    return values.pop(0) if len(values) > _WINDOW else 0
