from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Side(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIDE_UNSPECIFIED: _ClassVar[Side]
    SIDE_LONG: _ClassVar[Side]
    SIDE_SHORT: _ClassVar[Side]

class Confidence(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONFIDENCE_UNSPECIFIED: _ClassVar[Confidence]
    CONFIDENCE_LOW: _ClassVar[Confidence]
    CONFIDENCE_NORMAL: _ClassVar[Confidence]
    CONFIDENCE_MEDIUM: _ClassVar[Confidence]
    CONFIDENCE_HIGH: _ClassVar[Confidence]

class AdjustmentKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ADJUSTMENT_KIND_UNSPECIFIED: _ClassVar[AdjustmentKind]
    ADJUSTMENT_KIND_EXIT: _ClassVar[AdjustmentKind]
    ADJUSTMENT_KIND_MOVE_STOP: _ClassVar[AdjustmentKind]
    ADJUSTMENT_KIND_MOVE_TARGET: _ClassVar[AdjustmentKind]
SIDE_UNSPECIFIED: Side
SIDE_LONG: Side
SIDE_SHORT: Side
CONFIDENCE_UNSPECIFIED: Confidence
CONFIDENCE_LOW: Confidence
CONFIDENCE_NORMAL: Confidence
CONFIDENCE_MEDIUM: Confidence
CONFIDENCE_HIGH: Confidence
ADJUSTMENT_KIND_UNSPECIFIED: AdjustmentKind
ADJUSTMENT_KIND_EXIT: AdjustmentKind
ADJUSTMENT_KIND_MOVE_STOP: AdjustmentKind
ADJUSTMENT_KIND_MOVE_TARGET: AdjustmentKind

class Feature(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...

class Candidate(_message.Message):
    __slots__ = ("candidate_id", "strategy", "wire_name", "model", "contract", "order_contract", "trade_date", "close_ns", "side", "entry", "stop", "target", "confidence", "score", "reason", "features")
    CANDIDATE_ID_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    WIRE_NAME_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    ORDER_CONTRACT_FIELD_NUMBER: _ClassVar[int]
    TRADE_DATE_FIELD_NUMBER: _ClassVar[int]
    CLOSE_NS_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    candidate_id: str
    strategy: str
    wire_name: str
    model: str
    contract: str
    order_contract: str
    trade_date: str
    close_ns: int
    side: Side
    entry: int
    stop: int
    target: int
    confidence: Confidence
    score: float
    reason: str
    features: _containers.RepeatedCompositeFieldContainer[Feature]
    def __init__(self, candidate_id: _Optional[str] = ..., strategy: _Optional[str] = ..., wire_name: _Optional[str] = ..., model: _Optional[str] = ..., contract: _Optional[str] = ..., order_contract: _Optional[str] = ..., trade_date: _Optional[str] = ..., close_ns: _Optional[int] = ..., side: _Optional[_Union[Side, str]] = ..., entry: _Optional[int] = ..., stop: _Optional[int] = ..., target: _Optional[int] = ..., confidence: _Optional[_Union[Confidence, str]] = ..., score: _Optional[float] = ..., reason: _Optional[str] = ..., features: _Optional[_Iterable[_Union[Feature, _Mapping]]] = ...) -> None: ...

class Adjustment(_message.Message):
    __slots__ = ("strategy", "position_id", "kind", "code", "price", "reason")
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    POSITION_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    strategy: str
    position_id: str
    kind: AdjustmentKind
    code: str
    price: int
    reason: str
    def __init__(self, strategy: _Optional[str] = ..., position_id: _Optional[str] = ..., kind: _Optional[_Union[AdjustmentKind, str]] = ..., code: _Optional[str] = ..., price: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class NoTrade(_message.Message):
    __slots__ = ("code", "text")
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    code: str
    text: str
    def __init__(self, code: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class Evaluation(_message.Message):
    __slots__ = ("strategy", "version", "contract", "candidates", "adjustments", "no_trade", "config")
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    NO_TRADE_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    strategy: str
    version: str
    contract: str
    candidates: _containers.RepeatedCompositeFieldContainer[Candidate]
    adjustments: _containers.RepeatedCompositeFieldContainer[Adjustment]
    no_trade: NoTrade
    config: str
    def __init__(self, strategy: _Optional[str] = ..., version: _Optional[str] = ..., contract: _Optional[str] = ..., candidates: _Optional[_Iterable[_Union[Candidate, _Mapping]]] = ..., adjustments: _Optional[_Iterable[_Union[Adjustment, _Mapping]]] = ..., no_trade: _Optional[_Union[NoTrade, _Mapping]] = ..., config: _Optional[str] = ...) -> None: ...

class Evaluated(_message.Message):
    __slots__ = ("group", "close_ns", "trade_date", "answers")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    CLOSE_NS_FIELD_NUMBER: _ClassVar[int]
    TRADE_DATE_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    group: str
    close_ns: int
    trade_date: str
    answers: _containers.RepeatedCompositeFieldContainer[Evaluation]
    def __init__(self, group: _Optional[str] = ..., close_ns: _Optional[int] = ..., trade_date: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[Evaluation, _Mapping]]] = ...) -> None: ...
