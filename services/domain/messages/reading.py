"""What the families of a `SessionUpdate` are made of: ranges, profiles, gaps, sweeps, scores.

Rule: such a reading is there as a whole or absent; inside one, a value that is not warm is None.
Formulas: docs/glossary.md and services/state, one module per family.
"""

from enum import Enum

import msgspec

from services.domain.units import Ticks, UnixNanos


class DayStrength(Enum):
    """How far the day has gone beyond its Initial Balance (spec B.9)."""

    WEAK = 1
    """The close is inside the IB."""
    MODERATE = 2
    STRONG = 3
    SUPER = 4


class DaySubType(Enum):
    """Dalton's names for what the developing type looks like (spec B.9); for reports."""

    NON_TREND = 1
    NORMAL = 2
    NORMAL_VARIATION = 3
    TREND = 4
    DOUBLE_DISTRIBUTION = 5
    NEUTRAL_CENTER = 6
    NEUTRAL_EXTREME = 7
    FAILED_TREND = 8


class TimeFraming(Enum):
    """One half-hour period against the one before it (spec B.5)."""

    UP = 1
    """Higher high, no lower low."""
    DOWN = 2
    """Lower low, no higher high."""
    OUTSIDE = 3
    """Both."""
    INSIDE = 4
    """Neither."""


class TailStrength(Enum):
    """How firmly an extreme was turned down, by the rows of its tail (spec B.5)."""

    WEAK = 1
    """Two rows: one alone is no tail."""
    MODERATE = 2
    """Three or four."""
    STRONG = 3
    """Five or more."""


class GapState(Enum):
    """Where a fair-value gap stands in its life (spec B.6)."""

    OPEN = 1
    TOUCHED = 2
    FILLED = 3
    """A close beyond its far edge; from now on it is an inverse gap of the other direction."""
    EXPIRED = 4
    """Thirty bars of its length are over; an inverse gap also ends by a close back through it."""


class Range(msgspec.Struct, frozen=True, gc=False):
    """A low and a high, ticks."""

    low: Ticks
    high: Ticks


class ValueArea(msgspec.Struct, frozen=True, gc=False):
    """Point of control and 70 % value area of a profile; each is a row's lower edge, ticks."""

    poc: Ticks
    low: Ticks
    high: Ticks


class TpoReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The Market Profile of this session's regular hours so far (spec B.5)."""

    value: ValueArea
    periods: int
    """Half-hour periods begun."""
    single_prints: tuple[Range, ...] = ()
    """Runs of rows with one TPO inside the profile, from the lowest; lower edges of the first and
    the last row of each."""
    tail_high: int = 0
    """Rows of the excess at the top, two or more, the newest period's left out; 0: none."""
    tail_low: int = 0
    poor_high: bool = False
    """Two or more TPOs in the highest row: no excess."""
    poor_low: bool = False
    developing_poc: Ticks | None = None
    """At the last period close from 10:30 on."""
    poc_migration: Ticks | None = None
    """Developing POC less the one at 10:30."""
    poc_velocity: Ticks | None = None
    """Developing POC less the one a period before."""
    time_framing: TimeFraming | None = None
    """Last whole period against the one before."""
    time_framing_share: float | None = None
    """Share of whole periods of the commonest kind, signed: > 0 up, < 0 down; None: neither."""
    effective_poor_high: bool = False
    """Poor, or four or more rows of single prints above the value area (spec B.5)."""
    effective_poor_low: bool = False

    @property
    def tail_high_strength(self) -> TailStrength | None:
        """None without a tail."""
        return _tail_strength(self.tail_high)

    @property
    def tail_low_strength(self) -> TailStrength | None:
        """None without a tail."""
        return _tail_strength(self.tail_low)

    @property
    def one_timeframing(self) -> TimeFraming | None:
        """UP or DOWN where at least 70 % of the whole periods are of that kind (spec B.5)."""
        share = self.time_framing_share
        if share is None or abs(share) < 0.7:
            return None
        return TimeFraming.UP if share > 0 else TimeFraming.DOWN


def _tail_strength(rows: int) -> TailStrength | None:
    # The scale begins at one row, a tail at two (spec B.5).
    if rows < 2:
        return None
    if rows < 3:
        return TailStrength.WEAK
    return TailStrength.MODERATE if rows < 5 else TailStrength.STRONG


class GapReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What this minute does with the fair-value gaps of one bar length that stood when it began."""

    bull: bool
    """It trades into or bounces from an open bullish gap."""
    bear: bool
    inverse_bull: bool
    """The bar trades into and closes above a bearish gap that was filled upward."""
    inverse_bear: bool


class GapEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A step in the life of one fair-value gap."""

    minutes: int
    """Length of the bars it is made of."""
    bullish: bool
    zone: Range
    opened_ns: UnixNanos
    """Close stamp of its third bar; with `minutes` and `bullish` it names the gap."""
    state: GapState


class SweepEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A named level traded through, or given back (spec B.7)."""

    level: str
    """`prior_high`, `overnight_low`, `ib_high` …"""
    price: Ticks
    above: bool
    """The level is a high, swept upward."""
    extreme: Ticks
    """Furthest trade beyond it so far."""
    failed: bool
    """A close came back through it."""


class SmtReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Divergence between the contracts of the group (spec B.7): confluence, never a gate."""

    bullish: bool
    """Some made a new low within the last bars and another did not."""
    bearish: bool
    leader: str = ""
    """Contract that made the last new extreme."""
    laggard: str = ""
    """Contract that did not."""


class WickReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Rejection in the bar's own shape and over the last hour (spec B.7)."""

    upper: float
    """(high − max(open, close)) / (high − low); 0 for a bar without range."""
    lower: float
    buyers60: int
    """Bars of the last 60 that closed in the upper 40 % of their range."""
    sellers60: int


class CompressionReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whether the market is wound up (spec B.7)."""

    premarket: bool | None = None
    """London range ≤ 0.35 of the overnight range; None before both are over."""
    near_value_edge: bool | None = None
    """Price within 20 points of the value area's edge; None without a profile."""


class DayConfidence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Share of satisfied checks per day type, 0–1 (spec B.10)."""

    trend_up: float
    trend_down: float
    p_day: float
    b_day_bear: float
    b_day: float
    neutral: float


class AverageDirection(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Wilder's directional movement over 14 bars (spec B.2)."""

    adx: float
    plus: float
    minus: float


class Bollinger(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Mean and population deviation of the last 20 closes, float ticks (spec B.2)."""

    middle: float
    sigma: float
