"""What the session-state service publishes: one `SessionUpdate` per instrument and stamp.

Rule 1: a family of readings is always there; a value that is not computed or not warm is absent
        (None), never 0.
Rule 2: exact prices are Ticks, indicator values float ticks.
Formulas: docs/glossary.md and services/state, one module per family.
"""

from enum import Enum

import msgspec

from services.domain.messages.market import DeltaSource
from services.domain.messages.reading import (
    AverageDirection,
    Bollinger,
    CompressionReading,
    DayConfidence,
    DayStrength,
    DaySubType,
    GapEvent,
    GapReading,
    Range,
    SmtReading,
    SweepEvent,
    TpoReading,
    ValueArea,
    WickReading,
)
from services.domain.units import Contracts, Ticks, UnixNanos


class Phase(Enum):
    """Where the session stands, by the clock in America/New_York."""

    OVERNIGHT = 1
    """From the session's open until 09:30."""
    OR_BUILD = 2
    """09:30 to 09:45."""
    EOR_BUILD = 3
    """09:45 to 10:00."""
    IB_BUILD = 4
    """10:00 to 10:30."""
    AM = 5
    """10:30 to 13:00."""
    PM = 6
    """13:00 to 30 minutes before the flat-by time."""
    CLOSING = 7
    """Until the close of regular trading."""
    CLOSED = 8
    """After regular trading, or a session without any."""


class DayType(Enum):
    """Developing day type from session extremes (spec B.9)."""

    TREND_UP = 1
    """The larger extension is above and exceeds 1.0 IB ranges."""
    SUPER_TREND_UP = 2
    """It exceeds 2.0."""
    TREND_DOWN = 3
    """The larger extension is below and exceeds 1.0 IB ranges."""
    SUPER_TREND_DOWN = 4
    """It exceeds 2.0."""
    P_DAY = 5
    """One side, above: more than 0.2 IB ranges, at most 1.0."""
    B_DAY = 6
    """Balanced: neither extension exceeds 0.2."""
    B_DAY_BEAR = 7
    """One side, below: more than 0.2 IB ranges, at most 1.0."""
    NEUTRAL = 8
    """Both sides by 0.10 or more and neither above 1.0; or a trend that failed."""


class SessionCarry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What crosses sessions for one contract; first record of its trade date."""

    contract: str
    trade_date: str
    """ISO date of the session that begins."""
    at_ns: UnixNanos
    """Open of the session that begins."""
    prior_date: str | None = None
    """ISO trade date of the prior session with regular hours seen by the desk."""
    prior_high: Ticks | None = None
    """RTH high of the prior session."""
    prior_low: Ticks | None = None
    """RTH low of the prior session."""
    prior_close: Ticks | None = None
    """Last RTH trade of the prior session."""
    ib_ranges: tuple[int, ...] = ()
    """IB ranges of up to 20 prior sessions, ticks, oldest first."""
    indicators: bytes = b""
    """Long averages (EMA, ATR, RSI) as packed by services/state/carry.py; empty: start anew."""
    daily_ranges: tuple[int, ...] = ()
    """RTH high − low of up to 14 prior sessions seen whole, ticks, oldest first."""


class OpeningReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The opening ranges of regular hours, by the clock (spec A.3)."""

    or15: Range | None = None
    """Opening range 09:30–09:45, building or final; None before its first bar."""
    or15_final: bool = False
    """09:45 has passed, and a bar of the range was seen."""
    eor30: Range | None = None
    """Extended opening range 09:30–10:00, building or final; None before its first bar."""
    eor30_final: bool = False
    """10:00 has passed, and a bar of the range was seen."""
    ib: Range | None = None
    """Initial Balance 09:30–10:30, building or final; None before its first bar."""
    ib_final: bool = False
    """10:30 has passed, and a bar of the range was seen."""
    ib_bars: int = 0
    """One-minute bars seen in the IB window, of 60."""
    ib_usable: bool = False
    """Final, at least 57 bars, first and last minute present."""
    ib_range_median20: float | None = None
    """Median IB range of the last 20 sessions, ticks; None until there are 20."""
    ib_range_p90: float | None = None
    """90th percentile of the IB ranges of the last 20 sessions, ticks; None until there are 20."""


class LevelsReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Levels of the night and the prior day, from bars or as supplied (spec A.2).

    A range of the night builds until its window ends; None before it begins, and while less than
    95 % of its minutes so far were seen and nothing was supplied.
    """

    overnight: Range | None = None
    """18:00–09:30, building until then; None before its first bar, and while less than 95 % of its
    minutes so far were seen and NinjaTrader supplied none."""
    asia: Range | None = None
    """20:00–00:00, building until then; None like `overnight`."""
    london: Range | None = None
    """02:00–05:00, building until then; None like `overnight`."""
    premarket: Range | None = None
    """06:00–09:30, building until then; None before its first bar, and while less than 95 % of its
    minutes so far were seen."""
    prior_high: Ticks | None = None
    """RTH high of the previous trade date; None where the desk did not see that date whole and
    NinjaTrader supplied none."""
    prior_low: Ticks | None = None
    """RTH low of the same date; None like `prior_high`."""
    prior_close: Ticks | None = None
    """Last RTH trade of the same date; None like `prior_high`."""
    supplied: tuple[str, ...] = ()
    """Names of those levels of the night and the prior day that came from NinjaTrader, not from
    bars."""


class VwapReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Volume-weighted average prices and deviations, float ticks; bands are VWAP ± k·sigma.

    None while nothing has traded since the anchor, and where the anchor was not seen.
    """

    eth: float | None = None
    """Anchored at 18:00, float ticks; None while nothing has traded, and where 18:00 was
    not seen."""
    eth_sigma: float | None = None
    """Volume-weighted standard deviation around it, float ticks: bands are VWAP ± k·sigma; None
    like it."""
    rth: float | None = None
    """Anchored at 09:30, float ticks; None before 09:31, and where 09:30 was not seen."""
    rth_sigma: float | None = None
    """Volume-weighted standard deviation around it, float ticks; None like it."""


class IndicatorReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Averages through sessions, in NinjaTrader's own form (spec B.2)."""

    ema20: float | None = None
    """Exponential average of the last 20 minutes' closes, through sessions, float ticks; None
    before the first bar ever seen."""
    ema50: float | None = None
    """The same over 50 minutes, float ticks; None like `ema20`."""
    ema200: float | None = None
    """The same over 200 minutes, float ticks; None like `ema20`."""
    rsi14: float | None = None
    """Wilder's RSI of 14 minutes in NinjaTrader's form, 0–100; None before bar 14 ever seen."""
    atr14_1m: float | None = None
    """Wilder's average true range of 14 minutes, float ticks; over the bars there are while they
    are fewer. None before the first bar ever seen."""
    atr14_5m: float | None = None
    """The same on five-minute bars closed by the clock, float ticks; None before the first whole
    one ever seen."""
    atr14_d: float | None = None
    """Mean RTH high − low of the last 14 sessions, float ticks; None until there are 14."""
    direction: AverageDirection | None = None
    """Directional movement; None where not computed, and before bar 28 ever read."""
    bollinger: Bollinger | None = None
    """Mean and deviation of the last 20 closes; None where not computed, and before bar 20 ever
    read."""


class OrderFlowReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Readings of the bar's bid and ask volume (spec B.3, B.4).

    None without a split of the volume. Windows roll over the bars of this session's regular hours,
    up to 20, and are None outside them.
    """

    delta: int | None = None
    """Ask volume − bid volume of this bar, contracts; None without a split."""
    delta_pct: float | None = None
    """Delta / volume, −1 to 1, and 0 for a bar without volume; None without a split."""
    delta_z20: float | None = None
    """Delta less the mean of the last 20 deltas of this session's RTH, in standard deviations of
    them; None without a split, outside RTH, and while they are all equal."""
    delta_percentile20: float | None = None
    """Rank of delta among the last 20 of this session's RTH, (0, 100]; None without a split and
    outside RTH."""
    imbalance_ratio: float | None = None
    """Ask volume / bid volume, a ratio; None without a split and when bid volume is 0."""
    volume_spike20: float | None = None
    """Volume / mean of the last 20 bars of RTH, this one included, a ratio that needs no split;
    None outside RTH, and while none of them traded."""
    cvd_rth: int | None = None
    """Cumulative delta since 09:30, contracts; None where 09:30 was not seen, and from a bar on
    that traded without a split."""
    cvd_eth: int | None = None
    """Cumulative delta since 18:00, contracts; None where 18:00 was not seen, and from a bar on
    that traded without a split."""
    pre_delta_sum10: int | None = None
    """Sum of the up to nine deltas of RTH before this bar, contracts; None on their first bar,
    outside RTH and without a split."""
    score_long: int | None = None
    """Order-flow gate, conditions satisfied, 0–3 (spec B.4): a missing one is not; None outside
    RTH."""
    score_short: int | None = None
    """The same for a short, 0–3; None outside RTH."""


class DayReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The day since 09:30: extremes, acceptance (spec B.8), type (spec B.9), scores (spec B.10).

    Stands after the close of regular hours.
    """

    rth: Range | None = None
    """Session extremes since 09:30; None before the first bar of regular hours."""
    rth_open: Ticks | None = None
    """First trade of regular hours; None before it."""
    closes_above_ib: int = 0
    """Consecutive closes above the IB high, counted after the IB is final."""
    closes_below_ib: int = 0
    """Consecutive closes below the IB low, counted after the IB is final."""
    accepted_long: bool = False
    """Enough of them above: higher prices are accepted (spec B.8)."""
    accepted_short: bool = False
    """Enough of them below: lower prices are accepted (spec B.8)."""
    accepted_ideal: bool = False
    """Six or more consecutive closes beyond the IB, on the side in force."""
    extension_up: float | None = None
    """(session high − IB high) / IB range since 09:30, IB ranges, ≥ 0; None until the IB is final,
    and where it has no range."""
    extension_down: float | None = None
    """(IB low − session low) / IB range since 09:30, IB ranges, ≥ 0; None like `extension_up`."""
    type: DayType | None = None
    """Day type by the extremes so far, developing until 16:00; None until the IB is final, and
    where it has no range."""
    type_confidence: float | None = None
    """Score of the day type in force, 0–1; None where not computed, until the IB is final, and
    where it has no range."""
    confidence: DayConfidence | None = None
    """Score of every type; None where not computed, until the IB is final, and where it has no
    range."""
    strength: DayStrength | None = None
    """How far the day has gone beyond its IB; None until the IB is final, and where it has no
    range."""
    sub_type: DaySubType | None = None
    """Dalton's name for it; None until the IB is final, and where no name fits."""


class ProfileReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Profiles of this session's regular hours (spec B.5).

    None where not computed, before 09:31, and where the opening was not seen.
    """

    tpo: TpoReading | None = None
    """The Market Profile; None where not computed, before 09:31, and where 09:30 was not seen."""
    volume: ValueArea | None = None
    """The volume profile; None where not computed, before anything traded in regular hours, and
    where 09:30 was not seen."""


class FairValueGapReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Fair-value gaps of three bar lengths (spec B.6); regular hours only."""

    one_minute: GapReading | None = None
    """One-minute gaps; None where not computed, before the third bar of regular hours, and after
    them."""
    five_minute: GapReading | None = None
    """Five-minute gaps; None where not computed, before the first five-minute bar of regular hours
    has closed, and after them."""
    fifteen_minute: GapReading | None = None
    """Fifteen-minute gaps; None where not computed, before the first fifteen-minute bar of regular
    hours has closed, and after them."""
    balanced: bool | None = None
    """The close is inside the overlap of an active bullish and an active bearish 1-minute gap; None
    where not computed, before the third bar of regular hours, and after them."""
    events: tuple[GapEvent, ...] = ()
    """Steps taken on this bar, every bar length computed; empty where not computed."""


class ConfluenceReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What confirms or weakens a level (spec B.7)."""

    sweeps: tuple[SweepEvent, ...] = ()
    """Named levels swept or given back on this bar; empty where not computed."""
    smt: SmtReading | None = None
    """Divergence in the group; None where not computed, before 09:36, outside regular hours, and
    where a contract of the group has no bar at this stamp."""
    wicks: WickReading | None = None
    """Rejection in the bar's shape; None where not computed, and outside regular hours."""
    compression: CompressionReading | None = None
    """Whether the market is wound up; None where not computed."""


class SessionUpdate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The reading of one instrument's session after one closed bar.

    The bar itself stands here; what follows from it and the bars before stands in families. A
    family that did not move is the object of the update before.
    """

    contract: str
    """The contract read, `NQ 03-26`."""
    trade_date: str
    """ISO date on which the 18:00→17:00 ET session ends."""
    close_ns: UnixNanos
    """Close stamp of the bar just folded in."""
    phase: Phase
    """Where the session stands as the bar opens."""
    historical: bool
    """The bar came from history: nothing may trade on it."""
    open: Ticks
    """First trade of the bar."""
    high: Ticks
    """Highest trade of the bar."""
    low: Ticks
    """Lowest trade of the bar."""
    close: Ticks
    """Last trade of the bar: the price a strategy decides at."""
    volume: Contracts
    """Traded in the bar."""
    bid_volume: Contracts | None = None
    """Traded at the bid, by sellers who took liquidity; None without a split of the volume."""
    ask_volume: Contracts | None = None
    """Traded at the ask, by buyers who took liquidity; None without a split of the volume."""
    delta_source: DeltaSource
    """Where bid and ask volume come from."""
    minute_of_rth: int | None = None
    """Minutes from 09:30 ET to the close stamp (bar 09:31 is 1); None outside regular hours."""

    degraded: tuple[str, ...] = ()
    """Reasons why entries are blocked for this session; empty while it is sound."""
    notes: tuple[str, ...] = ()
    """Observations that block nothing (late peer, short prior day, rule used for a stamp)."""

    opening: OpeningReading = OpeningReading()
    """Opening ranges and the Initial Balance."""
    levels: LevelsReading = LevelsReading()
    """Levels of the night and the prior day."""
    vwap: VwapReading = VwapReading()
    """Volume-weighted average prices."""
    indicators: IndicatorReading = IndicatorReading()
    """Averages through sessions."""
    order_flow: OrderFlowReading = OrderFlowReading()
    """Readings of bid and ask volume."""
    day: DayReading = DayReading()
    """Extremes, acceptance and what kind of day it is."""
    profile: ProfileReading = ProfileReading()
    """Profiles of regular hours."""
    gaps: FairValueGapReading = FairValueGapReading()
    """Fair-value gaps."""
    confluence: ConfluenceReading = ConfluenceReading()
    """Sweeps, divergence, wicks, compression."""


class SessionMinute(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One closed minute of one group as it is read: strategies evaluate it, risk decides on it."""

    group: str
    """Alignment group, from desk.toml."""
    close_ns: UnixNanos
    trade_date: str
    updates: tuple[SessionUpdate, ...]
    """One of each contract with a bar, in the group's order; never empty."""
    missing: tuple[str, ...] = ()
    """Declared contracts without a bar when the minute closed."""
    historical: bool
    """Every bar of the minute came from history."""
    late: bool = False
    """The minute had been published before these bars came: nothing is decided on them."""
    required_report_sequence: int | None = None
    """From the client's clock: reports that must be folded before anyone decides on this minute."""
