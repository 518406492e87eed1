from pitwire.market.v1 import market_pb2 as _market_pb2
from pitwire.reading.v1 import reading_pb2 as _reading_pb2
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

class SessionCarry(_message.Message):
    __slots__ = ("contract", "trade_date", "at_ns", "prior_date", "prior_high", "prior_low", "prior_close", "ib_ranges", "indicators", "daily_ranges")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    TRADE_DATE_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    PRIOR_DATE_FIELD_NUMBER: _ClassVar[int]
    PRIOR_HIGH_FIELD_NUMBER: _ClassVar[int]
    PRIOR_LOW_FIELD_NUMBER: _ClassVar[int]
    PRIOR_CLOSE_FIELD_NUMBER: _ClassVar[int]
    IB_RANGES_FIELD_NUMBER: _ClassVar[int]
    INDICATORS_FIELD_NUMBER: _ClassVar[int]
    DAILY_RANGES_FIELD_NUMBER: _ClassVar[int]
    contract: str
    trade_date: str
    at_ns: int
    prior_date: str
    prior_high: int
    prior_low: int
    prior_close: int
    ib_ranges: _containers.RepeatedScalarFieldContainer[int]
    indicators: bytes
    daily_ranges: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, contract: _Optional[str] = ..., trade_date: _Optional[str] = ..., at_ns: _Optional[int] = ..., prior_date: _Optional[str] = ..., prior_high: _Optional[int] = ..., prior_low: _Optional[int] = ..., prior_close: _Optional[int] = ..., ib_ranges: _Optional[_Iterable[int]] = ..., indicators: _Optional[bytes] = ..., daily_ranges: _Optional[_Iterable[int]] = ...) -> None: ...

class OpeningReading(_message.Message):
    __slots__ = ("or15", "or15_final", "eor30", "eor30_final", "ib", "ib_final", "ib_bars", "ib_usable", "ib_range_median20", "ib_range_p90")
    OR15_FIELD_NUMBER: _ClassVar[int]
    OR15_FINAL_FIELD_NUMBER: _ClassVar[int]
    EOR30_FIELD_NUMBER: _ClassVar[int]
    EOR30_FINAL_FIELD_NUMBER: _ClassVar[int]
    IB_FIELD_NUMBER: _ClassVar[int]
    IB_FINAL_FIELD_NUMBER: _ClassVar[int]
    IB_BARS_FIELD_NUMBER: _ClassVar[int]
    IB_USABLE_FIELD_NUMBER: _ClassVar[int]
    IB_RANGE_MEDIAN20_FIELD_NUMBER: _ClassVar[int]
    IB_RANGE_P90_FIELD_NUMBER: _ClassVar[int]
    or15: _reading_pb2.Range
    or15_final: bool
    eor30: _reading_pb2.Range
    eor30_final: bool
    ib: _reading_pb2.Range
    ib_final: bool
    ib_bars: int
    ib_usable: bool
    ib_range_median20: float
    ib_range_p90: float
    def __init__(self, or15: _Optional[_Union[_reading_pb2.Range, _Mapping]] = ..., or15_final: _Optional[bool] = ..., eor30: _Optional[_Union[_reading_pb2.Range, _Mapping]] = ..., eor30_final: _Optional[bool] = ..., ib: _Optional[_Union[_reading_pb2.Range, _Mapping]] = ..., ib_final: _Optional[bool] = ..., ib_bars: _Optional[int] = ..., ib_usable: _Optional[bool] = ..., ib_range_median20: _Optional[float] = ..., ib_range_p90: _Optional[float] = ...) -> None: ...

class LevelsReading(_message.Message):
    __slots__ = ("overnight", "asia", "london", "premarket", "prior_high", "prior_low", "prior_close", "supplied")
    OVERNIGHT_FIELD_NUMBER: _ClassVar[int]
    ASIA_FIELD_NUMBER: _ClassVar[int]
    LONDON_FIELD_NUMBER: _ClassVar[int]
    PREMARKET_FIELD_NUMBER: _ClassVar[int]
    PRIOR_HIGH_FIELD_NUMBER: _ClassVar[int]
    PRIOR_LOW_FIELD_NUMBER: _ClassVar[int]
    PRIOR_CLOSE_FIELD_NUMBER: _ClassVar[int]
    SUPPLIED_FIELD_NUMBER: _ClassVar[int]
    overnight: _reading_pb2.Range
    asia: _reading_pb2.Range
    london: _reading_pb2.Range
    premarket: _reading_pb2.Range
    prior_high: int
    prior_low: int
    prior_close: int
    supplied: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, overnight: _Optional[_Union[_reading_pb2.Range, _Mapping]] = ..., asia: _Optional[_Union[_reading_pb2.Range, _Mapping]] = ..., london: _Optional[_Union[_reading_pb2.Range, _Mapping]] = ..., premarket: _Optional[_Union[_reading_pb2.Range, _Mapping]] = ..., prior_high: _Optional[int] = ..., prior_low: _Optional[int] = ..., prior_close: _Optional[int] = ..., supplied: _Optional[_Iterable[str]] = ...) -> None: ...

