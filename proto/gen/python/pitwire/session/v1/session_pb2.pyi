from pitwire.market.v1 import market_pb2 as _market_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Phase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PHASE_UNSPECIFIED: _ClassVar[Phase]
    PHASE_OVERNIGHT: _ClassVar[Phase]
    PHASE_OR_BUILD: _ClassVar[Phase]
    PHASE_EOR_BUILD: _ClassVar[Phase]
    PHASE_IB_BUILD: _ClassVar[Phase]
    PHASE_AM: _ClassVar[Phase]
    PHASE_PM: _ClassVar[Phase]
    PHASE_CLOSING: _ClassVar[Phase]
    PHASE_CLOSED: _ClassVar[Phase]

class DayType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DAY_TYPE_UNSPECIFIED: _ClassVar[DayType]
    DAY_TYPE_TREND_UP: _ClassVar[DayType]
    DAY_TYPE_SUPER_TREND_UP: _ClassVar[DayType]
    DAY_TYPE_TREND_DOWN: _ClassVar[DayType]
    DAY_TYPE_SUPER_TREND_DOWN: _ClassVar[DayType]
    DAY_TYPE_P_DAY: _ClassVar[DayType]
    DAY_TYPE_B_DAY: _ClassVar[DayType]
    DAY_TYPE_B_DAY_BEAR: _ClassVar[DayType]
    DAY_TYPE_NEUTRAL: _ClassVar[DayType]

