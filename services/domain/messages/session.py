"""What the session-state service says: one `SessionUpdate` per instrument and stamp.

Rule: a value that is not warm is absent (None), never 0. Exact prices are Ticks; indicator values
are float ticks. Formulas: docs/glossary.md and services/state, one module per family.
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
    SUPER_TREND_UP = 2
    TREND_DOWN = 3
    SUPER_TREND_DOWN = 4
    P_DAY = 5
    B_DAY = 6
    B_DAY_BEAR = 7
    NEUTRAL = 8


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


class SessionUpdate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The reading of one instrument's session after one closed bar."""

    contract: str
    trade_date: str
    """ISO date on which the 18:00→17:00 ET session ends."""
    close_ns: UnixNanos
    """Close stamp of the bar just folded in."""
    phase: Phase
    historical: bool
    """The bar came from history: nothing may trade on it."""
    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    volume: Contracts
    bid_volume: Contracts | None = None
    ask_volume: Contracts | None = None
    delta_source: DeltaSource
    minute_of_rth: int | None = None
    """Minutes from 09:30 ET to the close stamp (bar 09:31 is 1); None outside regular hours."""

    degraded: tuple[str, ...] = ()
    """Reasons why entries are blocked for this session; empty: sound."""
    notes: tuple[str, ...] = ()
    """Observations that block nothing (late peer, short prior day, rule used for a stamp)."""

    or15: Range | None = None
    """Opening range 09:30–09:45, building or final."""
    or15_final: bool = False
    eor30: Range | None = None
    """Extended opening range 09:30–10:00."""
    eor30_final: bool = False
    ib: Range | None = None
    """Initial Balance 09:30–10:30."""
    ib_final: bool = False
    ib_bars: int = 0
    """One-minute bars seen in the IB window, of 60."""
    ib_usable: bool = False
    """Final, at least 57 bars, first and last minute present."""
    ib_range_median20: float | None = None
    """Median IB range of the last 20 sessions, ticks; None until there are 20."""

    overnight: Range | None = None
    """18:00–09:30."""
    asia: Range | None = None
    """20:00–00:00."""
    london: Range | None = None
    """02:00–05:00."""
    premarket: Range | None = None
    """06:00–09:30."""
    prior_high: Ticks | None = None
    prior_low: Ticks | None = None
    prior_close: Ticks | None = None
    """RTH high, low and last trade of the previous trade date; None if the desk has not seen it."""
    rth: Range | None = None
    """Session extremes since 09:30."""
    rth_open: Ticks | None = None

    vwap_eth: float | None = None
    """Anchored at 18:00, float ticks."""
    vwap_eth_sigma: float | None = None
    """Volume-weighted standard deviation around it, float ticks; bands are VWAP ± k·sigma."""
    vwap_rth: float | None = None
    """Anchored at 09:30, float ticks."""
    vwap_rth_sigma: float | None = None

    ema20: float | None = None
    ema50: float | None = None
    ema200: float | None = None
    rsi14: float | None = None
    """Wilder's RSI in NinjaTrader's form, 0–100; from bar 14 on."""
    atr14_1m: float | None = None
    """Wilder, growing window, one-minute bars, float ticks."""
    atr14_5m: float | None = None
    """The same on five-minute bars closed by the clock."""
    atr14_d: float | None = None
    """Mean RTH high − low of the last 14 sessions, float ticks; None until there are 14."""

    delta: int | None = None
    """Ask volume − bid volume of this bar, contracts; None without a split."""
    delta_pct: float | None = None
    """delta / volume."""
    delta_z20: float | None = None
    delta_percentile20: float | None = None
    """Rank of delta among the last 20 of this session's RTH, (0, 100]."""
    imbalance_ratio: float | None = None
    """Ask volume / bid volume; None when bid volume is 0."""
    volume_spike20: float | None = None
    """Volume / mean of the last 20 bars, this one included."""
    cvd_rth: int | None = None
    """Cumulative delta since 09:30, contracts."""
    cvd_eth: int | None = None
    """Cumulative delta since 18:00, contracts."""
    pre_delta_sum10: int | None = None
    """Sum of the up to nine deltas before this bar."""
    of_score_long: int | None = None
    """Order-flow gate, satisfied conditions of three (spec B.4); None outside RTH."""
    of_score_short: int | None = None

    closes_above_ib: int = 0
    """Consecutive closes above the IB high, counted after the IB is final."""
    closes_below_ib: int = 0
    accepted_long: bool = False
    accepted_short: bool = False
    extension_up: float | None = None
    """(session high − IB high) / IB range since 09:30, ≥ 0; None until the IB is final."""
    extension_down: float | None = None
    day_type: DayType | None = None
    """Developing until 16:00; None until the IB is final."""
    fvg_bull: bool | None = None
    """The bar trades in or bounces from an open bullish 1-minute gap (spec B.6)."""
    fvg_bear: bool | None = None
    ifvg_bull: bool | None = None
    """The bar trades into and closes above a bearish gap that was filled upward."""
    ifvg_bear: bool | None = None

    strength: DayStrength | None = None
    """None until the IB is final."""
    sub_type: DaySubType | None = None
    """None until the IB is final, or where no name fits."""
    confidence: DayConfidence | None = None
    """Map over all types; None until the IB is final."""
    day_confidence: float | None = None
    """Score of the day type in force, 0–1."""
    accepted_ideal: bool = False
    """Six or more consecutive closes beyond the IB, on the side in force."""
    tpo: TpoReading | None = None
    """None where not computed, before 09:31, and where the opening was not seen."""
    volume_profile: ValueArea | None = None
    """None where not computed, before 09:31, and where the opening was not seen."""
    gaps_5m: GapReading | None = None
    """None where not computed, or no five-minute bar has closed."""
    gaps_15m: GapReading | None = None
    balanced_range: bool | None = None
    """The close is inside the overlap of an active bullish and an active bearish gap."""
    gap_events: tuple[GapEvent, ...] = ()
    """Steps taken on this bar, every bar length computed."""
    sweep_events: tuple[SweepEvent, ...] = ()
    """Named levels swept or given back on this bar."""
    smt: SmtReading | None = None
    """None where not computed, or a contract of the group has no bar at this stamp."""
    wicks: WickReading | None = None
    """None where not computed, and outside regular hours."""
    compression: CompressionReading | None = None
    """None where not computed."""
    direction: AverageDirection | None = None
    """None where not computed or not warm."""
    bollinger: Bollinger | None = None
    """None where not computed or not warm."""
    levels_supplied: tuple[str, ...] = ()
    """Names of the night's and prior day's levels that came from NinjaTrader, not from bars."""
    ib_range_p90: float | None = None
    """90th percentile of the IB ranges of the last 20 sessions, ticks; None until there are 20."""


class MinuteClosed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Every update of this stamp for this group has been published; strategies evaluate now."""

    group: str
    """Alignment group, from desk.toml."""
    close_ns: UnixNanos
    trade_date: str
    present: tuple[str, ...]
    """Contracts with a bar at this stamp."""
    missing: tuple[str, ...]
    """Declared contracts without one when the stamp closed."""
    historical: bool
    """Every bar of the stamp came from history."""
    required_report_sequence: int | None = None
    """From the clock: reports that must be folded before anyone decides on this stamp."""
