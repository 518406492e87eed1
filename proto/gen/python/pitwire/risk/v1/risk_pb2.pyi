from pitwire.strategy.v1 import strategy_pb2 as _strategy_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_APPROVED: _ClassVar[Verdict]
    VERDICT_REFUSED: _ClassVar[Verdict]
    VERDICT_SUPPRESSED: _ClassVar[Verdict]

class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTION_UNSPECIFIED: _ClassVar[Action]
    ACTION_ENTER_LONG: _ClassVar[Action]
    ACTION_ENTER_SHORT: _ClassVar[Action]
    ACTION_EXIT: _ClassVar[Action]
    ACTION_MOVE_STOP: _ClassVar[Action]
    ACTION_MOVE_TARGET: _ClassVar[Action]
    ACTION_CANCEL: _ClassVar[Action]
    ACTION_FLATTEN: _ClassVar[Action]

class PositionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POSITION_STATE_UNSPECIFIED: _ClassVar[PositionState]
    POSITION_STATE_OPENING: _ClassVar[PositionState]
    POSITION_STATE_OPEN: _ClassVar[PositionState]
    POSITION_STATE_CLOSING: _ClassVar[PositionState]
    POSITION_STATE_CLOSED: _ClassVar[PositionState]
    POSITION_STATE_UNKNOWN: _ClassVar[PositionState]

class TradingState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRADING_STATE_UNSPECIFIED: _ClassVar[TradingState]
    TRADING_STATE_ACTIVE: _ClassVar[TradingState]
    TRADING_STATE_REDUCING: _ClassVar[TradingState]
    TRADING_STATE_HALTED: _ClassVar[TradingState]
    TRADING_STATE_KILLED: _ClassVar[TradingState]

class OrphanKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORPHAN_KIND_UNSPECIFIED: _ClassVar[OrphanKind]
    ORPHAN_KIND_ENTRY: _ClassVar[OrphanKind]
    ORPHAN_KIND_STOP: _ClassVar[OrphanKind]
    ORPHAN_KIND_TARGET: _ClassVar[OrphanKind]
    ORPHAN_KIND_EXTERNAL: _ClassVar[OrphanKind]
VERDICT_UNSPECIFIED: Verdict
VERDICT_APPROVED: Verdict
VERDICT_REFUSED: Verdict
VERDICT_SUPPRESSED: Verdict
ACTION_UNSPECIFIED: Action
ACTION_ENTER_LONG: Action
ACTION_ENTER_SHORT: Action
ACTION_EXIT: Action
ACTION_MOVE_STOP: Action
ACTION_MOVE_TARGET: Action
ACTION_CANCEL: Action
ACTION_FLATTEN: Action
POSITION_STATE_UNSPECIFIED: PositionState
POSITION_STATE_OPENING: PositionState
POSITION_STATE_OPEN: PositionState
POSITION_STATE_CLOSING: PositionState
POSITION_STATE_CLOSED: PositionState
POSITION_STATE_UNKNOWN: PositionState
TRADING_STATE_UNSPECIFIED: TradingState
TRADING_STATE_ACTIVE: TradingState
TRADING_STATE_REDUCING: TradingState
TRADING_STATE_HALTED: TradingState
TRADING_STATE_KILLED: TradingState
ORPHAN_KIND_UNSPECIFIED: OrphanKind
ORPHAN_KIND_ENTRY: OrphanKind
ORPHAN_KIND_STOP: OrphanKind
ORPHAN_KIND_TARGET: OrphanKind
ORPHAN_KIND_EXTERNAL: OrphanKind

class Check(_message.Message):
    __slots__ = ("code", "passed", "text")
    CODE_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    code: str
    passed: bool
    text: str
    def __init__(self, code: _Optional[str] = ..., passed: _Optional[bool] = ..., text: _Optional[str] = ...) -> None: ...

