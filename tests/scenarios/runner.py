"""Plays a scenario against a client under test; README.md has the format and the messages.

Rule 1: time moves in tenths of a second; at each the client is given the clock, and once a second
        the desk's heartbeat, unless the desk is silent.
Rule 2: every event of the account is one input; what the client answers is carried out before
        the next one.
Rule 3: the first line that differs ends the scenario, by file and line.
"""

from collections import deque
from typing import Any, Final, Protocol, TypeAlias

from services.domain.messages.orders import AccountValues, HeldPosition
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_MS, Contracts, Ticks, UnixNanos
from services.venue.config import VenueConfig
from services.venue.exchange import Exchange
from services.venue.orders import (
    AccountExecution,
    AccountOrder,
    CancelRequest,
    ChangeRequest,
    ExchangeEvent,
    OrderRequest,
    OrderType,
)
from tests.scenarios.scenario import Scenario, Step
from tests.support.order_builder import START

Line: TypeAlias = dict[str, Any]
"""One JSON object of the pipe."""
_TICK_MS: Final = 100
_BEAT_MS: Final = 1_000
_SIDES: Final = {"BUY": Side.LONG, "SELL": Side.SHORT}
_WORDS: Final = {side: word for word, side in _SIDES.items()}


class ScenarioError(AssertionError):
    """A line of a scenario is not what the client did."""


class ClientUnderTest(Protocol):
    """A client: in this process, or at the other end of a pipe."""

    def start(self, settings: Line) -> list[Line]:
        """Start the process, on the disk of the last one."""
        ...

    def send(self, message: Line) -> list[Line]:
        """Give it one input; gives what it sends before it is done with it."""
        ...

    def kill(self) -> None:
        """End the process at once; its disk stays."""
        ...


def play(scenario: Scenario, client: ClientUnderTest) -> list[str]:
    """Play a scenario to its end; gives its event log.

    Raises: ScenarioError naming the file and line of the first difference.
    """
    return _Play(scenario, client).run()


