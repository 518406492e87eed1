from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StreamHead(_message.Message):
    __slots__ = ("stream", "sequence")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    stream: str
    sequence: int
    def __init__(self, stream: _Optional[str] = ..., sequence: _Optional[int] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("service", "epoch", "config_hash", "build", "ready", "reasons", "heads", "sent_ns", "run", "account")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    CONFIG_HASH_FIELD_NUMBER: _ClassVar[int]
    BUILD_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    HEADS_FIELD_NUMBER: _ClassVar[int]
    SENT_NS_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    service: str
    epoch: int
    config_hash: str
    build: str
    ready: bool
    reasons: _containers.RepeatedScalarFieldContainer[str]
    heads: _containers.RepeatedCompositeFieldContainer[StreamHead]
    sent_ns: int
    run: str
    account: str
    def __init__(self, service: _Optional[str] = ..., epoch: _Optional[int] = ..., config_hash: _Optional[str] = ..., build: _Optional[str] = ..., ready: _Optional[bool] = ..., reasons: _Optional[_Iterable[str]] = ..., heads: _Optional[_Iterable[_Union[StreamHead, _Mapping]]] = ..., sent_ns: _Optional[int] = ..., run: _Optional[str] = ..., account: _Optional[str] = ...) -> None: ...

class Upstreams(_message.Message):
    __slots__ = ("ready", "reasons", "at_ns")
    READY_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    ready: bool
    reasons: _containers.RepeatedScalarFieldContainer[str]
    at_ns: int
    def __init__(self, ready: _Optional[bool] = ..., reasons: _Optional[_Iterable[str]] = ..., at_ns: _Optional[int] = ...) -> None: ...

class Halt(_message.Message):
    __slots__ = ("service", "reason", "at_ns")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    service: str
    reason: str
    at_ns: int
    def __init__(self, service: _Optional[str] = ..., reason: _Optional[str] = ..., at_ns: _Optional[int] = ...) -> None: ...

class LoopPaused(_message.Message):
    __slots__ = ("paused_ms", "at_ns")
    PAUSED_MS_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    paused_ms: int
    at_ns: int
    def __init__(self, paused_ms: _Optional[int] = ..., at_ns: _Optional[int] = ...) -> None: ...

class Kill(_message.Message):
    __slots__ = ("operator", "reason", "flatten", "at_ns", "account", "strategy", "run", "config_hash")
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FLATTEN_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    CONFIG_HASH_FIELD_NUMBER: _ClassVar[int]
    operator: str
    reason: str
    flatten: bool
    at_ns: int
    account: str
    strategy: str
    run: str
    config_hash: str
    def __init__(self, operator: _Optional[str] = ..., reason: _Optional[str] = ..., flatten: _Optional[bool] = ..., at_ns: _Optional[int] = ..., account: _Optional[str] = ..., strategy: _Optional[str] = ..., run: _Optional[str] = ..., config_hash: _Optional[str] = ...) -> None: ...

class Resume(_message.Message):
    __slots__ = ("operator", "reason", "at_ns", "strategy", "run", "account", "config_hash")
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CONFIG_HASH_FIELD_NUMBER: _ClassVar[int]
    operator: str
    reason: str
    at_ns: int
    strategy: str
    run: str
    account: str
    config_hash: str
    def __init__(self, operator: _Optional[str] = ..., reason: _Optional[str] = ..., at_ns: _Optional[int] = ..., strategy: _Optional[str] = ..., run: _Optional[str] = ..., account: _Optional[str] = ..., config_hash: _Optional[str] = ...) -> None: ...

class Tighten(_message.Message):
    __slots__ = ("operator", "key", "value", "at_ns", "run", "account", "config_hash")
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CONFIG_HASH_FIELD_NUMBER: _ClassVar[int]
    operator: str
    key: str
    value: str
    at_ns: int
    run: str
    account: str
    config_hash: str
    def __init__(self, operator: _Optional[str] = ..., key: _Optional[str] = ..., value: _Optional[str] = ..., at_ns: _Optional[int] = ..., run: _Optional[str] = ..., account: _Optional[str] = ..., config_hash: _Optional[str] = ...) -> None: ...

class PreflightResult(_message.Message):
    __slots__ = ("operator", "failures", "at_ns", "run", "account", "config_hash")
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CONFIG_HASH_FIELD_NUMBER: _ClassVar[int]
    operator: str
    failures: _containers.RepeatedScalarFieldContainer[str]
    at_ns: int
    run: str
    account: str
    config_hash: str
    def __init__(self, operator: _Optional[str] = ..., failures: _Optional[_Iterable[str]] = ..., at_ns: _Optional[int] = ..., run: _Optional[str] = ..., account: _Optional[str] = ..., config_hash: _Optional[str] = ...) -> None: ...

class ControlAck(_message.Message):
    __slots__ = ("accepted", "text", "run", "account", "config_hash")
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CONFIG_HASH_FIELD_NUMBER: _ClassVar[int]
    accepted: bool
    text: str
    run: str
    account: str
    config_hash: str
    def __init__(self, accepted: _Optional[bool] = ..., text: _Optional[str] = ..., run: _Optional[str] = ..., account: _Optional[str] = ..., config_hash: _Optional[str] = ...) -> None: ...