class Decision(_message.Message):
    __slots__ = ("candidate_id", "strategy", "contract", "order_contract", "close_ns", "trade_date", "verdict", "code", "text", "quantity", "checks", "suppressed_by", "passed")
    CANDIDATE_ID_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    ORDER_CONTRACT_FIELD_NUMBER: _ClassVar[int]
    CLOSE_NS_FIELD_NUMBER: _ClassVar[int]
    TRADE_DATE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSED_BY_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    candidate_id: str
    strategy: str
    contract: str
    order_contract: str
    close_ns: int
    trade_date: str
    verdict: Verdict
    code: str
    text: str
    quantity: int
    checks: _containers.RepeatedCompositeFieldContainer[Check]
    suppressed_by: str
    passed: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, candidate_id: _Optional[str] = ..., strategy: _Optional[str] = ..., contract: _Optional[str] = ..., order_contract: _Optional[str] = ..., close_ns: _Optional[int] = ..., trade_date: _Optional[str] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., code: _Optional[str] = ..., text: _Optional[str] = ..., quantity: _Optional[int] = ..., checks: _Optional[_Iterable[_Union[Check, _Mapping]]] = ..., suppressed_by: _Optional[str] = ..., passed: _Optional[_Iterable[str]] = ...) -> None: ...

class OrderCommand(_message.Message):
    __slots__ = ("command_id", "account", "contract", "action", "position_id", "strategy", "quantity", "entry_reference", "stop", "target", "adjustment_ticks", "created_ns", "expires_ns", "code", "epoch", "limits_hash", "approval")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    POSITION_ID_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    ENTRY_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENT_TICKS_FIELD_NUMBER: _ClassVar[int]
    CREATED_NS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_NS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    LIMITS_HASH_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account: str
    contract: str
    action: Action
    position_id: str
    strategy: str
    quantity: int
    entry_reference: int
    stop: int
    target: int
    adjustment_ticks: int
    created_ns: int
    expires_ns: int
    code: str
    epoch: int
    limits_hash: str
    approval: str
    def __init__(self, command_id: _Optional[str] = ..., account: _Optional[str] = ..., contract: _Optional[str] = ..., action: _Optional[_Union[Action, str]] = ..., position_id: _Optional[str] = ..., strategy: _Optional[str] = ..., quantity: _Optional[int] = ..., entry_reference: _Optional[int] = ..., stop: _Optional[int] = ..., target: _Optional[int] = ..., adjustment_ticks: _Optional[int] = ..., created_ns: _Optional[int] = ..., expires_ns: _Optional[int] = ..., code: _Optional[str] = ..., epoch: _Optional[int] = ..., limits_hash: _Optional[str] = ..., approval: _Optional[str] = ...) -> None: ...

class Position(_message.Message):
    __slots__ = ("position_id", "account", "strategy", "contract", "order_contract", "state", "side", "quantity", "entered", "entry_price", "entry_ns", "exit_price", "exit_ns", "exit_code", "stop", "target", "initial_stop", "signal_ns", "trade_date", "realised", "commissions", "report_sequence", "protected")
    POSITION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    ORDER_CONTRACT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    ENTERED_FIELD_NUMBER: _ClassVar[int]
    ENTRY_PRICE_FIELD_NUMBER: _ClassVar[int]
    ENTRY_NS_FIELD_NUMBER: _ClassVar[int]
    EXIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    EXIT_NS_FIELD_NUMBER: _ClassVar[int]
    EXIT_CODE_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    INITIAL_STOP_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_NS_FIELD_NUMBER: _ClassVar[int]
    TRADE_DATE_FIELD_NUMBER: _ClassVar[int]
    REALISED_FIELD_NUMBER: _ClassVar[int]
    COMMISSIONS_FIELD_NUMBER: _ClassVar[int]
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PROTECTED_FIELD_NUMBER: _ClassVar[int]
    position_id: str
    account: str
    strategy: str
    contract: str
    order_contract: str
    state: PositionState
    side: _strategy_pb2.Side
    quantity: int
    entered: int
    entry_price: float
    entry_ns: int
    exit_price: float
    exit_ns: int
    exit_code: str
    stop: int
    target: int
    initial_stop: int
    signal_ns: int
    trade_date: str
    realised: int
    commissions: int
    report_sequence: int
    protected: bool
    def __init__(self, position_id: _Optional[str] = ..., account: _Optional[str] = ..., strategy: _Optional[str] = ..., contract: _Optional[str] = ..., order_contract: _Optional[str] = ..., state: _Optional[_Union[PositionState, str]] = ..., side: _Optional[_Union[_strategy_pb2.Side, str]] = ..., quantity: _Optional[int] = ..., entered: _Optional[int] = ..., entry_price: _Optional[float] = ..., entry_ns: _Optional[int] = ..., exit_price: _Optional[float] = ..., exit_ns: _Optional[int] = ..., exit_code: _Optional[str] = ..., stop: _Optional[int] = ..., target: _Optional[int] = ..., initial_stop: _Optional[int] = ..., signal_ns: _Optional[int] = ..., trade_date: _Optional[str] = ..., realised: _Optional[int] = ..., commissions: _Optional[int] = ..., report_sequence: _Optional[int] = ..., protected: _Optional[bool] = ...) -> None: ...

