from pitwire.market.v1 import market_pb2 as _market_pb2
from pitwire.orders.v1 import orders_pb2 as _orders_pb2
from pitwire.risk.v1 import risk_pb2 as _risk_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SnapshotScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SNAPSHOT_SCOPE_UNSPECIFIED: _ClassVar[SnapshotScope]
    SNAPSHOT_SCOPE_LIGHT: _ClassVar[SnapshotScope]
    SNAPSHOT_SCOPE_FULL: _ClassVar[SnapshotScope]
SNAPSHOT_SCOPE_UNSPECIFIED: SnapshotScope
SNAPSHOT_SCOPE_LIGHT: SnapshotScope
SNAPSHOT_SCOPE_FULL: SnapshotScope

class ClientHello(_message.Message):
    __slots__ = ("client", "version", "account", "mode", "now_ns", "connection", "nonce", "run", "highest_epoch", "report_stream", "last_report_sequence", "oldest_report_sequence", "last_report_digest", "simulated")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    NOW_NS_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    HIGHEST_EPOCH_FIELD_NUMBER: _ClassVar[int]
    REPORT_STREAM_FIELD_NUMBER: _ClassVar[int]
    LAST_REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    OLDEST_REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LAST_REPORT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIMULATED_FIELD_NUMBER: _ClassVar[int]
    client: str
    version: str
    account: str
    mode: _market_pb2.TimeMode
    now_ns: int
    connection: int
    nonce: str
    run: str
    highest_epoch: int
    report_stream: str
    last_report_sequence: int
    oldest_report_sequence: int
    last_report_digest: str
    simulated: bool
    def __init__(self, client: _Optional[str] = ..., version: _Optional[str] = ..., account: _Optional[str] = ..., mode: _Optional[_Union[_market_pb2.TimeMode, str]] = ..., now_ns: _Optional[int] = ..., connection: _Optional[int] = ..., nonce: _Optional[str] = ..., run: _Optional[str] = ..., highest_epoch: _Optional[int] = ..., report_stream: _Optional[str] = ..., last_report_sequence: _Optional[int] = ..., oldest_report_sequence: _Optional[int] = ..., last_report_digest: _Optional[str] = ..., simulated: _Optional[bool] = ...) -> None: ...

class ClientWelcome(_message.Message):
    __slots__ = ("accepted", "reason", "run", "account", "epoch", "connection", "nonce", "last_report_sequence", "continues", "requested")
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    LAST_REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CONTINUES_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_FIELD_NUMBER: _ClassVar[int]
    accepted: bool
    reason: str
    run: str
    account: str
    epoch: int
    connection: int
    nonce: str
    last_report_sequence: int
    continues: bool
    requested: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, accepted: _Optional[bool] = ..., reason: _Optional[str] = ..., run: _Optional[str] = ..., account: _Optional[str] = ..., epoch: _Optional[int] = ..., connection: _Optional[int] = ..., nonce: _Optional[str] = ..., last_report_sequence: _Optional[int] = ..., continues: _Optional[bool] = ..., requested: _Optional[_Iterable[str]] = ...) -> None: ...

class SnapshotRequest(_message.Message):
    __slots__ = ("nonce", "scope", "requested")
    NONCE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_FIELD_NUMBER: _ClassVar[int]
    nonce: str
    scope: SnapshotScope
    requested: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, nonce: _Optional[str] = ..., scope: _Optional[_Union[SnapshotScope, str]] = ..., requested: _Optional[_Iterable[str]] = ...) -> None: ...

class CommandOutcome(_message.Message):
    __slots__ = ("command_id", "status", "filled", "text")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FILLED_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    status: _orders_pb2.OrderStatus
    filled: int
    text: str
    def __init__(self, command_id: _Optional[str] = ..., status: _Optional[_Union[_orders_pb2.OrderStatus, str]] = ..., filled: _Optional[int] = ..., text: _Optional[str] = ...) -> None: ...

class SnapshotPage(_message.Message):
    __slots__ = ("client", "connection", "nonce", "epoch", "page", "pages", "scope", "report_sequence", "at_ns", "positions", "orders", "executions", "outcomes")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    PAGES_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    EXECUTIONS_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    client: str
    connection: int
    nonce: str
    epoch: int
    page: int
    pages: int
    scope: SnapshotScope
    report_sequence: int
    at_ns: int
    positions: _containers.RepeatedCompositeFieldContainer[_orders_pb2.HeldPosition]
    orders: _containers.RepeatedCompositeFieldContainer[_orders_pb2.WorkingOrder]
    executions: _containers.RepeatedCompositeFieldContainer[_orders_pb2.Execution]
    outcomes: _containers.RepeatedCompositeFieldContainer[CommandOutcome]
    def __init__(self, client: _Optional[str] = ..., connection: _Optional[int] = ..., nonce: _Optional[str] = ..., epoch: _Optional[int] = ..., page: _Optional[int] = ..., pages: _Optional[int] = ..., scope: _Optional[_Union[SnapshotScope, str]] = ..., report_sequence: _Optional[int] = ..., at_ns: _Optional[int] = ..., positions: _Optional[_Iterable[_Union[_orders_pb2.HeldPosition, _Mapping]]] = ..., orders: _Optional[_Iterable[_Union[_orders_pb2.WorkingOrder, _Mapping]]] = ..., executions: _Optional[_Iterable[_Union[_orders_pb2.Execution, _Mapping]]] = ..., outcomes: _Optional[_Iterable[_Union[CommandOutcome, _Mapping]]] = ...) -> None: ...