class VwapReading(_message.Message):
    __slots__ = ("eth", "eth_sigma", "rth", "rth_sigma")
    ETH_FIELD_NUMBER: _ClassVar[int]
    ETH_SIGMA_FIELD_NUMBER: _ClassVar[int]
    RTH_FIELD_NUMBER: _ClassVar[int]
    RTH_SIGMA_FIELD_NUMBER: _ClassVar[int]
    eth: float
    eth_sigma: float
    rth: float
    rth_sigma: float
    def __init__(self, eth: _Optional[float] = ..., eth_sigma: _Optional[float] = ..., rth: _Optional[float] = ..., rth_sigma: _Optional[float] = ...) -> None: ...

class IndicatorReading(_message.Message):
    __slots__ = ("ema20", "ema50", "ema200", "rsi14", "atr14_1m", "atr14_5m", "atr14_d", "direction", "bollinger")
    EMA20_FIELD_NUMBER: _ClassVar[int]
    EMA50_FIELD_NUMBER: _ClassVar[int]
    EMA200_FIELD_NUMBER: _ClassVar[int]
    RSI14_FIELD_NUMBER: _ClassVar[int]
    ATR14_1M_FIELD_NUMBER: _ClassVar[int]
    ATR14_5M_FIELD_NUMBER: _ClassVar[int]
    ATR14_D_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    BOLLINGER_FIELD_NUMBER: _ClassVar[int]
    ema20: float
    ema50: float
    ema200: float
    rsi14: float
    atr14_1m: float
    atr14_5m: float
    atr14_d: float
    direction: _reading_pb2.AverageDirection
    bollinger: _reading_pb2.Bollinger
    def __init__(self, ema20: _Optional[float] = ..., ema50: _Optional[float] = ..., ema200: _Optional[float] = ..., rsi14: _Optional[float] = ..., atr14_1m: _Optional[float] = ..., atr14_5m: _Optional[float] = ..., atr14_d: _Optional[float] = ..., direction: _Optional[_Union[_reading_pb2.AverageDirection, _Mapping]] = ..., bollinger: _Optional[_Union[_reading_pb2.Bollinger, _Mapping]] = ...) -> None: ...

class OrderFlowReading(_message.Message):
    __slots__ = ("delta", "delta_pct", "delta_z20", "delta_percentile20", "imbalance_ratio", "volume_spike20", "cvd_rth", "cvd_eth", "pre_delta_sum10", "score_long", "score_short")
    DELTA_FIELD_NUMBER: _ClassVar[int]
    DELTA_PCT_FIELD_NUMBER: _ClassVar[int]
    DELTA_Z20_FIELD_NUMBER: _ClassVar[int]
    DELTA_PERCENTILE20_FIELD_NUMBER: _ClassVar[int]
    IMBALANCE_RATIO_FIELD_NUMBER: _ClassVar[int]
    VOLUME_SPIKE20_FIELD_NUMBER: _ClassVar[int]
    CVD_RTH_FIELD_NUMBER: _ClassVar[int]
    CVD_ETH_FIELD_NUMBER: _ClassVar[int]
    PRE_DELTA_SUM10_FIELD_NUMBER: _ClassVar[int]
    SCORE_LONG_FIELD_NUMBER: _ClassVar[int]
    SCORE_SHORT_FIELD_NUMBER: _ClassVar[int]
    delta: int
    delta_pct: float
    delta_z20: float
    delta_percentile20: float
    imbalance_ratio: float
    volume_spike20: float
    cvd_rth: int
    cvd_eth: int
    pre_delta_sum10: int
    score_long: int
    score_short: int
    def __init__(self, delta: _Optional[int] = ..., delta_pct: _Optional[float] = ..., delta_z20: _Optional[float] = ..., delta_percentile20: _Optional[float] = ..., imbalance_ratio: _Optional[float] = ..., volume_spike20: _Optional[float] = ..., cvd_rth: _Optional[int] = ..., cvd_eth: _Optional[int] = ..., pre_delta_sum10: _Optional[int] = ..., score_long: _Optional[int] = ..., score_short: _Optional[int] = ...) -> None: ...

