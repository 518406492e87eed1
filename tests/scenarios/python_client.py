"""The client of this repository as a client under test: its orders and positions."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from services.domain.messages.link import Report
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import (
    AccountValues,
    CommandAck,
    Execution,
    HeldPosition,
    Holdings,
    OrderUpdate,
)
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import (
    NANOS_PER_MS,
    NANOS_PER_SECOND,
    Contracts,
    MicroUsd,
    Ticks,
    UnixNanos,
)
from services.nt_twin.client_limits import ClientLimits
from services.nt_twin.commands.client_orders import ClientOrders
from services.nt_twin.config import TwinConfig
from services.nt_twin.memory.memory_file import MemoryFile
from services.nt_twin.memory.trading_switch import SwitchState, TradingSwitch
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.alarm import Alarm
from services.nt_twin.positions.remote_account import RemoteAccount
from services.venue.broker_view import BrokerView
from services.venue.exchange_messages import ShownAccount
from services.venue.orders import (
    AccountExecution,
    AccountOrder,
    CancelRequest,
    ChangeRequest,
    ExchangeEvent,
    ExchangeRequest,
    ExchangeState,
    OrderRequest,
    OrderType,
)
from tests.support.kept_records import KeptRecords
from tests.support.order_builder import START

Line = dict[str, Any]
_DATE = "2026-02-06"
_SIDES = {"BUY": Side.LONG, "SELL": Side.SHORT}
_WORDS = {side: word for word, side in _SIDES.items()}
_NOTHING = BrokerView(orders=(), executions=(), positions=(), connected=True, at_ns=START)


class PythonClient:
    """The stand-in's orders, positions, limits and memory, in this process."""

    def __init__(self, disk: Path | None = None) -> None:
        """`disk`: a folder that outlives the process; by default it is kept in this one."""
        self._disk = disk
        self._memory: MemoryFile | KeptRecords = KeptRecords()
        self._now = START
        self._switch = TradingSwitch(disk)

    def start(self, settings: Line) -> list[Line]:
        """Start with these settings, on the disk of the last process."""
        contract = settings["contract"]
        flat_by = settings.get("flat_by")
        config = TwinConfig(
            account=settings["account"],
            mode=TimeMode.LIVE,
            contracts=(contract,),
            prices={contract: contract},
            limits=ClientLimits(
                quantity_max=settings["quantity_max"],
                position_max=settings["position_max"],
                flat_by=None if flat_by is None else _clock(_ns(flat_by)),
            ),
        )
        if self._disk is not None:
            self._memory = MemoryFile(self._disk / "memory.sqlite")
        self._contract = contract
        self._name = config.account
        self._held, self._connected = 0, True
        self._account = RemoteAccount(self._memory)
        if self._account.is_new:  # the account of a first start is empty
            self._account.on_view(_NOTHING, self._shown(), START)
        self._orders = ClientOrders(
            config, lambda _: _DATE, self._account, memory=self._memory, switch=self._switch
        )
        return self._lines()

    def send(self, message: Line) -> list[Line]:
        """Give it one input."""
        self._now = now = _ns(message["at"])
        if message["type"] == "ask":
            answers = [self._answer(each, now) for each in message["ids"]]
            return [*self._lines(), *answers]
        if message["type"] in ("order", "execution", "position", "connection", "snapshot"):
            self._of_account(message, now)
        else:
            self._of_desk(message, now)
        return self._lines()

    def wipe(self) -> None:
        """Lose the disk."""
        self._memory, self._switch = KeptRecords(), TradingSwitch()

    def _of_desk(self, message: Line, now: UnixNanos) -> None:
        match message["type"]:
            case "beat":
                self._orders.on_desk_message(now)
            case "clock":
                self._orders.on_clock(now)
                self._report(*self._account.on_clock(now))
            case "command":
                self._orders.on_command(self._command(message, now), now)
                self._orders.on_desk_message(now)
            case "operator":
                state = SwitchState(killed=True, by="operator", reason="scenario", at_ns=now)
                self._orders.switch.set(state)
                self._orders.look(now)
            case kind:
                raise AssertionError(f"{kind} is no input")

    def _of_account(self, message: Line, now: UnixNanos) -> None:
        match message["type"]:
            case "order":
                self._event(_order(message, self._contract), now)
            case "execution":
                self._event(_execution(message, self._contract, self._name), now)
            case "snapshot":
                self._held = message["position"]
                view = _view(message, self._contract, self._name, now)
                self._report(*self._account.on_view(view, self._shown(), now))
            case "position":
                self._event(HeldPosition(self._contract, message["quantity"]), now)
            case "connection":
                self._connected = message["connected"]
                self._show(now)
            case kind:
                raise AssertionError(f"{kind} is no input of the account")

    def kill(self) -> None:
        """End it."""
        if isinstance(self._memory, KeptRecords):
            self._memory.kill()
        else:
            self._memory.close()
        del self._orders, self._account

    def _answer(self, command_id: str, now: UnixNanos) -> Line:
        outcome = self._orders.outcome(command_id, now)
        status = "NOT_KNOWN" if outcome.status is None else outcome.status.name
        return {"type": "answer", "id": command_id, "status": status}

    # -- inputs -------------------------------------------------------------------------------

    def _event(self, event: ExchangeEvent, now: UnixNanos) -> None:
        reports = self._account.on_event(event, now)
        self._held += sum(r.side.sign * r.quantity for r in reports if isinstance(r, Execution))
        self._show(now)
        self._report(*reports)

    def _show(self, now: UnixNanos) -> None:
        self._account.on_shown(self._shown(), self._account.sent_count, now)

    def _shown(self) -> ShownAccount:
        # What the account shows of itself: the positions; nobody asks this client for more.
        held = HeldPosition(self._contract, self._held)
        values = AccountValues(
            report_sequence=0,
            account=self._name,
            cash=MicroUsd(0),
            realised=MicroUsd(0),
            unrealised=MicroUsd(0),
            at_ns=START,
            holdings=Holdings((held,) if self._held else ()),
        )
        return ShownAccount(orders=(), values=values, connected=self._connected)

    def _report(self, *reports: ClientReport) -> None:
        self._orders.report(*reports)

    def _command(self, given: Line, now: UnixNanos) -> OrderCommand:
        contract = self._contract

        def ticks(key: str) -> Ticks | None:
            return Ticks(given[key]) if key in given else None

        return OrderCommand(
            command_id=given["id"],
            account=given.get("account", self._name),
            contract=contract,
            action=Action[given["action"]],
            position_id=str(given.get("position", given["id"])),
            strategy="scenario",
            quantity=Contracts(given.get("quantity", 0)),
            entry_reference=ticks("reference"),
            stop=ticks("stop"),
            target=ticks("target"),
            created_ns=now,
            expires_ns=_ns(given.get("expires", given["at"] + 3)),
            code="SCENARIO",
        )

    # -- outputs ------------------------------------------------------------------------------

    def _lines(self) -> list[Line]:
        self._orders.remember(self._now)  # before anything of it leaves
        requests = [_request_line(request) for request in self._account.pop_requests()]
        queue = self._orders.report_queue
        reports = [line for r in queue.oldest(10_000) if (line := _report_line(r)) is not None]
        queue.drop_acknowledged(queue.last_sequence)
        alarms = [_alarm_line(alarm) for alarm in self._account.pop_alarms()]
        return [*requests, *reports, *alarms]


