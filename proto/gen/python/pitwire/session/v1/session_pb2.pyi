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

class Range(_message.Message):
    __slots__ = ("low", "high")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    low: int
    high: int
    def __init__(self, low: _Optional[int] = ..., high: _Optional[int] = ...) -> None: ...

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
    __slots__ = ("contract", "trade_date", "close_ns", "phase", "historical", "open", "high", "low", "close", "volume", "bid_volume", "ask_volume", "delta_source", "minute_of_rth", "degraded", "notes", "or15", "or15_final", "eor30", "eor30_final", "ib", "ib_final", "ib_bars", "ib_usable", "ib_range_median20", "overnight", "asia", "london", "premarket", "prior_high", "prior_low", "prior_close", "rth", "rth_open", "vwap_eth", "vwap_eth_sigma", "vwap_rth", "vwap_rth_sigma", "ema20", "ema50", "ema200", "rsi14", "atr14_1m", "atr14_5m", "atr14_d", "delta", "delta_pct", "delta_z20", "delta_percentile20", "imbalance_ratio", "volume_spike20", "cvd_rth", "cvd_eth", "pre_delta_sum10", "of_score_long", "of_score_short", "closes_above_ib", "closes_below_ib", "accepted_long", "accepted_short", "extension_up", "extension_down", "day_type", "fvg_bull", "fvg_bear", "ifvg_bull", "ifvg_bear")
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
    def __init__(self, contract: _Optional[str] = ..., trade_date: _Optional[str] = ..., close_ns: _Optional[int] = ..., phase: _Optional[_Union[Phase, str]] = ..., historical: _Optional[bool] = ..., open: _Optional[int] = ..., high: _Optional[int] = ..., low: _Optional[int] = ..., close: _Optional[int] = ..., volume: _Optional[int] = ..., bid_volume: _Optional[int] = ..., ask_volume: _Optional[int] = ..., delta_source: _Optional[_Union[_market_pb2.DeltaSource, str]] = ..., minute_of_rth: _Optional[int] = ..., degraded: _Optional[_Iterable[str]] = ..., notes: _Optional[_Iterable[str]] = ..., or15: _Optional[_Union[Range, _Mapping]] = ..., or15_final: _Optional[bool] = ..., eor30: _Optional[_Union[Range, _Mapping]] = ..., eor30_final: _Optional[bool] = ..., ib: _Optional[_Union[Range, _Mapping]] = ..., ib_final: _Optional[bool] = ..., ib_bars: _Optional[int] = ..., ib_usable: _Optional[bool] = ..., ib_range_median20: _Optional[float] = ..., overnight: _Optional[_Union[Range, _Mapping]] = ..., asia: _Optional[_Union[Range, _Mapping]] = ..., london: _Optional[_Union[Range, _Mapping]] = ..., premarket: _Optional[_Union[Range, _Mapping]] = ..., prior_high: _Optional[int] = ..., prior_low: _Optional[int] = ..., prior_close: _Optional[int] = ..., rth: _Optional[_Union[Range, _Mapping]] = ..., rth_open: _Optional[int] = ..., vwap_eth: _Optional[float] = ..., vwap_eth_sigma: _Optional[float] = ..., vwap_rth: _Optional[float] = ..., vwap_rth_sigma: _Optional[float] = ..., ema20: _Optional[float] = ..., ema50: _Optional[float] = ..., ema200: _Optional[float] = ..., rsi14: _Optional[float] = ..., atr14_1m: _Optional[float] = ..., atr14_5m: _Optional[float] = ..., atr14_d: _Optional[float] = ..., delta: _Optional[int] = ..., delta_pct: _Optional[float] = ..., delta_z20: _Optional[float] = ..., delta_percentile20: _Optional[float] = ..., imbalance_ratio: _Optional[float] = ..., volume_spike20: _Optional[float] = ..., cvd_rth: _Optional[int] = ..., cvd_eth: _Optional[int] = ..., pre_delta_sum10: _Optional[int] = ..., of_score_long: _Optional[int] = ..., of_score_short: _Optional[int] = ..., closes_above_ib: _Optional[int] = ..., closes_below_ib: _Optional[int] = ..., accepted_long: _Optional[bool] = ..., accepted_short: _Optional[bool] = ..., extension_up: _Optional[float] = ..., extension_down: _Optional[float] = ..., day_type: _Optional[_Union[DayType, str]] = ..., fvg_bull: _Optional[bool] = ..., fvg_bear: _Optional[bool] = ..., ifvg_bull: _Optional[bool] = ..., ifvg_bear: _Optional[bool] = ...) -> None: ...

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