class _Play:
    def __init__(self, scenario: Scenario, client: ClientUnderTest) -> None:
        self._scenario = scenario
        self._client = client
        self._contract: str = scenario.client["contract"]
        self._exchange = Exchange(
            VenueConfig(), scenario.client["account"], {self._contract: self._contract}, _one_day
        )
        self._now_ms = 0
        self._alive = False
        self._silent = False
        self._hangs = False
        self._held_back: list[ExchangeEvent] | None = None
        self._delivered: list[ExchangeEvent] = []
        self._found: list[str] = []
        self.log: list[str] = []

    def run(self) -> list[str]:
        self._start()
        for number, step in enumerate(self._scenario.steps):
            self._advance(round(step.at * 1_000))
            self._do(step)
            self._compare(number, step)
        self._compare_end()
        return self.log

    # -- time ---------------------------------------------------------------------------------

    def _advance(self, until_ms: int) -> None:
        while self._now_ms < until_ms:
            self._now_ms += _TICK_MS
            # While the client hangs it is given nothing; then the clock of then, first of all.
            if not self._hangs or self._now_ms == until_ms:
                self._tick()

    def _tick(self) -> None:
        if not self._silent and not self._hangs and self._now_ms % _BEAT_MS == 0:
            self._send({"type": "beat"})
        self._send({"type": "clock"})

    # -- steps --------------------------------------------------------------------------------

    def _do(self, step: Step) -> None:
        self._do_desk(step)
        self._do_account(step, self._now())
        if step.connection:
            self._connection(step.connection)
        if step.process:
            self._process(step.process)

    def _do_desk(self, step: Step) -> None:
        if step.command is not None:
            self._send({"type": "command", **step.command})
        if step.ask:
            self._send({"type": "ask", "ids": list(step.ask)})
        if step.operator:
            self._send({"type": "operator", "command": step.operator})
        if step.desk:
            self._silent = step.desk == "silent"

    def _do_account(self, step: Step, now: UnixNanos) -> None:
        if step.fill:
            self._fill(step, now)
        if step.cancel:
            self._exchange.handle(CancelRequest(step.cancel), now)
            self._deliver()
        if step.execution is not None:
            self._manual_trade(step.execution, now)
        if step.position is not None:
            self._give(HeldPosition(self._contract, step.position))
        if step.repeat:
            for event in self._delivered[-step.repeat :]:
                self._give(event)

    def _process(self, change: str) -> None:
        if change == "kill":
            self._client.kill()
            self._alive = False
        if change == "start":
            self._start(again=True)
        self._hangs = change == "hang"

    def _fill(self, step: Step, now: UnixNanos) -> None:
        price, quantity = Ticks(step.price), Contracts(step.quantity)
        working = {order.name: order for order in self._exchange.working_orders()}
        if step.fill not in working:
            head = self._scenario.step_lines[self._scenario.steps.index(step)]
            raise ScenarioError(
                f"{self._scenario.name}:{head}: expected {step.fill} to work, found"
                f" {', '.join(working) or 'nothing'}"
            )
        order = working[step.fill]
        if not step.oco:  # both orders of a pair fill before either is cancelled
            pair = [each for each in working.values() if each.request.oco == order.request.oco]
            for each in pair:
                self._exchange.detach(each.name)
        self._exchange.fill(step.fill, quantity, price, now)
        self._deliver(executions_first=step.late)

    def _manual_trade(self, given: Line, now: UnixNanos) -> None:
        self._exchange.fill_manual_order(
            self._contract,
            _SIDES[given["side"]],
            Contracts(given["quantity"]),
            Ticks(given["price"]),
            now,
        )
        self._deliver()

    def _connection(self, state: str) -> None:
        if state == "lost":
            self._held_back = []
            self._send({"type": "connection", "connected": False})
            return
        burst, self._held_back = self._held_back or [], None
        self._send({"type": "connection", "connected": True})
        # The platform repeats what it had reported already, then what was missed.
        for event in [*self._delivered, *burst]:
            self._give(event)
        self._deliver()

    # -- the client ---------------------------------------------------------------------------

    def _start(self, *, again: bool = False) -> None:
        self._alive = True
        self._handle_all(self._client.start(self._scenario.client))
        if again:
            self._exchange.pop_events()  # what happened meanwhile is in the snapshot alone
            self._send(self._snapshot())
        self._send({"type": "beat"})

    def _snapshot(self) -> Line:
        exchange = self._exchange
        executions = exchange.executions("", 1_000)
        return {
            "type": "snapshot",
            "position": exchange.account.position(self._contract),
            "orders": [_line(order) for order in exchange.working_orders()],
            "executions": [_line(execution) for execution in executions],
        }

    def _send(self, message: Line) -> None:
        if self._alive:
            self._handle_all(self._client.send({"at": self._now_ms / 1_000, **message}))
            self._deliver()

    def _handle_all(self, lines: list[Line]) -> None:
        for line in lines:
            if (text := _text(line)) is not None:
                self._found.append(text)
                self.log.append(f"{self._now_ms / 1_000:.3f} {text}")
            self._request(line)

    def _request(self, line: Line) -> None:
        now, answers = self._now(), self._scenario.exchange
        match line["type"]:
            case "submit":
                request = _order_request(line, self._contract)
                if request.name in answers.reject:
                    self._exchange.reject(request, "rejected by the broker", now)
                else:
                    self._exchange.handle(request, now)
            case "change":
                quantity, price = line.get("quantity"), line.get("price")
                self._exchange.handle(
                    ChangeRequest(
                        name=line["name"],
                        quantity=None if quantity is None else Contracts(quantity),
                        price=None if price is None else Ticks(price),
                    ),
                    now,
                )
            case "cancel" if line["name"] not in answers.hold_cancel:
                self._exchange.handle(CancelRequest(line["name"]), now)

    def _deliver(self, *, executions_first: bool = False) -> None:
        queue = deque(self._exchange.pop_events())
        if executions_first:  # some brokers' order events come behind the execution
            queue = deque(sorted(queue, key=lambda e: not isinstance(e, AccountExecution)))
        while queue:
            self._give(queue.popleft())
            queue.extend(self._exchange.pop_events())

    def _give(self, event: ExchangeEvent) -> None:
        if isinstance(event, AccountValues):
            return
        if self._held_back is not None:
            self._held_back.append(event)
            return
        if not self._alive:
            return
        self._delivered.append(event)
        self._handle_all(self._client.send({"at": self._now_ms / 1_000, **_line(event)}))

    # -- judgement ----------------------------------------------------------------------------

    def _compare(self, number: int, step: Step) -> None:
        found, self._found = self._found, []
        scenario = self._scenario
        for place, expected in enumerate(step.expect):
            line = scenario.expect_lines[number][place]
            was = found[place] if place < len(found) else "nothing"
            if was != expected:
                raise ScenarioError(f"{scenario.name}:{line}: expected {expected!r}, found {was!r}")
        if len(found) > len(step.expect):
            line = (scenario.expect_lines[number] or (scenario.step_lines[number],))[-1]
            extra = found[len(step.expect)]
            raise ScenarioError(f"{scenario.name}:{line}: expected nothing more, found {extra!r}")

    def _compare_end(self) -> None:
        scenario, end = self._scenario, self._scenario.end
        position = self._exchange.account.position(self._contract)
        working = tuple(_working_text(order) for order in self._exchange.working_orders())
        for what, expected, found in (
            ("position", end.position, position),
            ("working", end.working, working),
        ):
            if expected != found:
                raise ScenarioError(
                    f"{scenario.name}:{scenario.end_line}: expected {what} {expected} at the end,"
                    f" found {found}"
                )

    def _now(self) -> UnixNanos:
        return UnixNanos(START + self._now_ms * NANOS_PER_MS)