class SnapshotAck(_message.Message):
    __slots__ = ("client", "connection", "nonce", "accepted", "text", "again")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    AGAIN_FIELD_NUMBER: _ClassVar[int]
    client: str
    connection: int
    nonce: str
    accepted: bool
    text: str
    again: bool
    def __init__(self, client: _Optional[str] = ..., connection: _Optional[int] = ..., nonce: _Optional[str] = ..., accepted: _Optional[bool] = ..., text: _Optional[str] = ..., again: _Optional[bool] = ...) -> None: ...

class CommandsRequest(_message.Message):
    __slots__ = ("client", "epoch", "connection", "nonce")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    client: str
    epoch: int
    connection: int
    nonce: str
    def __init__(self, client: _Optional[str] = ..., epoch: _Optional[int] = ..., connection: _Optional[int] = ..., nonce: _Optional[str] = ...) -> None: ...

class Instruction(_message.Message):
    __slots__ = ("epoch", "client", "connection", "command", "settled", "snapshot", "closing", "replaced_by")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    CLOSING_FIELD_NUMBER: _ClassVar[int]
    REPLACED_BY_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    client: str
    connection: int
    command: _risk_pb2.OrderCommand
    settled: _risk_pb2.BarSettled
    snapshot: SnapshotRequest
    closing: str
    replaced_by: int
    def __init__(self, epoch: _Optional[int] = ..., client: _Optional[str] = ..., connection: _Optional[int] = ..., command: _Optional[_Union[_risk_pb2.OrderCommand, _Mapping]] = ..., settled: _Optional[_Union[_risk_pb2.BarSettled, _Mapping]] = ..., snapshot: _Optional[_Union[SnapshotRequest, _Mapping]] = ..., closing: _Optional[str] = ..., replaced_by: _Optional[int] = ...) -> None: ...

class Report(_message.Message):
    __slots__ = ("ack", "order", "execution", "account", "state")
    ACK_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ack: _orders_pb2.CommandAck
    order: _orders_pb2.OrderUpdate
    execution: _orders_pb2.Execution
    account: _orders_pb2.AccountValues
    state: _orders_pb2.PlatformState
    def __init__(self, ack: _Optional[_Union[_orders_pb2.CommandAck, _Mapping]] = ..., order: _Optional[_Union[_orders_pb2.OrderUpdate, _Mapping]] = ..., execution: _Optional[_Union[_orders_pb2.Execution, _Mapping]] = ..., account: _Optional[_Union[_orders_pb2.AccountValues, _Mapping]] = ..., state: _Optional[_Union[_orders_pb2.PlatformState, _Mapping]] = ...) -> None: ...

class ReportBatch(_message.Message):
    __slots__ = ("client", "reports", "now_ns", "connection", "report_stream")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    NOW_NS_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    REPORT_STREAM_FIELD_NUMBER: _ClassVar[int]
    client: str
    reports: _containers.RepeatedCompositeFieldContainer[Report]
    now_ns: int
    connection: int
    report_stream: str
    def __init__(self, client: _Optional[str] = ..., reports: _Optional[_Iterable[_Union[Report, _Mapping]]] = ..., now_ns: _Optional[int] = ..., connection: _Optional[int] = ..., report_stream: _Optional[str] = ...) -> None: ...

class ReportAck(_message.Message):
    __slots__ = ("client", "last_report_sequence", "refused")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    LAST_REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    client: str
    last_report_sequence: int
    refused: str
    def __init__(self, client: _Optional[str] = ..., last_report_sequence: _Optional[int] = ..., refused: _Optional[str] = ...) -> None: ...

class LinkLost(_message.Message):
    __slots__ = ("client", "text", "connection", "restarted")
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    RESTARTED_FIELD_NUMBER: _ClassVar[int]
    client: str
    text: str
    connection: int
    restarted: bool
    def __init__(self, client: _Optional[str] = ..., text: _Optional[str] = ..., connection: _Optional[int] = ..., restarted: _Optional[bool] = ...) -> None: ...
