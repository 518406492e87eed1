from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DeltaSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELTA_SOURCE_UNSPECIFIED: _ClassVar[DeltaSource]
    DELTA_SOURCE_VOLUMETRIC: _ClassVar[DeltaSource]
    DELTA_SOURCE_TICKS: _ClassVar[DeltaSource]
    DELTA_SOURCE_BAR_PROXY: _ClassVar[DeltaSource]
    DELTA_SOURCE_NONE: _ClassVar[DeltaSource]

class TimeMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIME_MODE_UNSPECIFIED: _ClassVar[TimeMode]
    TIME_MODE_LIVE: _ClassVar[TimeMode]
    TIME_MODE_PLAYBACK: _ClassVar[TimeMode]

class FaultKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FAULT_KIND_UNSPECIFIED: _ClassVar[FaultKind]
    FAULT_KIND_BAD_RANGE: _ClassVar[FaultKind]
    FAULT_KIND_BAD_VOLUME: _ClassVar[FaultKind]
    FAULT_KIND_VOLUME_SPLIT: _ClassVar[FaultKind]
    FAULT_KIND_TIME_OFF_GRID: _ClassVar[FaultKind]
    FAULT_KIND_OUTSIDE_SESSION: _ClassVar[FaultKind]
    FAULT_KIND_IN_FUTURE: _ClassVar[FaultKind]
    FAULT_KIND_OUT_OF_ORDER: _ClassVar[FaultKind]
    FAULT_KIND_CONFLICT: _ClassVar[FaultKind]
    FAULT_KIND_PARTIAL: _ClassVar[FaultKind]
    FAULT_KIND_UNKNOWN_CONTRACT: _ClassVar[FaultKind]
    FAULT_KIND_CLIENT_GAP: _ClassVar[FaultKind]
    FAULT_KIND_DECLARED_LOSS: _ClassVar[FaultKind]
    FAULT_KIND_BAD_PRICE: _ClassVar[FaultKind]
    FAULT_KIND_BAD_LADDER: _ClassVar[FaultKind]

class MinuteKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MINUTE_KIND_UNSPECIFIED: _ClassVar[MinuteKind]
    MINUTE_KIND_BAR: _ClassVar[MinuteKind]
    MINUTE_KIND_PULSE: _ClassVar[MinuteKind]

class AggressorSide(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AGGRESSOR_SIDE_UNSPECIFIED: _ClassVar[AggressorSide]
    AGGRESSOR_SIDE_BUY: _ClassVar[AggressorSide]
    AGGRESSOR_SIDE_SELL: _ClassVar[AggressorSide]
    AGGRESSOR_SIDE_UNKNOWN: _ClassVar[AggressorSide]
DELTA_SOURCE_UNSPECIFIED: DeltaSource
DELTA_SOURCE_VOLUMETRIC: DeltaSource
DELTA_SOURCE_TICKS: DeltaSource
DELTA_SOURCE_BAR_PROXY: DeltaSource
DELTA_SOURCE_NONE: DeltaSource
TIME_MODE_UNSPECIFIED: TimeMode
TIME_MODE_LIVE: TimeMode
TIME_MODE_PLAYBACK: TimeMode
FAULT_KIND_UNSPECIFIED: FaultKind
FAULT_KIND_BAD_RANGE: FaultKind
FAULT_KIND_BAD_VOLUME: FaultKind
FAULT_KIND_VOLUME_SPLIT: FaultKind
FAULT_KIND_TIME_OFF_GRID: FaultKind
FAULT_KIND_OUTSIDE_SESSION: FaultKind
FAULT_KIND_IN_FUTURE: FaultKind
FAULT_KIND_OUT_OF_ORDER: FaultKind
FAULT_KIND_CONFLICT: FaultKind
FAULT_KIND_PARTIAL: FaultKind
FAULT_KIND_UNKNOWN_CONTRACT: FaultKind
FAULT_KIND_CLIENT_GAP: FaultKind
FAULT_KIND_DECLARED_LOSS: FaultKind
FAULT_KIND_BAD_PRICE: FaultKind
FAULT_KIND_BAD_LADDER: FaultKind
MINUTE_KIND_UNSPECIFIED: MinuteKind
MINUTE_KIND_BAR: MinuteKind
MINUTE_KIND_PULSE: MinuteKind
AGGRESSOR_SIDE_UNSPECIFIED: AggressorSide
AGGRESSOR_SIDE_BUY: AggressorSide
AGGRESSOR_SIDE_SELL: AggressorSide
AGGRESSOR_SIDE_UNKNOWN: AggressorSide

class PriceLadder(_message.Message):
    __slots__ = ("low", "bid", "ask")
    LOW_FIELD_NUMBER: _ClassVar[int]
    BID_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    low: int
    bid: _containers.RepeatedScalarFieldContainer[int]
    ask: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, low: _Optional[int] = ..., bid: _Optional[_Iterable[int]] = ..., ask: _Optional[_Iterable[int]] = ...) -> None: ...

