"""Order flow per bar from bid and ask volume, and the two-of-three gate (spec B.3, B.4).

Rule 1: rolling windows hold the last 20 bars of the session's regular hours, silent outside them.
Rule 2: without a split of the volume every reading that needs one is absent, and so is a cumulative
        delta over hours in which a traded bar came without one.
Rule 3: in the gate a missing reading is a condition not satisfied.
"""

from math import sqrt
from typing import Final

import msgspec

from services.domain.messages.market import Bar
from services.domain.messages.session import OrderFlowReading
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
    """The rolling windows and running sums of one session, and the reading of the last bar."""

    deltas: list[int] = []
    """Up to 20, oldest first, contracts."""
    volumes: list[int] = []
    """The same of the volumes."""
    cvd_eth: CumulativeDelta = msgspec.field(default_factory=CumulativeDelta)
    cvd_rth: CumulativeDelta = msgspec.field(default_factory=CumulativeDelta)
    reading: OrderFlowReading = OrderFlowReading()

    def fold(self, bar: Bar, rules: OrderFlowRules, *, regular: bool) -> None:
        """Take the next bar of the session."""
        bid, ask, volume = bar.bid_volume, bar.ask_volume, bar.volume
        delta = delta_pct = imbalance = None
        if bid is not None and ask is not None:
            delta = ask - bid
            delta_pct = delta / volume if volume else 0.0
            imbalance = ask / bid if bid else None
        self.cvd_eth.fold(delta, volume)
        spike = before = z_score = percentile = score_long = score_short = None
        if regular:
            self.cvd_rth.fold(delta, volume)
            _push(self.volumes, volume)
            total = sum(self.volumes)
            spike = volume * len(self.volumes) / total if total else None
            if delta is not None:
                before = sum(self.deltas[-_EARLIER:]) if self.deltas else None
                _push(self.deltas, delta)
                z_score = _z_score(self.deltas, delta)
                percentile = percentile_rank(self.deltas, delta)
            score_long, score_short = _scores(rules, percentile, imbalance, spike)
        self.reading = OrderFlowReading(
            delta=delta,
            delta_pct=delta_pct,
            delta_z20=z_score,
            delta_percentile20=percentile,
            imbalance_ratio=imbalance,
            volume_spike20=spike,
            cvd_rth=self.cvd_rth.value,
            cvd_eth=self.cvd_eth.value,
            pre_delta_sum10=before,
            score_long=score_long,
            score_short=score_short,
        )


def percentile_rank(values: list[int], value: int) -> float:
    """Rank a value among those it is one of, ties at their average rank, in (0, 100]."""
    less = sum([each < value for each in values])
    return (less + (values.count(value) + 1) / 2) / len(values) * 100


def _scores(
    rules: OrderFlowRules, percentile: float | None, imbalance: float | None, spike: float | None
) -> tuple[int, int]:
    # Conditions satisfied for a long and for a short.
    score_long = score_short = int(spike is not None and spike >= rules.volume_spike)
    if percentile is not None:
        score_long += percentile >= rules.percentile_long
        score_short += percentile <= rules.percentile_short
    if imbalance is not None:
        score_long += imbalance > rules.imbalance
        score_short += imbalance < rules.imbalance
    return score_long, score_short


def _z_score(values: list[int], value: int) -> float | None:
    # Whole numbers until the last step: equal deltas give exactly no spread, and no score.
    count, total = len(values), sum(values)
    spread = count * sum([each * each for each in values]) - total * total
    if spread == 0:
        return None
    return (count * value - total) / count / sqrt(spread / (count * (count - 1)))


def _push(values: list[int], value: int) -> None:
    values.append(value)
    del values[:-_WINDOW]
