"""Everything a strategy is written with, in one module: docs/strategies/reference.md.

The one place that gives names a second import path, so that a strategy kept outside this
repository survives whatever moves inside it: docs/decisions/0021. It defines nothing.
"""

from services.domain.calendar import Calendar, Session
from services.domain.indicator_families import IndicatorFamily
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
    GapState,
    Range,
    SmtReading,
    SweepEvent,
    TailStrength,
    TimeFraming,
    TpoReading,
    ValueArea,
    WickReading,
)
from services.domain.messages.risk import Position, PositionState
from services.domain.messages.session import (
    ConfluenceReading,
    DayReading,
    DayType,
    FairValueGapReading,
    IndicatorReading,
    LevelsReading,
    OpeningReading,
    OrderFlowReading,
    Phase,
    ProfileReading,
    SessionUpdate,
    VwapReading,
)
from services.domain.messages.strategy import (
    Adjustment,
    AdjustmentKind,
    Confidence,
    Feature,
    NoTrade,
    Side,
)
from services.domain.units import (
    MICROS_PER_USD,
    NANOS_PER_MINUTE,
    Contracts,
    MicroUsd,
    Ticks,
    UnixNanos,
    usd,
)
from services.strategies.authoring import exits, guards
from services.strategies.authoring.context import SessionContext
from services.strategies.authoring.entry_signal import (
    EntrySignal,
    round_bracket_price,
    tick_down,
    tick_up,
)
from services.strategies.authoring.parameters import (
    Bounds,
    Count,
    EtClock,
    Points,
    Share,
    StrategyConfig,
    VwapAnchor,
)
from services.strategies.authoring.pullback import Pullback, PullbackConfig
from services.strategies.authoring.retest import Retest
from services.strategies.authoring.scale import MEDIAN_MISSING, P90_MISSING, Scale, exact
from services.strategies.authoring.strategy import AfterInitialBalance, Strategy

__all__ = [
    "MEDIAN_MISSING",
    "MICROS_PER_USD",
    "NANOS_PER_MINUTE",
    "P90_MISSING",
    "Adjustment",
    "AdjustmentKind",
    "AfterInitialBalance",
    "AverageDirection",
    "Bollinger",
    "Bounds",
    "Calendar",
    "CompressionReading",
    "Confidence",
    "ConfluenceReading",
    "Contracts",
    "Count",
    "DayConfidence",
    "DayReading",
    "DayStrength",
    "DaySubType",
    "DayType",
    "DeltaSource",
    "EntrySignal",
    "EtClock",
    "FairValueGapReading",
    "Feature",
    "GapEvent",
    "GapReading",
    "GapState",
    "IndicatorFamily",
    "IndicatorReading",
    "LevelsReading",
    "MicroUsd",
    "NoTrade",
    "OpeningReading",
    "OrderFlowReading",
    "Phase",
    "Points",
    "Position",
    "PositionState",
    "ProfileReading",
    "Pullback",
    "PullbackConfig",
    "Range",
    "Retest",
    "Scale",
    "Session",
    "SessionContext",
    "SessionUpdate",
    "Share",
    "Side",
    "SmtReading",
    "Strategy",
    "StrategyConfig",
    "SweepEvent",
    "TailStrength",
    "Ticks",
    "TimeFraming",
    "TpoReading",
    "UnixNanos",
    "ValueArea",
    "VwapAnchor",
    "VwapReading",
    "WickReading",
    "exact",
    "exits",
    "guards",
    "round_bracket_price",
    "tick_down",
    "tick_up",
    "usd",
]