class Bar(_message.Message):
    __slots__ = ("contract", "close_ns", "open", "high", "low", "close", "volume", "bid_volume", "ask_volume", "up_ticks", "down_ticks", "delta_source", "historical", "partial", "ladder")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    CLOSE_NS_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    BID_VOLUME_FIELD_NUMBER: _ClassVar[int]
    ASK_VOLUME_FIELD_NUMBER: _ClassVar[int]
    UP_TICKS_FIELD_NUMBER: _ClassVar[int]
    DOWN_TICKS_FIELD_NUMBER: _ClassVar[int]
    DELTA_SOURCE_FIELD_NUMBER: _ClassVar[int]
    HISTORICAL_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FIELD_NUMBER: _ClassVar[int]
    LADDER_FIELD_NUMBER: _ClassVar[int]
    contract: str
    close_ns: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    bid_volume: int
    ask_volume: int
    up_ticks: int
    down_ticks: int
    delta_source: DeltaSource
    historical: bool
    partial: bool
    ladder: PriceLadder
    def __init__(self, contract: _Optional[str] = ..., close_ns: _Optional[int] = ..., open: _Optional[int] = ..., high: _Optional[int] = ..., low: _Optional[int] = ..., close: _Optional[int] = ..., volume: _Optional[int] = ..., bid_volume: _Optional[int] = ..., ask_volume: _Optional[int] = ..., up_ticks: _Optional[int] = ..., down_ticks: _Optional[int] = ..., delta_source: _Optional[_Union[DeltaSource, str]] = ..., historical: _Optional[bool] = ..., partial: _Optional[bool] = ..., ladder: _Optional[_Union[PriceLadder, _Mapping]] = ...) -> None: ...

class Watermark(_message.Message):
    __slots__ = ("now_ns", "report_sequence", "depth_sequence")
    NOW_NS_FIELD_NUMBER: _ClassVar[int]
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DEPTH_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    now_ns: int
    report_sequence: int
    depth_sequence: int
    def __init__(self, now_ns: _Optional[int] = ..., report_sequence: _Optional[int] = ..., depth_sequence: _Optional[int] = ...) -> None: ...

class MarketMinute(_message.Message):
    __slots__ = ("group", "kind", "close_ns", "bars", "late", "report_sequence", "depth_sequence")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CLOSE_NS_FIELD_NUMBER: _ClassVar[int]
    BARS_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DEPTH_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    group: str
    kind: MinuteKind
    close_ns: int
    bars: _containers.RepeatedCompositeFieldContainer[Bar]
    late: bool
    report_sequence: int
    depth_sequence: int
    def __init__(self, group: _Optional[str] = ..., kind: _Optional[_Union[MinuteKind, str]] = ..., close_ns: _Optional[int] = ..., bars: _Optional[_Iterable[_Union[Bar, _Mapping]]] = ..., late: _Optional[bool] = ..., report_sequence: _Optional[int] = ..., depth_sequence: _Optional[int] = ...) -> None: ...

class PendingBar(_message.Message):
    __slots__ = ("bar", "arrived_ns")
    BAR_FIELD_NUMBER: _ClassVar[int]
    ARRIVED_NS_FIELD_NUMBER: _ClassVar[int]
    bar: Bar
    arrived_ns: int
    def __init__(self, bar: _Optional[_Union[Bar, _Mapping]] = ..., arrived_ns: _Optional[int] = ...) -> None: ...

class FeedFault(_message.Message):
    __slots__ = ("contract", "at_ns", "kind", "text", "blocks_entries")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    BLOCKS_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    contract: str
    at_ns: int
    kind: FaultKind
    text: str
    blocks_entries: bool
    def __init__(self, contract: _Optional[str] = ..., at_ns: _Optional[int] = ..., kind: _Optional[_Union[FaultKind, str]] = ..., text: _Optional[str] = ..., blocks_entries: _Optional[bool] = ...) -> None: ...