# -- lines -----------------------------------------------------------------------------------


def _line(event: AccountOrder | AccountExecution | HeldPosition) -> Line:
    match event:
        case AccountOrder():
            request = event.request
            return {
                "type": "order",
                "name": event.name,
                "side": _WORDS[request.side],
                "order_type": request.order_type.name,
                "state": event.state.name,
                "quantity": request.quantity,
                "filled": event.filled,
                "price": request.price,
                "text": event.text,
                "time": _seconds(event.at_ns),
            }
        case AccountExecution():
            return {
                "type": "execution",
                "id": event.execution_id,
                "name": event.name,
                "side": _WORDS[event.side],
                "quantity": event.quantity,
                "price": event.price,
                "time": _seconds(event.at_ns),
            }
        case HeldPosition():
            return {"type": "position", "quantity": event.quantity}


def _seconds(at: UnixNanos) -> float:
    return (at - START) // NANOS_PER_MS / 1_000


def _order_request(line: Line, contract: str) -> OrderRequest:
    price = line.get("price")
    return OrderRequest(
        name=line["name"],
        contract=contract,
        side=_SIDES[line["side"]],
        order_type=OrderType[line["order_type"]],
        quantity=Contracts(line["quantity"]),
        price=None if price is None else Ticks(price),
        till_cancelled=line["time_in_force"] == "GTC",
        oco=line.get("oco", ""),
        closes=line["closes"],
    )


def _text(line: Line) -> str | None:
    """Give the line of the event log; None: it is not part of it."""
    match line["type"]:
        case "submit":
            price = f" {line['price']}" if line.get("price") is not None else ""
            oco = f" oco {line['oco']}" if line.get("oco") else ""
            return (
                f"submit {line['name']} {line['side']} {line['quantity']} {line['order_type']}"
                f"{price} {line['time_in_force']}{oco}"
            )
        case "change":
            changed = [f"{key} {line[key]}" for key in ("quantity", "price") if key in line]
            return f"change {line['name']} {' '.join(changed)}"
        case "cancel":
            return f"cancel {line['name']}"
        case "ack":
            return f"ack {line['id']} {line['status']}"
        case "answer":
            return f"answer {line['id']} {line['status']}"
        case "report":
            price = f" at {line['price']}" if line.get("price") is not None else ""
            return (
                f"order {line['role']} {line['status']} {line['filled']}/{line['quantity']}{price}"
                f" {_owner(line)}"
            )
        case "fill":
            return (
                f"fill {line['role']} {line['side']} {line['quantity']} at {line['price']}"
                f" {_owner(line)}"
            )
        case "alarm":
            return f"alarm {line['code']} {line['position'] or '-'}"
        case _:
            return None


def _owner(line: Line) -> str:
    code = f"code {line['code']} " if line.get("code") else ""
    return f"{code}command {line['command'] or '-'} position {line['position'] or '-'}"


def _working_text(order: AccountOrder) -> str:
    request = order.request
    price = "" if request.price is None else f" {request.price}"
    side = _WORDS[request.side]
    return f"{order.name} {side} {order.remaining} {request.order_type.name}{price}"


def _one_day(at: UnixNanos) -> str:
    del at
    return "2026-02-06"
