from pitwire.risk.v1 import risk_pb2 as _risk_pb2
from pitwire.strategy.v1 import strategy_pb2 as _strategy_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OrderStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_STATUS_UNSPECIFIED: _ClassVar[OrderStatus]
    ORDER_STATUS_PENDING: _ClassVar[OrderStatus]
    ORDER_STATUS_ACCEPTED: _ClassVar[OrderStatus]
    ORDER_STATUS_WORKING: _ClassVar[OrderStatus]
    ORDER_STATUS_PART_FILLED: _ClassVar[OrderStatus]
    ORDER_STATUS_FILLED: _ClassVar[OrderStatus]
    ORDER_STATUS_CANCEL_PENDING: _ClassVar[OrderStatus]
    ORDER_STATUS_CANCELLED: _ClassVar[OrderStatus]
    ORDER_STATUS_REJECTED: _ClassVar[OrderStatus]
    ORDER_STATUS_EXPIRED: _ClassVar[OrderStatus]
    ORDER_STATUS_UNKNOWN: _ClassVar[OrderStatus]

class OrderRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_ROLE_UNSPECIFIED: _ClassVar[OrderRole]
    ORDER_ROLE_ENTRY: _ClassVar[OrderRole]
    ORDER_ROLE_STOP: _ClassVar[OrderRole]
    ORDER_ROLE_TARGET: _ClassVar[OrderRole]
    ORDER_ROLE_EXIT: _ClassVar[OrderRole]
    ORDER_ROLE_FLATTEN: _ClassVar[OrderRole]
    ORDER_ROLE_EXTERNAL: _ClassVar[OrderRole]
    ORDER_ROLE_GUARD: _ClassVar[OrderRole]

class AckStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACK_STATUS_UNSPECIFIED: _ClassVar[AckStatus]
    ACK_STATUS_ACCEPTED: _ClassVar[AckStatus]
    ACK_STATUS_DUPLICATE: _ClassVar[AckStatus]
    ACK_STATUS_EXPIRED: _ClassVar[AckStatus]
    ACK_STATUS_REFUSED: _ClassVar[AckStatus]

class LinkState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LINK_STATE_UNSPECIFIED: _ClassVar[LinkState]
    LINK_STATE_DOWN: _ClassVar[LinkState]
    LINK_STATE_RECONCILED: _ClassVar[LinkState]
    LINK_STATE_MISMATCH: _ClassVar[LinkState]
ORDER_STATUS_UNSPECIFIED: OrderStatus
ORDER_STATUS_PENDING: OrderStatus
ORDER_STATUS_ACCEPTED: OrderStatus
ORDER_STATUS_WORKING: OrderStatus
ORDER_STATUS_PART_FILLED: OrderStatus
ORDER_STATUS_FILLED: OrderStatus
ORDER_STATUS_CANCEL_PENDING: OrderStatus
ORDER_STATUS_CANCELLED: OrderStatus
ORDER_STATUS_REJECTED: OrderStatus
ORDER_STATUS_EXPIRED: OrderStatus
ORDER_STATUS_UNKNOWN: OrderStatus
ORDER_ROLE_UNSPECIFIED: OrderRole
ORDER_ROLE_ENTRY: OrderRole
ORDER_ROLE_STOP: OrderRole
ORDER_ROLE_TARGET: OrderRole
ORDER_ROLE_EXIT: OrderRole
ORDER_ROLE_FLATTEN: OrderRole
ORDER_ROLE_EXTERNAL: OrderRole
ORDER_ROLE_GUARD: OrderRole
ACK_STATUS_UNSPECIFIED: AckStatus
ACK_STATUS_ACCEPTED: AckStatus
ACK_STATUS_DUPLICATE: AckStatus
ACK_STATUS_EXPIRED: AckStatus
ACK_STATUS_REFUSED: AckStatus
LINK_STATE_UNSPECIFIED: LinkState
LINK_STATE_DOWN: LinkState
LINK_STATE_RECONCILED: LinkState
LINK_STATE_MISMATCH: LinkState

class CommandAck(_message.Message):
    __slots__ = ("report_sequence", "command_id", "status", "text", "at_ns", "limits_hash")
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_HASH_FIELD_NUMBER: _ClassVar[int]
    report_sequence: int
    command_id: str
    status: AckStatus
    text: str
    at_ns: int
    limits_hash: str
    def __init__(self, report_sequence: _Optional[int] = ..., command_id: _Optional[str] = ..., status: _Optional[_Union[AckStatus, str]] = ..., text: _Optional[str] = ..., at_ns: _Optional[int] = ..., limits_hash: _Optional[str] = ...) -> None: ...

