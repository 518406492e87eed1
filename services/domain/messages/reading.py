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
    """Outside, and the larger extension is below 0.5 IB ranges."""
    STRONG = 3
    """Outside, and it is below 1.5."""
    SUPER = 4
    """Outside, and it is 1.5 or more."""


class DaySubType(Enum):
    """Dalton's names for what the developing type looks like (spec B.9); for reports."""

    NON_TREND = 1
    """The IB range is below half of its median."""
    NORMAL = 2
    """Hardly extended, and the IB is at least 0.8 of the session's range."""
    NORMAL_VARIATION = 3
    """One side, by 0.2 to 1.0 IB ranges."""
    TREND = 4
    """More than 1.0 IB ranges beyond the IB."""
    DOUBLE_DISTRIBUTION = 5
    """A trend whose profile stands in two parts (spec B.5)."""
    NEUTRAL_CENTER = 6
    """Both sides, and the close is inside the IB, not in the outer fifth."""
    NEUTRAL_EXTREME = 7
    """Both sides, and the close is outside the IB or in the outer fifth."""
    FAILED_TREND = 8
    """A trend whose close is back beyond the IB's middle."""


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
    """The state of a fair-value gap (spec B.6)."""

    OPEN = 1
    """Made, and not yet traded into."""
    TOUCHED = 2
    """A bar has traded into it."""
    FILLED = 3
    """A close beyond its far edge; from now on it is an inverse gap of the other direction."""
    EXPIRED = 4
    """Thirty bars of its length are over and none closed beyond its far edge."""
    INVERSE_ENDED = 5
    """As an inverse gap it is over: a close back through it, or another thirty bars."""


class Range(msgspec.Struct, frozen=True, gc=False):
    """A low and a high, ticks."""

    low: Ticks
    """Lowest price."""
    high: Ticks
    """Highest price."""


class ValueArea(msgspec.Struct, frozen=True, gc=False):
    """Point of control and 70 % value area of a profile; each is a row's lower edge, ticks."""

    poc: Ticks
    """Point of control: the row with the most."""
    low: Ticks
    """Lowest row of the value area, VAL."""
    high: Ticks
    """Highest row of the value area, VAH."""


class TpoReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The Market Profile of this session's regular hours so far (spec B.5)."""

    value: ValueArea
    """Point of control and value area by TPOs."""
    periods: int
    """Half-hour periods begun."""
    single_prints: tuple[Range, ...] = ()
    """Runs of rows with one TPO inside the profile, from the lowest; lower edges of the first and
    the last row of each."""
    tail_high: int = 0
    """Rows of the excess at the top, two or more, the newest period's left out; 0: none."""
    tail_low: int = 0
    """Rows of the excess at the bottom; 0: none."""
    poor_high: bool = False
    """Two or more TPOs in the highest row: no excess."""
    poor_low: bool = False
    """Two or more TPOs in the lowest row: no excess."""
    developing_poc: Ticks | None = None
    """Point of control at the last period close from 10:30 on; None before 10:30."""
    poc_migration: Ticks | None = None
    """Developing POC less the one at 10:30; None before 10:30."""
    poc_velocity: Ticks | None = None
    """Developing POC less the one a period before; None before 11:00."""
    time_framing: TimeFraming | None = None
    """Last whole period against the one before; None before 10:30."""
    time_framing_share: float | None = None
    """Share of whole periods of the commonest kind, −1 to 1: > 0 up, < 0 down; None where it is
    neither."""
    effective_poor_high: bool = False
    """Poor, or four or more rows of single prints above the value area (spec B.5)."""
    effective_poor_low: bool = False
    """Poor, or four or more rows of single prints below the value area."""

    @property
    def tail_high_strength(self) -> TailStrength | None:
        """How firmly the top was turned down; None without a tail."""
        return _tail_strength(self.tail_high)

    @property
    def tail_low_strength(self) -> TailStrength | None:
        """How firmly the bottom was turned down; None without a tail."""
        return _tail_strength(self.tail_low)

    @property
    def one_timeframing(self) -> TimeFraming | None:
        """UP or DOWN: at least 70 % of whole periods are of that kind (spec B.5); None: neither."""
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
    """It trades into or bounces from an open bearish gap."""
    inverse_bull: bool
    """The bar trades into and closes above a bearish gap that was filled upward."""
    inverse_bear: bool
    """The bar trades into and closes below a bullish gap that was filled downward."""


class GapEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A step in the life of one fair-value gap."""

    minutes: int
    """Length of the bars it is made of, minutes."""
    bullish: bool
    """It was made by rising prices."""
    zone: Range
    """Between the outer bars of the three that made it."""
    opened_ns: UnixNanos
    """Close stamp of its third bar; with `minutes` and `bullish` it names the gap."""
    state: GapState
    """What it has become."""


class SweepEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A named level traded through, or given back (spec B.7); a bar gives one a level.

    Who counts them counts crossings: a level stands anew after each failure, so one that price
    crosses all day is swept many times, and one held and given back later has two.
    """

    level: str
    """`prior_high`, `overnight_low`, `ib_high` …"""
    price: Ticks
    """The level."""
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
    """Some made a new high within the last bars and another did not."""
    leader: str = ""
    """Contract that made the last new extreme."""
    laggard: str = ""
    """Contract that did not."""


class WickReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Rejection in the bar's own shape and over the last hour (spec B.7)."""

    upper: float
    """(high − max(open, close)) / (high − low), 0–1; 0 for a bar without range."""
    lower: float
    """(min(open, close) − low) / (high − low), 0–1; 0 for a bar without range."""
    buyers60: int
    """Bars of the last 60 minutes that closed in the upper 40 % of their range."""
    sellers60: int
    """Bars of the last 60 minutes that closed in the lower 40 % of their range."""


class CompressionReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whether the market is wound up (spec B.7)."""

    premarket: bool | None = None
    """London range ≤ 0.35 of the overnight range; None before both are over."""
    near_value_edge: bool | None = None
    """Close within 0.07 of the median IB range of the value area's edge; None without a profile or
    a median."""


class DayConfidence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Share of satisfied checks per day type, 0–1 (spec B.10)."""

    trend_up: float
    """Of eight checks, 0–1; a super trend's is its trend's."""
    trend_down: float
    """Of eight checks, 0–1."""
    p_day: float
    """Of five checks, 0–1."""
    b_day_bear: float
    """Of five checks, 0–1."""
    b_day: float
    """Of five checks, 0–1."""
    neutral: float
    """Of four checks, 0–1; 0.5 before the fifth close after 10:30, the others are 0."""


class AverageDirection(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Wilder's directional movement over 14 bars (spec B.2)."""

    adx: float
    """Average directional index, 0–100: how directed the movement is."""
    plus: float
    """Share of upward movement, 0–100."""
    minus: float
    """Share of downward movement, 0–100."""


class Bollinger(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Mean and population deviation of the last 20 closes, float ticks (spec B.2)."""

    middle: float
    """Mean of the closes, float ticks."""
    sigma: float
    """Their population deviation, float ticks: the bands are middle ± 2 sigma."""