class LedgerMark(_message.Message):
    __slots__ = ("report_sequence", "at_ns")
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    report_sequence: int
    at_ns: int
    def __init__(self, report_sequence: _Optional[int] = ..., at_ns: _Optional[int] = ...) -> None: ...

class StateChanged(_message.Message):
    __slots__ = ("state", "reason", "at_ns", "code", "scope")
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    state: TradingState
    reason: str
    at_ns: int
    code: str
    scope: str
    def __init__(self, state: _Optional[_Union[TradingState, str]] = ..., reason: _Optional[str] = ..., at_ns: _Optional[int] = ..., code: _Optional[str] = ..., scope: _Optional[str] = ...) -> None: ...

class BarSettled(_message.Message):
    __slots__ = ("group", "close_ns", "trade_date", "candidates", "commands", "late", "realised", "unrealised", "state")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    CLOSE_NS_FIELD_NUMBER: _ClassVar[int]
    TRADE_DATE_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    REALISED_FIELD_NUMBER: _ClassVar[int]
    UNREALISED_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    group: str
    close_ns: int
    trade_date: str
    candidates: int
    commands: int
    late: _containers.RepeatedScalarFieldContainer[str]
    realised: int
    unrealised: int
    state: TradingState
    def __init__(self, group: _Optional[str] = ..., close_ns: _Optional[int] = ..., trade_date: _Optional[str] = ..., candidates: _Optional[int] = ..., commands: _Optional[int] = ..., late: _Optional[_Iterable[str]] = ..., realised: _Optional[int] = ..., unrealised: _Optional[int] = ..., state: _Optional[_Union[TradingState, str]] = ...) -> None: ...

class RiskMinute(_message.Message):
    __slots__ = ("decisions", "commands", "settled")
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    decisions: _containers.RepeatedCompositeFieldContainer[Decision]
    commands: _containers.RepeatedCompositeFieldContainer[OrderCommand]
    settled: BarSettled
    def __init__(self, decisions: _Optional[_Iterable[_Union[Decision, _Mapping]]] = ..., commands: _Optional[_Iterable[_Union[OrderCommand, _Mapping]]] = ..., settled: _Optional[_Union[BarSettled, _Mapping]] = ...) -> None: ...

class Alert(_message.Message):
    __slots__ = ("code", "text", "at_ns", "position_id")
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    POSITION_ID_FIELD_NUMBER: _ClassVar[int]
    code: str
    text: str
    at_ns: int
    position_id: str
    def __init__(self, code: _Optional[str] = ..., text: _Optional[str] = ..., at_ns: _Optional[int] = ..., position_id: _Optional[str] = ...) -> None: ...

class StrategyKill(_message.Message):
    __slots__ = ("strategy", "reason", "flatten")
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FLATTEN_FIELD_NUMBER: _ClassVar[int]
    strategy: str
    reason: str
    flatten: bool
    def __init__(self, strategy: _Optional[str] = ..., reason: _Optional[str] = ..., flatten: _Optional[bool] = ...) -> None: ...