class OrderUpdate(_message.Message):
    __slots__ = ("report_sequence", "command_id", "position_id", "contract", "role", "status", "quantity", "filled", "price", "text", "at_ns", "code")
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_ID_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FILLED_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    report_sequence: int
    command_id: str
    position_id: str
    contract: str
    role: OrderRole
    status: OrderStatus
    quantity: int
    filled: int
    price: int
    text: str
    at_ns: int
    code: str
    def __init__(self, report_sequence: _Optional[int] = ..., command_id: _Optional[str] = ..., position_id: _Optional[str] = ..., contract: _Optional[str] = ..., role: _Optional[_Union[OrderRole, str]] = ..., status: _Optional[_Union[OrderStatus, str]] = ..., quantity: _Optional[int] = ..., filled: _Optional[int] = ..., price: _Optional[int] = ..., text: _Optional[str] = ..., at_ns: _Optional[int] = ..., code: _Optional[str] = ...) -> None: ...

class Execution(_message.Message):
    __slots__ = ("report_sequence", "execution_id", "command_id", "position_id", "account", "contract", "role", "side", "quantity", "price", "commission", "at_ns", "code")
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    report_sequence: int
    execution_id: str
    command_id: str
    position_id: str
    account: str
    contract: str
    role: OrderRole
    side: _strategy_pb2.Side
    quantity: int
    price: int
    commission: int
    at_ns: int
    code: str
    def __init__(self, report_sequence: _Optional[int] = ..., execution_id: _Optional[str] = ..., command_id: _Optional[str] = ..., position_id: _Optional[str] = ..., account: _Optional[str] = ..., contract: _Optional[str] = ..., role: _Optional[_Union[OrderRole, str]] = ..., side: _Optional[_Union[_strategy_pb2.Side, str]] = ..., quantity: _Optional[int] = ..., price: _Optional[int] = ..., commission: _Optional[int] = ..., at_ns: _Optional[int] = ..., code: _Optional[str] = ...) -> None: ...

class AccountValues(_message.Message):
    __slots__ = ("report_sequence", "account", "cash", "realised", "unrealised", "at_ns", "excess_margin", "liquidation_only", "holdings")
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CASH_FIELD_NUMBER: _ClassVar[int]
    REALISED_FIELD_NUMBER: _ClassVar[int]
    UNREALISED_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    EXCESS_MARGIN_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_ONLY_FIELD_NUMBER: _ClassVar[int]
    HOLDINGS_FIELD_NUMBER: _ClassVar[int]
    report_sequence: int
    account: str
    cash: int
    realised: int
    unrealised: int
    at_ns: int
    excess_margin: int
    liquidation_only: bool
    holdings: Holdings
    def __init__(self, report_sequence: _Optional[int] = ..., account: _Optional[str] = ..., cash: _Optional[int] = ..., realised: _Optional[int] = ..., unrealised: _Optional[int] = ..., at_ns: _Optional[int] = ..., excess_margin: _Optional[int] = ..., liquidation_only: _Optional[bool] = ..., holdings: _Optional[_Union[Holdings, _Mapping]] = ...) -> None: ...

class Holdings(_message.Message):
    __slots__ = ("positions",)
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    positions: _containers.RepeatedCompositeFieldContainer[HeldPosition]
    def __init__(self, positions: _Optional[_Iterable[_Union[HeldPosition, _Mapping]]] = ...) -> None: ...

