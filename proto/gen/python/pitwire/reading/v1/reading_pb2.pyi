from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

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
    GAP_STATE_INVERSE_ENDED: _ClassVar[GapState]
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
GAP_STATE_INVERSE_ENDED: GapState

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
    __slots__ = ("value", "periods", "single_prints", "tail_high", "tail_low", "poor_high", "poor_low", "developing_poc", "poc_migration", "poc_velocity", "time_framing", "time_framing_share", "effective_poor_high", "effective_poor_low")
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
    EFFECTIVE_POOR_HIGH_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_POOR_LOW_FIELD_NUMBER: _ClassVar[int]
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
    effective_poor_high: bool
    effective_poor_low: bool
    def __init__(self, value: _Optional[_Union[ValueArea, _Mapping]] = ..., periods: _Optional[int] = ..., single_prints: _Optional[_Iterable[_Union[Range, _Mapping]]] = ..., tail_high: _Optional[int] = ..., tail_low: _Optional[int] = ..., poor_high: _Optional[bool] = ..., poor_low: _Optional[bool] = ..., developing_poc: _Optional[int] = ..., poc_migration: _Optional[int] = ..., poc_velocity: _Optional[int] = ..., time_framing: _Optional[_Union[TimeFraming, str]] = ..., time_framing_share: _Optional[float] = ..., effective_poor_high: _Optional[bool] = ..., effective_poor_low: _Optional[bool] = ...) -> None: ...

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