class Latch(_message.Message):
    __slots__ = ("code", "scope", "reason")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    code: str
    scope: str
    reason: str
    def __init__(self, code: _Optional[str] = ..., scope: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class LossStreak(_message.Message):
    __slots__ = ("scope", "losses", "last_ns")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    LOSSES_FIELD_NUMBER: _ClassVar[int]
    LAST_NS_FIELD_NUMBER: _ClassVar[int]
    scope: str
    losses: int
    last_ns: int
    def __init__(self, scope: _Optional[str] = ..., losses: _Optional[int] = ..., last_ns: _Optional[int] = ...) -> None: ...

class EquityCarry(_message.Message):
    __slots__ = ("realised", "intraday_peak", "end_of_day_peak", "base_balance", "excess_margin", "account_values_ns", "latches", "streaks", "loss_velocity_breaches", "pending_base", "reported_start", "week_open_profit")
    REALISED_FIELD_NUMBER: _ClassVar[int]
    INTRADAY_PEAK_FIELD_NUMBER: _ClassVar[int]
    END_OF_DAY_PEAK_FIELD_NUMBER: _ClassVar[int]
    BASE_BALANCE_FIELD_NUMBER: _ClassVar[int]
    EXCESS_MARGIN_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_VALUES_NS_FIELD_NUMBER: _ClassVar[int]
    LATCHES_FIELD_NUMBER: _ClassVar[int]
    STREAKS_FIELD_NUMBER: _ClassVar[int]
    LOSS_VELOCITY_BREACHES_FIELD_NUMBER: _ClassVar[int]
    PENDING_BASE_FIELD_NUMBER: _ClassVar[int]
    REPORTED_START_FIELD_NUMBER: _ClassVar[int]
    WEEK_OPEN_PROFIT_FIELD_NUMBER: _ClassVar[int]
    realised: int
    intraday_peak: int
    end_of_day_peak: int
    base_balance: int
    excess_margin: int
    account_values_ns: int
    latches: _containers.RepeatedCompositeFieldContainer[Latch]
    streaks: _containers.RepeatedCompositeFieldContainer[LossStreak]
    loss_velocity_breaches: int
    pending_base: int
    reported_start: int
    week_open_profit: int
    def __init__(self, realised: _Optional[int] = ..., intraday_peak: _Optional[int] = ..., end_of_day_peak: _Optional[int] = ..., base_balance: _Optional[int] = ..., excess_margin: _Optional[int] = ..., account_values_ns: _Optional[int] = ..., latches: _Optional[_Iterable[_Union[Latch, _Mapping]]] = ..., streaks: _Optional[_Iterable[_Union[LossStreak, _Mapping]]] = ..., loss_velocity_breaches: _Optional[int] = ..., pending_base: _Optional[int] = ..., reported_start: _Optional[int] = ..., week_open_profit: _Optional[int] = ...) -> None: ...

class ContractMark(_message.Message):
    __slots__ = ("contract", "price")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    contract: str
    price: int
    def __init__(self, contract: _Optional[str] = ..., price: _Optional[int] = ...) -> None: ...

class EntryInFlight(_message.Message):
    __slots__ = ("position_id", "quantity")
    POSITION_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    position_id: str
    quantity: int
    def __init__(self, position_id: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class OrphanOrder(_message.Message):
    __slots__ = ("name", "kind", "position_id", "contract", "text", "since_ns", "alert_due_ns", "alerted", "called_ns")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    POSITION_ID_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SINCE_NS_FIELD_NUMBER: _ClassVar[int]
    ALERT_DUE_NS_FIELD_NUMBER: _ClassVar[int]
    ALERTED_FIELD_NUMBER: _ClassVar[int]
    CALLED_NS_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: OrphanKind
    position_id: str
    contract: str
    text: str
    since_ns: int
    alert_due_ns: int
    alerted: bool
    called_ns: int
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[OrphanKind, str]] = ..., position_id: _Optional[str] = ..., contract: _Optional[str] = ..., text: _Optional[str] = ..., since_ns: _Optional[int] = ..., alert_due_ns: _Optional[int] = ..., alerted: _Optional[bool] = ..., called_ns: _Optional[int] = ...) -> None: ...