class HeldPosition(_message.Message):
    __slots__ = ("contract", "quantity")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    contract: str
    quantity: int
    def __init__(self, contract: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class PlatformState(_message.Message):
    __slots__ = ("report_sequence", "prices_connected", "orders_connected", "trading_enabled", "killed_by", "quiet_until_ns", "dropped", "at_ns")
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PRICES_CONNECTED_FIELD_NUMBER: _ClassVar[int]
    ORDERS_CONNECTED_FIELD_NUMBER: _ClassVar[int]
    TRADING_ENABLED_FIELD_NUMBER: _ClassVar[int]
    KILLED_BY_FIELD_NUMBER: _ClassVar[int]
    QUIET_UNTIL_NS_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    report_sequence: int
    prices_connected: bool
    orders_connected: bool
    trading_enabled: bool
    killed_by: str
    quiet_until_ns: int
    dropped: int
    at_ns: int
    def __init__(self, report_sequence: _Optional[int] = ..., prices_connected: _Optional[bool] = ..., orders_connected: _Optional[bool] = ..., trading_enabled: _Optional[bool] = ..., killed_by: _Optional[str] = ..., quiet_until_ns: _Optional[int] = ..., dropped: _Optional[int] = ..., at_ns: _Optional[int] = ...) -> None: ...

class WorkingOrder(_message.Message):
    __slots__ = ("command_id", "position_id", "contract", "role", "side", "quantity", "price", "name")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_ID_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    position_id: str
    contract: str
    role: OrderRole
    side: _strategy_pb2.Side
    quantity: int
    price: int
    name: str
    def __init__(self, command_id: _Optional[str] = ..., position_id: _Optional[str] = ..., contract: _Optional[str] = ..., role: _Optional[_Union[OrderRole, str]] = ..., side: _Optional[_Union[_strategy_pb2.Side, str]] = ..., quantity: _Optional[int] = ..., price: _Optional[int] = ..., name: _Optional[str] = ...) -> None: ...

class AccountSnapshot(_message.Message):
    __slots__ = ("report_sequence", "client", "account", "positions", "orders", "at_ns")
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    report_sequence: int
    client: str
    account: str
    positions: _containers.RepeatedCompositeFieldContainer[HeldPosition]
    orders: _containers.RepeatedCompositeFieldContainer[WorkingOrder]
    at_ns: int
    def __init__(self, report_sequence: _Optional[int] = ..., client: _Optional[str] = ..., account: _Optional[str] = ..., positions: _Optional[_Iterable[_Union[HeldPosition, _Mapping]]] = ..., orders: _Optional[_Iterable[_Union[WorkingOrder, _Mapping]]] = ..., at_ns: _Optional[int] = ...) -> None: ...

class LinkStatus(_message.Message):
    __slots__ = ("report_sequence", "client", "account", "state", "text", "positions", "at_ns", "simulated", "version")
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    SIMULATED_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    report_sequence: int
    client: str
    account: str
    state: LinkState
    text: str
    positions: _containers.RepeatedCompositeFieldContainer[HeldPosition]
    at_ns: int
    simulated: bool
    version: str
    def __init__(self, report_sequence: _Optional[int] = ..., client: _Optional[str] = ..., account: _Optional[str] = ..., state: _Optional[_Union[LinkState, str]] = ..., text: _Optional[str] = ..., positions: _Optional[_Iterable[_Union[HeldPosition, _Mapping]]] = ..., at_ns: _Optional[int] = ..., simulated: _Optional[bool] = ..., version: _Optional[str] = ...) -> None: ...

class OrderState(_message.Message):
    __slots__ = ("command", "status", "filled", "sent_ns")
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FILLED_FIELD_NUMBER: _ClassVar[int]
    SENT_NS_FIELD_NUMBER: _ClassVar[int]
    command: _risk_pb2.OrderCommand
    status: OrderStatus
    filled: int
    sent_ns: int
    def __init__(self, command: _Optional[_Union[_risk_pb2.OrderCommand, _Mapping]] = ..., status: _Optional[_Union[OrderStatus, str]] = ..., filled: _Optional[int] = ..., sent_ns: _Optional[int] = ...) -> None: ...

class RouterCarry(_message.Message):
    __slots__ = ("at_ns", "last_report_sequence", "orders", "holdings", "linked_client", "report_stream", "executions", "reports", "connection", "compared")
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    LAST_REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    HOLDINGS_FIELD_NUMBER: _ClassVar[int]
    LINKED_CLIENT_FIELD_NUMBER: _ClassVar[int]
    REPORT_STREAM_FIELD_NUMBER: _ClassVar[int]
    EXECUTIONS_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    COMPARED_FIELD_NUMBER: _ClassVar[int]
    at_ns: int
    last_report_sequence: int
    orders: _containers.RepeatedCompositeFieldContainer[OrderState]
    holdings: _containers.RepeatedCompositeFieldContainer[HeldPosition]
    linked_client: str
    report_stream: str
    executions: _containers.RepeatedScalarFieldContainer[str]
    reports: _containers.RepeatedCompositeFieldContainer[ReportDigest]
    connection: int
    compared: bool
    def __init__(self, at_ns: _Optional[int] = ..., last_report_sequence: _Optional[int] = ..., orders: _Optional[_Iterable[_Union[OrderState, _Mapping]]] = ..., holdings: _Optional[_Iterable[_Union[HeldPosition, _Mapping]]] = ..., linked_client: _Optional[str] = ..., report_stream: _Optional[str] = ..., executions: _Optional[_Iterable[str]] = ..., reports: _Optional[_Iterable[_Union[ReportDigest, _Mapping]]] = ..., connection: _Optional[int] = ..., compared: _Optional[bool] = ...) -> None: ...

class ReportDigest(_message.Message):
    __slots__ = ("report_sequence", "digest")
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    report_sequence: int
    digest: str
    def __init__(self, report_sequence: _Optional[int] = ..., digest: _Optional[str] = ...) -> None: ...