class SuppliedLevels(_message.Message):
    __slots__ = ("contract", "trade_date", "prior_high", "prior_low", "prior_close", "overnight_high", "overnight_low", "asia_high", "asia_low", "london_high", "london_low")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    TRADE_DATE_FIELD_NUMBER: _ClassVar[int]
    PRIOR_HIGH_FIELD_NUMBER: _ClassVar[int]
    PRIOR_LOW_FIELD_NUMBER: _ClassVar[int]
    PRIOR_CLOSE_FIELD_NUMBER: _ClassVar[int]
    OVERNIGHT_HIGH_FIELD_NUMBER: _ClassVar[int]
    OVERNIGHT_LOW_FIELD_NUMBER: _ClassVar[int]
    ASIA_HIGH_FIELD_NUMBER: _ClassVar[int]
    ASIA_LOW_FIELD_NUMBER: _ClassVar[int]
    LONDON_HIGH_FIELD_NUMBER: _ClassVar[int]
    LONDON_LOW_FIELD_NUMBER: _ClassVar[int]
    contract: str
    trade_date: str
    prior_high: int
    prior_low: int
    prior_close: int
    overnight_high: int
    overnight_low: int
    asia_high: int
    asia_low: int
    london_high: int
    london_low: int
    def __init__(self, contract: _Optional[str] = ..., trade_date: _Optional[str] = ..., prior_high: _Optional[int] = ..., prior_low: _Optional[int] = ..., prior_close: _Optional[int] = ..., overnight_high: _Optional[int] = ..., overnight_low: _Optional[int] = ..., asia_high: _Optional[int] = ..., asia_low: _Optional[int] = ..., london_high: _Optional[int] = ..., london_low: _Optional[int] = ...) -> None: ...

class Trade(_message.Message):
    __slots__ = ("contract", "ts_event_ns", "price", "size", "side")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    TS_EVENT_NS_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    contract: str
    ts_event_ns: int
    price: int
    size: int
    side: AggressorSide
    def __init__(self, contract: _Optional[str] = ..., ts_event_ns: _Optional[int] = ..., price: _Optional[int] = ..., size: _Optional[int] = ..., side: _Optional[_Union[AggressorSide, str]] = ...) -> None: ...

class DepthBatch(_message.Message):
    __slots__ = ("contract", "first_ts_ns", "count", "delta_us", "operation", "side", "position", "price", "size", "reset")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    FIRST_TS_NS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    DELTA_US_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    contract: str
    first_ts_ns: int
    count: int
    delta_us: bytes
    operation: bytes
    side: bytes
    position: bytes
    price: bytes
    size: bytes
    reset: bool
    def __init__(self, contract: _Optional[str] = ..., first_ts_ns: _Optional[int] = ..., count: _Optional[int] = ..., delta_us: _Optional[bytes] = ..., operation: _Optional[bytes] = ..., side: _Optional[bytes] = ..., position: _Optional[bytes] = ..., price: _Optional[bytes] = ..., size: _Optional[bytes] = ..., reset: _Optional[bool] = ...) -> None: ...

class ContractSpec(_message.Message):
    __slots__ = ("contract", "tick_size_e9", "point_value_micro_usd")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    TICK_SIZE_E9_FIELD_NUMBER: _ClassVar[int]
    POINT_VALUE_MICRO_USD_FIELD_NUMBER: _ClassVar[int]
    contract: str
    tick_size_e9: int
    point_value_micro_usd: int
    def __init__(self, contract: _Optional[str] = ..., tick_size_e9: _Optional[int] = ..., point_value_micro_usd: _Optional[int] = ...) -> None: ...

class FeedHello(_message.Message):
    __slots__ = ("client", "version", "mode", "contracts", "volumetric")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    CONTRACTS_FIELD_NUMBER: _ClassVar[int]
    VOLUMETRIC_FIELD_NUMBER: _ClassVar[int]
    client: str
    version: str
    mode: TimeMode
    contracts: _containers.RepeatedCompositeFieldContainer[ContractSpec]
    volumetric: bool
    def __init__(self, client: _Optional[str] = ..., version: _Optional[str] = ..., mode: _Optional[_Union[TimeMode, str]] = ..., contracts: _Optional[_Iterable[_Union[ContractSpec, _Mapping]]] = ..., volumetric: _Optional[bool] = ...) -> None: ...

class FeedGroup(_message.Message):
    __slots__ = ("name", "contracts")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTRACTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    contracts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., contracts: _Optional[_Iterable[str]] = ...) -> None: ...

class LastBar(_message.Message):
    __slots__ = ("contract", "close_ns")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    CLOSE_NS_FIELD_NUMBER: _ClassVar[int]
    contract: str
    close_ns: int
    def __init__(self, contract: _Optional[str] = ..., close_ns: _Optional[int] = ...) -> None: ...