class PlatformCarry(_message.Message):
    __slots__ = ("account", "prices_connected", "orders_connected", "trading_enabled", "killed_by", "quiet_until_ns")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PRICES_CONNECTED_FIELD_NUMBER: _ClassVar[int]
    ORDERS_CONNECTED_FIELD_NUMBER: _ClassVar[int]
    TRADING_ENABLED_FIELD_NUMBER: _ClassVar[int]
    KILLED_BY_FIELD_NUMBER: _ClassVar[int]
    QUIET_UNTIL_NS_FIELD_NUMBER: _ClassVar[int]
    account: str
    prices_connected: bool
    orders_connected: bool
    trading_enabled: bool
    killed_by: str
    quiet_until_ns: int
    def __init__(self, account: _Optional[str] = ..., prices_connected: _Optional[bool] = ..., orders_connected: _Optional[bool] = ..., trading_enabled: _Optional[bool] = ..., killed_by: _Optional[str] = ..., quiet_until_ns: _Optional[int] = ...) -> None: ...

class LedgerCarry(_message.Message):
    __slots__ = ("trade_date", "at_ns", "positions", "week_realised", "report_sequence", "state", "reason", "linked", "strategy_kills", "kill_flattens", "simulated", "equity", "preflight_failure", "reports_required", "client_version", "marks", "in_flight", "obeyed_commands", "platform", "orphans")
    TRADE_DATE_FIELD_NUMBER: _ClassVar[int]
    AT_NS_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    WEEK_REALISED_FIELD_NUMBER: _ClassVar[int]
    REPORT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LINKED_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_KILLS_FIELD_NUMBER: _ClassVar[int]
    KILL_FLATTENS_FIELD_NUMBER: _ClassVar[int]
    SIMULATED_FIELD_NUMBER: _ClassVar[int]
    EQUITY_FIELD_NUMBER: _ClassVar[int]
    PREFLIGHT_FAILURE_FIELD_NUMBER: _ClassVar[int]
    REPORTS_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    CLIENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    OBEYED_COMMANDS_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    ORPHANS_FIELD_NUMBER: _ClassVar[int]
    trade_date: str
    at_ns: int
    positions: _containers.RepeatedCompositeFieldContainer[Position]
    week_realised: int
    report_sequence: int
    state: TradingState
    reason: str
    linked: bool
    strategy_kills: _containers.RepeatedCompositeFieldContainer[StrategyKill]
    kill_flattens: bool
    simulated: bool
    equity: EquityCarry
    preflight_failure: str
    reports_required: bool
    client_version: str
    marks: _containers.RepeatedCompositeFieldContainer[ContractMark]
    in_flight: _containers.RepeatedCompositeFieldContainer[EntryInFlight]
    obeyed_commands: _containers.RepeatedScalarFieldContainer[str]
    platform: PlatformCarry
    orphans: _containers.RepeatedCompositeFieldContainer[OrphanOrder]
    def __init__(self, trade_date: _Optional[str] = ..., at_ns: _Optional[int] = ..., positions: _Optional[_Iterable[_Union[Position, _Mapping]]] = ..., week_realised: _Optional[int] = ..., report_sequence: _Optional[int] = ..., state: _Optional[_Union[TradingState, str]] = ..., reason: _Optional[str] = ..., linked: _Optional[bool] = ..., strategy_kills: _Optional[_Iterable[_Union[StrategyKill, _Mapping]]] = ..., kill_flattens: _Optional[bool] = ..., simulated: _Optional[bool] = ..., equity: _Optional[_Union[EquityCarry, _Mapping]] = ..., preflight_failure: _Optional[str] = ..., reports_required: _Optional[bool] = ..., client_version: _Optional[str] = ..., marks: _Optional[_Iterable[_Union[ContractMark, _Mapping]]] = ..., in_flight: _Optional[_Iterable[_Union[EntryInFlight, _Mapping]]] = ..., obeyed_commands: _Optional[_Iterable[str]] = ..., platform: _Optional[_Union[PlatformCarry, _Mapping]] = ..., orphans: _Optional[_Iterable[_Union[OrphanOrder, _Mapping]]] = ...) -> None: ...