def _ns(seconds: float) -> UnixNanos:
    return UnixNanos(START + round(seconds * 1_000) * NANOS_PER_MS)


def _clock(at: UnixNanos) -> str:
    local = datetime.fromtimestamp(at / NANOS_PER_SECOND, UTC).astimezone(ZoneInfo("US/Eastern"))
    return f"{local:%H:%M:%S}"


def _order(given: Line, contract: str) -> AccountOrder:
    price = given["price"]
    return AccountOrder(
        request=OrderRequest(
            name=given["name"],
            contract=contract,
            side=_SIDES[given["side"]],
            order_type=OrderType[given["order_type"]],
            quantity=Contracts(given["quantity"]),
            price=None if price is None else Ticks(price),
        ),
        state=ExchangeState[given["state"]],
        filled=Contracts(given["filled"]),
        text=given["text"],
        at_ns=_ns(given["time"]),
    )


def _execution(given: Line, contract: str, account: str) -> AccountExecution:
    return AccountExecution(
        execution_id=given["id"],
        name=given["name"],
        account=account,
        contract=contract,
        side=_SIDES[given["side"]],
        quantity=Contracts(given["quantity"]),
        price=Ticks(given["price"]),
        commission=MicroUsd(0),
        at_ns=_ns(given["time"]),
    )


def _view(given: Line, contract: str, account: str, now: UnixNanos) -> BrokerView:
    position = given.get("position", 0)
    return BrokerView(
        orders=tuple(_order(each, contract) for each in given.get("orders", ())),
        executions=tuple(
            _execution(each, contract, account) for each in given.get("executions", ())
        ),
        positions=(HeldPosition(contract, position),) if position else (),
        connected=True,
        at_ns=now,
    )


def _request_line(request: ExchangeRequest) -> Line:
    match request:
        case OrderRequest():
            return {
                "type": "submit",
                "name": request.name,
                "side": _WORDS[request.side],
                "order_type": request.order_type.name,
                "quantity": request.quantity,
                "price": request.price if request.order_type is not OrderType.MARKET else None,
                "time_in_force": "GTC" if request.till_cancelled else "DAY",
                "oco": request.oco,
                "closes": request.closes,
            }
        case ChangeRequest():
            changed = {"quantity": request.quantity, "price": request.price}
            named = {key: value for key, value in changed.items() if value is not None}
            return {"type": "change", "name": request.name, **named}
        case CancelRequest():
            return {"type": "cancel", "name": request.name}


def _report_line(report: Report) -> Line | None:
    match report.ack or report.order or report.execution or report.account:
        case CommandAck() as ack:
            return {"type": "ack", "id": ack.command_id, "status": ack.status.name}
        case OrderUpdate() as update:
            return {
                "type": "report",
                "role": update.role.name,
                "status": update.status.name,
                "filled": update.filled,
                "quantity": update.quantity,
                "price": update.price,
                "command": update.command_id,
                "position": update.position_id,
                "code": update.code,
            }
        case Execution() as fill:
            return {
                "type": "fill",
                "role": fill.role.name,
                "side": _WORDS[fill.side],
                "quantity": fill.quantity,
                "price": fill.price,
                "command": fill.command_id,
                "position": fill.position_id,
                "code": fill.code,
            }
        case AccountValues() | None:
            return None


def _alarm_line(alarm: Alarm) -> Line:
    return {"type": "alarm", "code": alarm.code, "position": alarm.position_id}