class DayReading(_message.Message):
    __slots__ = ("rth", "rth_open", "closes_above_ib", "closes_below_ib", "accepted_long", "accepted_short", "accepted_ideal", "extension_up", "extension_down", "type", "type_confidence", "confidence", "strength", "sub_type")
    RTH_FIELD_NUMBER: _ClassVar[int]
    RTH_OPEN_FIELD_NUMBER: _ClassVar[int]
    CLOSES_ABOVE_IB_FIELD_NUMBER: _ClassVar[int]
    CLOSES_BELOW_IB_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_LONG_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_SHORT_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_IDEAL_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_UP_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_DOWN_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TYPE_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    SUB_TYPE_FIELD_NUMBER: _ClassVar[int]
    rth: _reading_pb2.Range
    rth_open: int
    closes_above_ib: int
    closes_below_ib: int
    accepted_long: bool
    accepted_short: bool
    accepted_ideal: bool
    extension_up: float
    extension_down: float
    type: DayType
    type_confidence: float
    confidence: _reading_pb2.DayConfidence
    strength: _reading_pb2.DayStrength
    sub_type: _reading_pb2.DaySubType
    def __init__(self, rth: _Optional[_Union[_reading_pb2.Range, _Mapping]] = ..., rth_open: _Optional[int] = ..., closes_above_ib: _Optional[int] = ..., closes_below_ib: _Optional[int] = ..., accepted_long: _Optional[bool] = ..., accepted_short: _Optional[bool] = ..., accepted_ideal: _Optional[bool] = ..., extension_up: _Optional[float] = ..., extension_down: _Optional[float] = ..., type: _Optional[_Union[DayType, str]] = ..., type_confidence: _Optional[float] = ..., confidence: _Optional[_Union[_reading_pb2.DayConfidence, _Mapping]] = ..., strength: _Optional[_Union[_reading_pb2.DayStrength, str]] = ..., sub_type: _Optional[_Union[_reading_pb2.DaySubType, str]] = ...) -> None: ...

class ProfileReading(_message.Message):
    __slots__ = ("tpo", "volume")
    TPO_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    tpo: _reading_pb2.TpoReading
    volume: _reading_pb2.ValueArea
    def __init__(self, tpo: _Optional[_Union[_reading_pb2.TpoReading, _Mapping]] = ..., volume: _Optional[_Union[_reading_pb2.ValueArea, _Mapping]] = ...) -> None: ...

class FairValueGapReading(_message.Message):
    __slots__ = ("one_minute", "five_minute", "fifteen_minute", "balanced", "events")
    ONE_MINUTE_FIELD_NUMBER: _ClassVar[int]
    FIVE_MINUTE_FIELD_NUMBER: _ClassVar[int]
    FIFTEEN_MINUTE_FIELD_NUMBER: _ClassVar[int]
    BALANCED_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    one_minute: _reading_pb2.GapReading
    five_minute: _reading_pb2.GapReading
    fifteen_minute: _reading_pb2.GapReading
    balanced: bool
    events: _containers.RepeatedCompositeFieldContainer[_reading_pb2.GapEvent]
    def __init__(self, one_minute: _Optional[_Union[_reading_pb2.GapReading, _Mapping]] = ..., five_minute: _Optional[_Union[_reading_pb2.GapReading, _Mapping]] = ..., fifteen_minute: _Optional[_Union[_reading_pb2.GapReading, _Mapping]] = ..., balanced: _Optional[bool] = ..., events: _Optional[_Iterable[_Union[_reading_pb2.GapEvent, _Mapping]]] = ...) -> None: ...