class DayStrength(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DAY_STRENGTH_UNSPECIFIED: _ClassVar[DayStrength]
    DAY_STRENGTH_WEAK: _ClassVar[DayStrength]
    DAY_STRENGTH_MODERATE: _ClassVar[DayStrength]
    DAY_STRENGTH_STRONG: _ClassVar[DayStrength]
    DAY_STRENGTH_SUPER: _ClassVar[DayStrength]

class DaySubType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DAY_SUB_TYPE_UNSPECIFIED: _ClassVar[DaySubType]
    DAY_SUB_TYPE_NON_TREND: _ClassVar[DaySubType]
    DAY_SUB_TYPE_NORMAL: _ClassVar[DaySubType]
    DAY_SUB_TYPE_NORMAL_VARIATION: _ClassVar[DaySubType]
    DAY_SUB_TYPE_TREND: _ClassVar[DaySubType]
    DAY_SUB_TYPE_DOUBLE_DISTRIBUTION: _ClassVar[DaySubType]
    DAY_SUB_TYPE_NEUTRAL_CENTER: _ClassVar[DaySubType]
    DAY_SUB_TYPE_NEUTRAL_EXTREME: _ClassVar[DaySubType]
    DAY_SUB_TYPE_FAILED_TREND: _ClassVar[DaySubType]

class TimeFraming(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIME_FRAMING_UNSPECIFIED: _ClassVar[TimeFraming]
    TIME_FRAMING_UP: _ClassVar[TimeFraming]
    TIME_FRAMING_DOWN: _ClassVar[TimeFraming]
    TIME_FRAMING_OUTSIDE: _ClassVar[TimeFraming]
    TIME_FRAMING_INSIDE: _ClassVar[TimeFraming]

class GapState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GAP_STATE_UNSPECIFIED: _ClassVar[GapState]
    GAP_STATE_OPEN: _ClassVar[GapState]
    GAP_STATE_TOUCHED: _ClassVar[GapState]
    GAP_STATE_FILLED: _ClassVar[GapState]
    GAP_STATE_EXPIRED: _ClassVar[GapState]
PHASE_UNSPECIFIED: Phase
PHASE_OVERNIGHT: Phase
PHASE_OR_BUILD: Phase
PHASE_EOR_BUILD: Phase
PHASE_IB_BUILD: Phase
PHASE_AM: Phase
PHASE_PM: Phase
PHASE_CLOSING: Phase
PHASE_CLOSED: Phase
DAY_TYPE_UNSPECIFIED: DayType
DAY_TYPE_TREND_UP: DayType
DAY_TYPE_SUPER_TREND_UP: DayType
DAY_TYPE_TREND_DOWN: DayType
DAY_TYPE_SUPER_TREND_DOWN: DayType
DAY_TYPE_P_DAY: DayType
DAY_TYPE_B_DAY: DayType
DAY_TYPE_B_DAY_BEAR: DayType
DAY_TYPE_NEUTRAL: DayType
DAY_STRENGTH_UNSPECIFIED: DayStrength
DAY_STRENGTH_WEAK: DayStrength
DAY_STRENGTH_MODERATE: DayStrength
DAY_STRENGTH_STRONG: DayStrength
DAY_STRENGTH_SUPER: DayStrength
DAY_SUB_TYPE_UNSPECIFIED: DaySubType
DAY_SUB_TYPE_NON_TREND: DaySubType
DAY_SUB_TYPE_NORMAL: DaySubType
DAY_SUB_TYPE_NORMAL_VARIATION: DaySubType
DAY_SUB_TYPE_TREND: DaySubType
DAY_SUB_TYPE_DOUBLE_DISTRIBUTION: DaySubType
DAY_SUB_TYPE_NEUTRAL_CENTER: DaySubType
DAY_SUB_TYPE_NEUTRAL_EXTREME: DaySubType
DAY_SUB_TYPE_FAILED_TREND: DaySubType
TIME_FRAMING_UNSPECIFIED: TimeFraming
TIME_FRAMING_UP: TimeFraming
TIME_FRAMING_DOWN: TimeFraming
TIME_FRAMING_OUTSIDE: TimeFraming
TIME_FRAMING_INSIDE: TimeFraming
GAP_STATE_UNSPECIFIED: GapState
GAP_STATE_OPEN: GapState
GAP_STATE_TOUCHED: GapState
GAP_STATE_FILLED: GapState
GAP_STATE_EXPIRED: GapState

class Range(_message.Message):
    __slots__ = ("low", "high")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    low: int
    high: int
    def __init__(self, low: _Optional[int] = ..., high: _Optional[int] = ...) -> None: ...

class ValueArea(_message.Message):
    __slots__ = ("poc", "low", "high")
    POC_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    poc: int
    low: int
    high: int
    def __init__(self, poc: _Optional[int] = ..., low: _Optional[int] = ..., high: _Optional[int] = ...) -> None: ...

class TpoReading(_message.Message):
    __slots__ = ("value", "periods", "single_prints", "tail_high", "tail_low", "poor_high", "poor_low", "developing_poc", "poc_migration", "poc_velocity", "time_framing", "time_framing_share")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    PERIODS_FIELD_NUMBER: _ClassVar[int]
    SINGLE_PRINTS_FIELD_NUMBER: _ClassVar[int]
    TAIL_HIGH_FIELD_NUMBER: _ClassVar[int]
    TAIL_LOW_FIELD_NUMBER: _ClassVar[int]
    POOR_HIGH_FIELD_NUMBER: _ClassVar[int]
    POOR_LOW_FIELD_NUMBER: _ClassVar[int]
    DEVELOPING_POC_FIELD_NUMBER: _ClassVar[int]
    POC_MIGRATION_FIELD_NUMBER: _ClassVar[int]
    POC_VELOCITY_FIELD_NUMBER: _ClassVar[int]
    TIME_FRAMING_FIELD_NUMBER: _ClassVar[int]
    TIME_FRAMING_SHARE_FIELD_NUMBER: _ClassVar[int]
    value: ValueArea
    periods: int
    single_prints: _containers.RepeatedCompositeFieldContainer[Range]
    tail_high: int
    tail_low: int
    poor_high: bool
    poor_low: bool
    developing_poc: int
    poc_migration: int
    poc_velocity: int
    time_framing: TimeFraming
    time_framing_share: float
    def __init__(self, value: _Optional[_Union[ValueArea, _Mapping]] = ..., periods: _Optional[int] = ..., single_prints: _Optional[_Iterable[_Union[Range, _Mapping]]] = ..., tail_high: _Optional[int] = ..., tail_low: _Optional[int] = ..., poor_high: _Optional[bool] = ..., poor_low: _Optional[bool] = ..., developing_poc: _Optional[int] = ..., poc_migration: _Optional[int] = ..., poc_velocity: _Optional[int] = ..., time_framing: _Optional[_Union[TimeFraming, str]] = ..., time_framing_share: _Optional[float] = ...) -> None: ...

class GapReading(_message.Message):
    __slots__ = ("bull", "bear", "inverse_bull", "inverse_bear")
    BULL_FIELD_NUMBER: _ClassVar[int]
    BEAR_FIELD_NUMBER: _ClassVar[int]
    INVERSE_BULL_FIELD_NUMBER: _ClassVar[int]
    INVERSE_BEAR_FIELD_NUMBER: _ClassVar[int]
    bull: bool
    bear: bool
    inverse_bull: bool
    inverse_bear: bool
    def __init__(self, bull: _Optional[bool] = ..., bear: _Optional[bool] = ..., inverse_bull: _Optional[bool] = ..., inverse_bear: _Optional[bool] = ...) -> None: ...

class GapEvent(_message.Message):
    __slots__ = ("minutes", "bullish", "zone", "opened_ns", "state")
    MINUTES_FIELD_NUMBER: _ClassVar[int]
    BULLISH_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    OPENED_NS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    minutes: int
    bullish: bool
    zone: Range
    opened_ns: int
    state: GapState
    def __init__(self, minutes: _Optional[int] = ..., bullish: _Optional[bool] = ..., zone: _Optional[_Union[Range, _Mapping]] = ..., opened_ns: _Optional[int] = ..., state: _Optional[_Union[GapState, str]] = ...) -> None: ...

class SweepEvent(_message.Message):
    __slots__ = ("level", "price", "above", "extreme", "failed")
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    ABOVE_FIELD_NUMBER: _ClassVar[int]
    EXTREME_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    level: str
    price: int
    above: bool
    extreme: int
    failed: bool
    def __init__(self, level: _Optional[str] = ..., price: _Optional[int] = ..., above: _Optional[bool] = ..., extreme: _Optional[int] = ..., failed: _Optional[bool] = ...) -> None: ...

class SmtReading(_message.Message):
    __slots__ = ("bullish", "bearish", "leader", "laggard")
    BULLISH_FIELD_NUMBER: _ClassVar[int]
    BEARISH_FIELD_NUMBER: _ClassVar[int]
    LEADER_FIELD_NUMBER: _ClassVar[int]
    LAGGARD_FIELD_NUMBER: _ClassVar[int]
    bullish: bool
    bearish: bool
    leader: str
    laggard: str
    def __init__(self, bullish: _Optional[bool] = ..., bearish: _Optional[bool] = ..., leader: _Optional[str] = ..., laggard: _Optional[str] = ...) -> None: ...

class WickReading(_message.Message):
    __slots__ = ("upper", "lower", "buyers60", "sellers60")
    UPPER_FIELD_NUMBER: _ClassVar[int]
    LOWER_FIELD_NUMBER: _ClassVar[int]
    BUYERS60_FIELD_NUMBER: _ClassVar[int]
    SELLERS60_FIELD_NUMBER: _ClassVar[int]
    upper: float
    lower: float
    buyers60: int
    sellers60: int
    def __init__(self, upper: _Optional[float] = ..., lower: _Optional[float] = ..., buyers60: _Optional[int] = ..., sellers60: _Optional[int] = ...) -> None: ...

class CompressionReading(_message.Message):
    __slots__ = ("premarket", "near_value_edge")
    PREMARKET_FIELD_NUMBER: _ClassVar[int]
    NEAR_VALUE_EDGE_FIELD_NUMBER: _ClassVar[int]
    premarket: bool
    near_value_edge: bool
    def __init__(self, premarket: _Optional[bool] = ..., near_value_edge: _Optional[bool] = ...) -> None: ...

class DayConfidence(_message.Message):
    __slots__ = ("trend_up", "trend_down", "p_day", "b_day_bear", "b_day", "neutral")
    TREND_UP_FIELD_NUMBER: _ClassVar[int]
    TREND_DOWN_FIELD_NUMBER: _ClassVar[int]
    P_DAY_FIELD_NUMBER: _ClassVar[int]
    B_DAY_BEAR_FIELD_NUMBER: _ClassVar[int]
    B_DAY_FIELD_NUMBER: _ClassVar[int]
    NEUTRAL_FIELD_NUMBER: _ClassVar[int]
    trend_up: float
    trend_down: float
    p_day: float
    b_day_bear: float
    b_day: float
    neutral: float
    def __init__(self, trend_up: _Optional[float] = ..., trend_down: _Optional[float] = ..., p_day: _Optional[float] = ..., b_day_bear: _Optional[float] = ..., b_day: _Optional[float] = ..., neutral: _Optional[float] = ...) -> None: ...

class AverageDirection(_message.Message):
    __slots__ = ("adx", "plus", "minus")
    ADX_FIELD_NUMBER: _ClassVar[int]
    PLUS_FIELD_NUMBER: _ClassVar[int]
    MINUS_FIELD_NUMBER: _ClassVar[int]
    adx: float
    plus: float
    minus: float
    def __init__(self, adx: _Optional[float] = ..., plus: _Optional[float] = ..., minus: _Optional[float] = ...) -> None: ...

class Bollinger(_message.Message):
    __slots__ = ("middle", "sigma")
    MIDDLE_FIELD_NUMBER: _ClassVar[int]
    SIGMA_FIELD_NUMBER: _ClassVar[int]
    middle: float
    sigma: float
    def __init__(self, middle: _Optional[float] = ..., sigma: _Optional[float] = ...) -> None: ...

class SessionCarry(_message.Message):
    __slots__ = ("contract", "trade_date", "at_ns", "prior_date", "prior_high", "prior_low", "prior_close", "ib_ranges", "daily_true_ranges", "indicators")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    TRADE_DATE_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    PRIOR_DATE_FIELD_NUMBER: _ClassVar[int]
    PRIOR_HIGH_FIELD_NUMBER: _ClassVar[int]
    PRIOR_LOW_FIELD_NUMBER: _ClassVar[int]
    PRIOR_CLOSE_FIELD_NUMBER: _ClassVar[int]
    IB_RANGES_FIELD_NUMBER: _ClassVar[int]
    DAILY_TRUE_RANGES_FIELD_NUMBER: _ClassVar[int]
    INDICATORS_FIELD_NUMBER: _ClassVar[int]
    contract: str
    trade_date: str
    at_ns: int
    prior_date: str
    prior_high: int
    prior_low: int
    prior_close: int
    ib_ranges: _containers.RepeatedScalarFieldContainer[int]
    daily_true_ranges: _containers.RepeatedScalarFieldContainer[int]
    indicators: bytes
    def __init__(self, contract: _Optional[str] = ..., trade_date: _Optional[str] = ..., at_ns: _Optional[int] = ..., prior_date: _Optional[str] = ..., prior_high: _Optional[int] = ..., prior_low: _Optional[int] = ..., prior_close: _Optional[int] = ..., ib_ranges: _Optional[_Iterable[int]] = ..., daily_true_ranges: _Optional[_Iterable[int]] = ..., indicators: _Optional[bytes] = ...) -> None: ...

class SessionUpdate(_message.Message):
    __slots__ = ("contract", "trade_date", "close_ns", "phase", "historical", "open", "high", "low", "close", "volume", "bid_volume", "ask_volume", "delta_source", "minute_of_rth", "degraded", "notes", "or15", "or15_final", "eor30", "eor30_final", "ib", "ib_final", "ib_bars", "ib_usable", "ib_range_median20", "overnight", "asia", "london", "premarket", "prior_high", "prior_low", "prior_close", "rth", "rth_open", "vwap_eth", "vwap_eth_sigma", "vwap_rth", "vwap_rth_sigma", "ema20", "ema50", "ema200", "rsi14", "atr14_1m", "atr14_5m", "atr14_d", "delta", "delta_pct", "delta_z20", "delta_percentile20", "imbalance_ratio", "volume_spike20", "cvd_rth", "cvd_eth", "pre_delta_sum10", "of_score_long", "of_score_short", "closes_above_ib", "closes_below_ib", "accepted_long", "accepted_short", "extension_up", "extension_down", "day_type", "fvg_bull", "fvg_bear", "ifvg_bull", "ifvg_bear", "strength", "sub_type", "confidence", "day_confidence", "accepted_ideal", "tpo", "volume_profile", "gaps_5m", "gaps_15m", "balanced_range", "gap_events", "sweep_events", "smt", "wicks", "compression", "direction", "bollinger", "levels_supplied")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    TRADE_DATE_FIELD_NUMBER: _ClassVar[int]
    CLOSE_NS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    HISTORICAL_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    BID_VOLUME_FIELD_NUMBER: _ClassVar[int]
    ASK_VOLUME_FIELD_NUMBER: _ClassVar[int]
    DELTA_SOURCE_FIELD_NUMBER: _ClassVar[int]
    MINUTE_OF_RTH_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    OR15_FIELD_NUMBER: _ClassVar[int]
    OR15_FINAL_FIELD_NUMBER: _ClassVar[int]
    EOR30_FIELD_NUMBER: _ClassVar[int]
    EOR30_FINAL_FIELD_NUMBER: _ClassVar[int]
    IB_FIELD_NUMBER: _ClassVar[int]
    IB_FINAL_FIELD_NUMBER: _ClassVar[int]
    IB_BARS_FIELD_NUMBER: _ClassVar[int]
    IB_USABLE_FIELD_NUMBER: _ClassVar[int]
    IB_RANGE_MEDIAN20_FIELD_NUMBER: _ClassVar[int]
    OVERNIGHT_FIELD_NUMBER: _ClassVar[int]
    ASIA_FIELD_NUMBER: _ClassVar[int]
    LONDON_FIELD_NUMBER: _ClassVar[int]
    PREMARKET_FIELD_NUMBER: _ClassVar[int]
    PRIOR_HIGH_FIELD_NUMBER: _ClassVar[int]
    PRIOR_LOW_FIELD_NUMBER: _ClassVar[int]
    PRIOR_CLOSE_FIELD_NUMBER: _ClassVar[int]
    RTH_FIELD_NUMBER: _ClassVar[int]
    RTH_OPEN_FIELD_NUMBER: _ClassVar[int]
    VWAP_ETH_FIELD_NUMBER: _ClassVar[int]
    VWAP_ETH_SIGMA_FIELD_NUMBER: _ClassVar[int]
    VWAP_RTH_FIELD_NUMBER: _ClassVar[int]
    VWAP_RTH_SIGMA_FIELD_NUMBER: _ClassVar[int]
    EMA20_FIELD_NUMBER: _ClassVar[int]
    EMA50_FIELD_NUMBER: _ClassVar[int]
    EMA200_FIELD_NUMBER: _ClassVar[int]
    RSI14_FIELD_NUMBER: _ClassVar[int]
    ATR14_1M_FIELD_NUMBER: _ClassVar[int]
    ATR14_5M_FIELD_NUMBER: _ClassVar[int]
    ATR14_D_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    DELTA_PCT_FIELD_NUMBER: _ClassVar[int]
    DELTA_Z20_FIELD_NUMBER: _ClassVar[int]
    DELTA_PERCENTILE20_FIELD_NUMBER: _ClassVar[int]
    IMBALANCE_RATIO_FIELD_NUMBER: _ClassVar[int]
    VOLUME_SPIKE20_FIELD_NUMBER: _ClassVar[int]
    CVD_RTH_FIELD_NUMBER: _ClassVar[int]
    CVD_ETH_FIELD_NUMBER: _ClassVar[int]
    PRE_DELTA_SUM10_FIELD_NUMBER: _ClassVar[int]
    OF_SCORE_LONG_FIELD_NUMBER: _ClassVar[int]
    OF_SCORE_SHORT_FIELD_NUMBER: _ClassVar[int]
    CLOSES_ABOVE_IB_FIELD_NUMBER: _ClassVar[int]
    CLOSES_BELOW_IB_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_LONG_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_SHORT_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_UP_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_DOWN_FIELD_NUMBER: _ClassVar[int]
    DAY_TYPE_FIELD_NUMBER: _ClassVar[int]
    FVG_BULL_FIELD_NUMBER: _ClassVar[int]
    FVG_BEAR_FIELD_NUMBER: _ClassVar[int]
    IFVG_BULL_FIELD_NUMBER: _ClassVar[int]
    IFVG_BEAR_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    SUB_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    DAY_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_IDEAL_FIELD_NUMBER: _ClassVar[int]
    TPO_FIELD_NUMBER: _ClassVar[int]
    VOLUME_PROFILE_FIELD_NUMBER: _ClassVar[int]
    GAPS_5M_FIELD_NUMBER: _ClassVar[int]
    GAPS_15M_FIELD_NUMBER: _ClassVar[int]
    BALANCED_RANGE_FIELD_NUMBER: _ClassVar[int]
    GAP_EVENTS_FIELD_NUMBER: _ClassVar[int]
    SWEEP_EVENTS_FIELD_NUMBER: _ClassVar[int]
    SMT_FIELD_NUMBER: _ClassVar[int]
    WICKS_FIELD_NUMBER: _ClassVar[int]
    COMPRESSION_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    BOLLINGER_FIELD_NUMBER: _ClassVar[int]
    LEVELS_SUPPLIED_FIELD_NUMBER: _ClassVar[int]
    contract: str
    trade_date: str
    close_ns: int
    phase: Phase
    historical: bool
    open: int
    high: int
    low: int
    close: int
    volume: int
    bid_volume: int
    ask_volume: int
    delta_source: _market_pb2.DeltaSource
    minute_of_rth: int
    degraded: _containers.RepeatedScalarFieldContainer[str]
    notes: _containers.RepeatedScalarFieldContainer[str]
    or15: Range
    or15_final: bool
    eor30: Range
    eor30_final: bool
    ib: Range
    ib_final: bool
    ib_bars: int
    ib_usable: bool
    ib_range_median20: float
    overnight: Range
    asia: Range
    london: Range
    premarket: Range
    prior_high: int
    prior_low: int
    prior_close: int
    rth: Range
    rth_open: int
    vwap_eth: float
    vwap_eth_sigma: float
    vwap_rth: float
    vwap_rth_sigma: float
    ema20: float
    ema50: float
    ema200: float
    rsi14: float
    atr14_1m: float
    atr14_5m: float
    atr14_d: float
    delta: int
    delta_pct: float
    delta_z20: float
    delta_percentile20: float
    imbalance_ratio: float
    volume_spike20: float
    cvd_rth: int
    cvd_eth: int
    pre_delta_sum10: int
    of_score_long: int
    of_score_short: int
    closes_above_ib: int
    closes_below_ib: int
    accepted_long: bool
    accepted_short: bool
    extension_up: float
    extension_down: float
    day_type: DayType
    fvg_bull: bool
    fvg_bear: bool
    ifvg_bull: bool
    ifvg_bear: bool
    strength: DayStrength
    sub_type: DaySubType
    confidence: DayConfidence
    day_confidence: float
    accepted_ideal: bool
    tpo: TpoReading
    volume_profile: ValueArea
    gaps_5m: GapReading
    gaps_15m: GapReading
    balanced_range: bool
    gap_events: _containers.RepeatedCompositeFieldContainer[GapEvent]
    sweep_events: _containers.RepeatedCompositeFieldContainer[SweepEvent]
    smt: SmtReading
    wicks: WickReading
    compression: CompressionReading
    direction: AverageDirection
    bollinger: Bollinger
    levels_supplied: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, contract: _Optional[str] = ..., trade_date: _Optional[str] = ..., close_ns: _Optional[int] = ..., phase: _Optional[_Union[Phase, str]] = ..., historical: _Optional[bool] = ..., open: _Optional[int] = ..., high: _Optional[int] = ..., low: _Optional[int] = ..., close: _Optional[int] = ..., volume: _Optional[int] = ..., bid_volume: _Optional[int] = ..., ask_volume: _Optional[int] = ..., delta_source: _Optional[_Union[_market_pb2.DeltaSource, str]] = ..., minute_of_rth: _Optional[int] = ..., degraded: _Optional[_Iterable[str]] = ..., notes: _Optional[_Iterable[str]] = ..., or15: _Optional[_Union[Range, _Mapping]] = ..., or15_final: _Optional[bool] = ..., eor30: _Optional[_Union[Range, _Mapping]] = ..., eor30_final: _Optional[bool] = ..., ib: _Optional[_Union[Range, _Mapping]] = ..., ib_final: _Optional[bool] = ..., ib_bars: _Optional[int] = ..., ib_usable: _Optional[bool] = ..., ib_range_median20: _Optional[float] = ..., overnight: _Optional[_Union[Range, _Mapping]] = ..., asia: _Optional[_Union[Range, _Mapping]] = ..., london: _Optional[_Union[Range, _Mapping]] = ..., premarket: _Optional[_Union[Range, _Mapping]] = ..., prior_high: _Optional[int] = ..., prior_low: _Optional[int] = ..., prior_close: _Optional[int] = ..., rth: _Optional[_Union[Range, _Mapping]] = ..., rth_open: _Optional[int] = ..., vwap_eth: _Optional[float] = ..., vwap_eth_sigma: _Optional[float] = ..., vwap_rth: _Optional[float] = ..., vwap_rth_sigma: _Optional[float] = ..., ema20: _Optional[float] = ..., ema50: _Optional[float] = ..., ema200: _Optional[float] = ..., rsi14: _Optional[float] = ..., atr14_1m: _Optional[float] = ..., atr14_5m: _Optional[float] = ..., atr14_d: _Optional[float] = ..., delta: _Optional[int] = ..., delta_pct: _Optional[float] = ..., delta_z20: _Optional[float] = ..., delta_percentile20: _Optional[float] = ..., imbalance_ratio: _Optional[float] = ..., volume_spike20: _Optional[float] = ..., cvd_rth: _Optional[int] = ..., cvd_eth: _Optional[int] = ..., pre_delta_sum10: _Optional[int] = ..., of_score_long: _Optional[int] = ..., of_score_short: _Optional[int] = ..., closes_above_ib: _Optional[int] = ..., closes_below_ib: _Optional[int] = ..., accepted_long: _Optional[bool] = ..., accepted_short: _Optional[bool] = ..., extension_up: _Optional[float] = ..., extension_down: _Optional[float] = ..., day_type: _Optional[_Union[DayType, str]] = ..., fvg_bull: _Optional[bool] = ..., fvg_bear: _Optional[bool] = ..., ifvg_bull: _Optional[bool] = ..., ifvg_bear: _Optional[bool] = ..., strength: _Optional[_Union[DayStrength, str]] = ..., sub_type: _Optional[_Union[DaySubType, str]] = ..., confidence: _Optional[_Union[DayConfidence, _Mapping]] = ..., day_confidence: _Optional[float] = ..., accepted_ideal: _Optional[bool] = ..., tpo: _Optional[_Union[TpoReading, _Mapping]] = ..., volume_profile: _Optional[_Union[ValueArea, _Mapping]] = ..., gaps_5m: _Optional[_Union[GapReading, _Mapping]] = ..., gaps_15m: _Optional[_Union[GapReading, _Mapping]] = ..., balanced_range: _Optional[bool] = ..., gap_events: _Optional[_Iterable[_Union[GapEvent, _Mapping]]] = ..., sweep_events: _Optional[_Iterable[_Union[SweepEvent, _Mapping]]] = ..., smt: _Optional[_Union[SmtReading, _Mapping]] = ..., wicks: _Optional[_Union[WickReading, _Mapping]] = ..., compression: _Optional[_Union[CompressionReading, _Mapping]] = ..., direction: _Optional[_Union[AverageDirection, _Mapping]] = ..., bollinger: _Optional[_Union[Bollinger, _Mapping]] = ..., levels_supplied: _Optional[_Iterable[str]] = ...) -> None: ...

class StampClosed(_message.Message):
    __slots__ = ("group", "close_ns", "trade_date", "present", "missing", "historical", "report_sequence")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    CLOSE_NS_FIELD_NUMBER: _ClassVar[int]
    TRADE_DATE_FIELD_NUMBER: _ClassVar[int]
    PRESENT_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    HISTORICAL_FIELD_NUMBER: _ClassVar[int]
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    group: str
    close_ns: int
    trade_date: str
    present: _containers.RepeatedScalarFieldContainer[str]
    missing: _containers.RepeatedScalarFieldContainer[str]
    historical: bool
    report_sequence: int
    def __init__(self, group: _Optional[str] = ..., close_ns: _Optional[int] = ..., trade_date: _Optional[str] = ..., present: _Optional[_Iterable[str]] = ..., missing: _Optional[_Iterable[str]] = ..., historical: _Optional[bool] = ..., report_sequence: _Optional[int] = ...) -> None: ...