class FeedWelcome(_message.Message):
    __slots__ = ("accepted", "reason", "run", "last_sequence", "groups", "last_bars", "account")
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    LAST_BARS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    accepted: bool
    reason: str
    run: str
    last_sequence: int
    groups: _containers.RepeatedCompositeFieldContainer[FeedGroup]
    last_bars: _containers.RepeatedCompositeFieldContainer[LastBar]
    account: str
    def __init__(self, accepted: _Optional[bool] = ..., reason: _Optional[str] = ..., run: _Optional[str] = ..., last_sequence: _Optional[int] = ..., groups: _Optional[_Iterable[_Union[FeedGroup, _Mapping]]] = ..., last_bars: _Optional[_Iterable[_Union[LastBar, _Mapping]]] = ..., account: _Optional[str] = ...) -> None: ...

class FeedBatch(_message.Message):
    __slots__ = ("client", "sequence", "bars", "watermark", "lost", "levels")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    BARS_FIELD_NUMBER: _ClassVar[int]
    WATERMARK_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    LEVELS_FIELD_NUMBER: _ClassVar[int]
    client: str
    sequence: int
    bars: _containers.RepeatedCompositeFieldContainer[Bar]
    watermark: Watermark
    lost: str
    levels: _containers.RepeatedCompositeFieldContainer[SuppliedLevels]
    def __init__(self, client: _Optional[str] = ..., sequence: _Optional[int] = ..., bars: _Optional[_Iterable[_Union[Bar, _Mapping]]] = ..., watermark: _Optional[_Union[Watermark, _Mapping]] = ..., lost: _Optional[str] = ..., levels: _Optional[_Iterable[_Union[SuppliedLevels, _Mapping]]] = ...) -> None: ...

class RefusedBar(_message.Message):
    __slots__ = ("contract", "close_ns", "kind", "text")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    CLOSE_NS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    contract: str
    close_ns: int
    kind: FaultKind
    text: str
    def __init__(self, contract: _Optional[str] = ..., close_ns: _Optional[int] = ..., kind: _Optional[_Union[FaultKind, str]] = ..., text: _Optional[str] = ...) -> None: ...

class FeedAck(_message.Message):
    __slots__ = ("client", "sequence", "accepted", "duplicates", "refused", "levels_refused")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    DUPLICATES_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    LEVELS_REFUSED_FIELD_NUMBER: _ClassVar[int]
    client: str
    sequence: int
    accepted: int
    duplicates: int
    refused: _containers.RepeatedCompositeFieldContainer[RefusedBar]
    levels_refused: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, client: _Optional[str] = ..., sequence: _Optional[int] = ..., accepted: _Optional[int] = ..., duplicates: _Optional[int] = ..., refused: _Optional[_Iterable[_Union[RefusedBar, _Mapping]]] = ..., levels_refused: _Optional[_Iterable[str]] = ...) -> None: ...

class FeedCarry(_message.Message):
    __slots__ = ("client_sequences", "last_bars", "watermark_ns", "hellos", "pending", "closed")
    CLIENT_SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    LAST_BARS_FIELD_NUMBER: _ClassVar[int]
    WATERMARK_NS_FIELD_NUMBER: _ClassVar[int]
    HELLOS_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    CLOSED_FIELD_NUMBER: _ClassVar[int]
    client_sequences: _containers.RepeatedCompositeFieldContainer[ClientSequence]
    last_bars: _containers.RepeatedCompositeFieldContainer[Bar]
    watermark_ns: int
    hellos: _containers.RepeatedCompositeFieldContainer[FeedHello]
    pending: _containers.RepeatedCompositeFieldContainer[PendingBar]
    closed: _containers.RepeatedCompositeFieldContainer[ClosedMinute]
    def __init__(self, client_sequences: _Optional[_Iterable[_Union[ClientSequence, _Mapping]]] = ..., last_bars: _Optional[_Iterable[_Union[Bar, _Mapping]]] = ..., watermark_ns: _Optional[int] = ..., hellos: _Optional[_Iterable[_Union[FeedHello, _Mapping]]] = ..., pending: _Optional[_Iterable[_Union[PendingBar, _Mapping]]] = ..., closed: _Optional[_Iterable[_Union[ClosedMinute, _Mapping]]] = ...) -> None: ...

class ClosedMinute(_message.Message):
    __slots__ = ("group", "close_ns")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    CLOSE_NS_FIELD_NUMBER: _ClassVar[int]
    group: str
    close_ns: int
    def __init__(self, group: _Optional[str] = ..., close_ns: _Optional[int] = ...) -> None: ...

class ClientSequence(_message.Message):
    __slots__ = ("client", "sequence")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    client: str
    sequence: int
    def __init__(self, client: _Optional[str] = ..., sequence: _Optional[int] = ...) -> None: ...