class ConfluenceReading(_message.Message):
    __slots__ = ("sweeps", "smt", "wicks", "compression")
    SWEEPS_FIELD_NUMBER: _ClassVar[int]
    SMT_FIELD_NUMBER: _ClassVar[int]
    WICKS_FIELD_NUMBER: _ClassVar[int]
    COMPRESSION_FIELD_NUMBER: _ClassVar[int]
    sweeps: _containers.RepeatedCompositeFieldContainer[_reading_pb2.SweepEvent]
    smt: _reading_pb2.SmtReading
    wicks: _reading_pb2.WickReading
    compression: _reading_pb2.CompressionReading
    def __init__(self, sweeps: _Optional[_Iterable[_Union[_reading_pb2.SweepEvent, _Mapping]]] = ..., smt: _Optional[_Union[_reading_pb2.SmtReading, _Mapping]] = ..., wicks: _Optional[_Union[_reading_pb2.WickReading, _Mapping]] = ..., compression: _Optional[_Union[_reading_pb2.CompressionReading, _Mapping]] = ...) -> None: ...

class SessionUpdate(_message.Message):
    __slots__ = ("contract", "trade_date", "close_ns", "phase", "historical", "open", "high", "low", "close", "volume", "bid_volume", "ask_volume", "delta_source", "minute_of_rth", "degraded", "notes", "opening", "levels", "vwap", "indicators", "order_flow", "day", "profile", "gaps", "confluence")
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
    OPENING_FIELD_NUMBER: _ClassVar[int]
    LEVELS_FIELD_NUMBER: _ClassVar[int]
    VWAP_FIELD_NUMBER: _ClassVar[int]
    INDICATORS_FIELD_NUMBER: _ClassVar[int]
    ORDER_FLOW_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    GAPS_FIELD_NUMBER: _ClassVar[int]
    CONFLUENCE_FIELD_NUMBER: _ClassVar[int]
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
    opening: OpeningReading
    levels: LevelsReading
    vwap: VwapReading
    indicators: IndicatorReading
    order_flow: OrderFlowReading
    day: DayReading
    profile: ProfileReading
    gaps: FairValueGapReading
    confluence: ConfluenceReading
    def __init__(self, contract: _Optional[str] = ..., trade_date: _Optional[str] = ..., close_ns: _Optional[int] = ..., phase: _Optional[_Union[Phase, str]] = ..., historical: _Optional[bool] = ..., open: _Optional[int] = ..., high: _Optional[int] = ..., low: _Optional[int] = ..., close: _Optional[int] = ..., volume: _Optional[int] = ..., bid_volume: _Optional[int] = ..., ask_volume: _Optional[int] = ..., delta_source: _Optional[_Union[_market_pb2.DeltaSource, str]] = ..., minute_of_rth: _Optional[int] = ..., degraded: _Optional[_Iterable[str]] = ..., notes: _Optional[_Iterable[str]] = ..., opening: _Optional[_Union[OpeningReading, _Mapping]] = ..., levels: _Optional[_Union[LevelsReading, _Mapping]] = ..., vwap: _Optional[_Union[VwapReading, _Mapping]] = ..., indicators: _Optional[_Union[IndicatorReading, _Mapping]] = ..., order_flow: _Optional[_Union[OrderFlowReading, _Mapping]] = ..., day: _Optional[_Union[DayReading, _Mapping]] = ..., profile: _Optional[_Union[ProfileReading, _Mapping]] = ..., gaps: _Optional[_Union[FairValueGapReading, _Mapping]] = ..., confluence: _Optional[_Union[ConfluenceReading, _Mapping]] = ...) -> None: ...

class SessionMinute(_message.Message):
    __slots__ = ("group", "close_ns", "trade_date", "updates", "missing", "historical", "late", "required_report_sequence")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    CLOSE_NS_FIELD_NUMBER: _ClassVar[int]
    TRADE_DATE_FIELD_NUMBER: _ClassVar[int]
    UPDATES_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    HISTORICAL_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    group: str
    close_ns: int
    trade_date: str
    updates: _containers.RepeatedCompositeFieldContainer[SessionUpdate]
    missing: _containers.RepeatedScalarFieldContainer[str]
    historical: bool
    late: bool
    required_report_sequence: int
    def __init__(self, group: _Optional[str] = ..., close_ns: _Optional[int] = ..., trade_date: _Optional[str] = ..., updates: _Optional[_Iterable[_Union[SessionUpdate, _Mapping]]] = ..., missing: _Optional[_Iterable[str]] = ..., historical: _Optional[bool] = ..., late: _Optional[bool] = ..., required_report_sequence: _Optional[int] = ...) -> None: ...
