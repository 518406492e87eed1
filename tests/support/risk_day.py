"""A random day for risk: strategies that ask; a client that answers, fills, refuses, is silent.

Everything comes from one seed. The day is bad on purpose: fills that cannot be, silence, links that
break, kills and resumes; what matters is that the journal it leaves is lived through again.
"""

import random
from typing import Final

from services.domain.messages.control import Halt, Kill, Resume, Tighten, Upstreams
from services.domain.messages.orders import (
    AccountSnapshot,
    AckStatus,
    Holdings,
    LinkState,
    OrderRole,
    OrderStatus,
    PlatformState,
    WorkingOrder,
)
from services.domain.messages.risk import Action, OrderCommand, Position, PositionState
from services.domain.messages.session import SessionMinute
from services.domain.messages.strategy import AdjustmentKind, Evaluated, Side
from services.domain.messages.union import Event, Message
from services.domain.units import NANOS_PER_MINUTE, Contracts, Ticks, UnixNanos
from tests.support.limit_rows.limit_case import account_values, matching_holdings
from tests.support.order_builder import platform_state
from tests.support.risk_builder import (
    ACCOUNT,
    CLOSE,
    DATE,
    ES,
    MNQ,
    NQ,
    SIGNALS,
    YM,
    RiskDesk,
    adjustment,
    at,
    candidate,
    evaluated,
    only,
    session_minute,
    update,
)

_ENTRIES: Final = (Action.ENTER_LONG, Action.ENTER_SHORT)


class RandomDay:
    """Drives a desk through a day; what follows goes by the seed and by what the desk answers."""

    def __init__(
        self, desk: RiskDesk, seed: int, date: str = DATE, *, lock_step: bool = True
    ) -> None:
        self._desk = desk
        self._lock_step = lock_step
        self._random = random.Random(seed)
        self._wicks = random.Random(seed + 1)  # of their own: the day is the same without them
        self._stops = random.Random(seed + 2)
        self._looks = random.Random(seed + 3)
        self._date = date
        self._commands: list[OrderCommand] = []
        self._entries: dict[str, OrderCommand] = {}
        self._open: dict[str, Position] = {}
        self._price = int(CLOSE)

    def run(self, minutes: int, first: str = "15:00") -> None:
        """Live through some minutes from a clock on."""
        self._apply(self._desk.link())
        if not self._desk.gate.status().equity_from_broker:
            self._apply(self._desk.send(self._desk.flat_account(), self._desk.flat_account()))
        for index in range(minutes):
            self._minute(UnixNanos(at(first, self._date) + index * NANOS_PER_MINUTE))

    def _minute(self, close_ns: UnixNanos) -> None:
        self._price += self._random.randint(-40, 40)
        self._client()
        self._disturb()
        readings = [
            update(
                name,
                close_ns,
                close=Ticks(self._price),
                high=Ticks(self._price + self._wicks.randint(0, 60)),
                low=Ticks(self._price - self._wicks.randint(0, 60)),
                trade_date=self._date,
            )
            for name in (NQ, ES, YM)
        ]
        required = self._desk.reports + self._random.choice((0, 0, 0, 1))
        closed = session_minute(
            close_ns,
            *readings,
            date=self._date,
            required_report_sequence=required if self._lock_step else None,
        )
        answers = [
            self._evaluate(name, close_ns) for name in SIGNALS if self._random.random() < 0.9
        ]
        messages: list[Message] = [closed, *answers]
        self._random.shuffle(messages)
        if self._random.random() < 0.1:
            messages.insert(0, self._late_minute(UnixNanos(close_ns - NANOS_PER_MINUTE)))
        for message in messages:
            self._apply(self._desk.send(message, now=close_ns))
            if self._random.random() < 0.2:
                self._client()
        self._apply(
            self._desk.advance(UnixNanos(close_ns + self._random.choice((0, 1, 300)) * 10**6))
        )
        self._disturb_stops()
        self._look_at_the_account()
        if not self._lock_step:
            for _ in range(4):
                wait_ms = self._stops.choice((900, 1_000, 2_000, 11_000))
                self._apply(self._desk.advance(UnixNanos(self._desk.now + wait_ms * 10**6)))
                if self._stops.random() < 0.5:
                    self._client()

    def _disturb_stops(self) -> None:
        for position in list(self._open.values()):
            entry = self._entries.get(position.position_id)
            if entry is None or entry.stop is None or self._stops.random() > 0.2:
                continue
            report = self._desk.order(
                entry,
                self._stops.choice((OrderStatus.WORKING, OrderStatus.WORKING, *OrderStatus)),
                role=OrderRole.STOP,
                quantity=Contracts(self._stops.randint(1, entry.quantity)),
                price=Ticks(entry.stop + self._stops.choice((0, 0, 3, -9, 400))),
            )
            self._apply(self._desk.send(report))
        if self._stops.random() < 0.1:
            holdings = Holdings() if self._stops.random() < 0.5 else matching_holdings(self._desk)
            self._apply(self._desk.send(account_values(self._desk, 50_000.0, holdings=holdings)))

    def _look_at_the_account(self) -> None:
        # Now and then an order works that is none of the desk's, until a look shows none.
        if self._looks.random() < 0.05:
            self._apply(self._desk.send(self._platform()))
        if self._looks.random() > 0.2:
            return
        ids = [*self._entries, "lost"]
        orders = [
            self._working(self._looks.choice(ids)) for _ in range(self._looks.choice((0, 0, 0, 2)))
        ]
        shown = AccountSnapshot(
            report_sequence=self._desk.reports,
            client="nt",
            account=ACCOUNT,
            positions=matching_holdings(self._desk).positions,
            orders=tuple({order.name: order for order in orders}.values()),
            at_ns=self._desk.now,
        )
        self._apply(self._desk.send(shown))

    def _working(self, position_id: str) -> WorkingOrder:
        roles = (OrderRole.ENTRY, OrderRole.STOP, OrderRole.TARGET, OrderRole.EXIT)
        hand = self._looks.random() < 0.02
        role = OrderRole.EXTERNAL if hand else self._looks.choice(roles)
        return WorkingOrder(
            command_id="" if hand else position_id,
            position_id="" if hand else position_id,
            contract=MNQ,
            role=role,
            side=self._looks.choice(list(Side)),
            quantity=Contracts(1),
            name=f"PW:{position_id}:{role.name[0]}1",
        )

    def _platform(self) -> PlatformState:
        self._desk.reports += 1
        return platform_state(
            report_sequence=self._desk.reports,
            orders_connected=self._looks.random() < 0.9,
            killed_by="ann" if self._looks.random() < 0.1 else "",
            at_ns=self._desk.now,
        )

    def _late_minute(self, close_ns: UnixNanos) -> SessionMinute:
        reading = update(YM, close_ns, close=Ticks(self._price), trade_date=self._date)
        return session_minute(close_ns, reading, date=self._date, late=True)

    def _evaluate(self, name: str, close_ns: UnixNanos) -> Evaluated:
        candidates = []
        if self._random.random() < 0.4:
            sign = self._random.choice((1, -1))
            wanted = candidate(
                name,
                close_ns,
                trade_date=self._date,
                side=Side.LONG if sign > 0 else Side.SHORT,
                entry=Ticks(self._price),
                stop=Ticks(self._price - sign * self._random.randint(-2, 90)),
                target=Ticks(self._price + sign * self._random.randint(1, 150)),
            )
            candidates.append(wanted)
        adjustments = [
            adjustment(
                name,
                position.position_id,
                self._random.choice(list(AdjustmentKind)),
                self._price + self._random.randint(-30, 30),
            )
            for position in self._open.values()
            if position.strategy == name and self._random.random() < 0.3
        ]
        return evaluated(name, close_ns, *candidates, *adjustments, date=self._date)

    def _client(self) -> None:
        waiting, self._commands = self._commands, []
        for command in waiting:
            draw = self._random.random()
            if draw < 0.1:
                continue
            status = AckStatus.ACCEPTED if draw < 0.85 else self._random.choice(list(AckStatus))
            self._apply(self._desk.send(self._desk.ack(command, status)))
            if command.action in _ENTRIES and status is AckStatus.ACCEPTED:
                self._fill_entry(command)
            elif command.action in (Action.EXIT, Action.CANCEL, Action.FLATTEN):
                self._exit(command)
        for position in list(self._open.values()):
            if position.quantity and self._random.random() < 0.1:
                self._fill_exit_order(position)

    def _fill_entry(self, command: OrderCommand) -> None:
        quantity = Contracts(self._random.randint(1, command.quantity))
        price = self._price + self._random.choice((0, 0, 0, 25, -25))
        self._apply(self._desk.send(self._desk.fill(command, price, quantity=quantity)))
        if self._random.random() < 0.8:
            self._apply(self._desk.send(*self._desk.bracket(command)))
        if quantity < command.quantity or self._random.random() < 0.1:
            end = self._random.choice((OrderStatus.CANCELLED, OrderStatus.WORKING))
            self._apply(self._desk.send(self._desk.order(command, end, filled=quantity)))

    def _exit(self, command: OrderCommand) -> None:
        position = self._open.get(command.position_id)
        if position is None or not position.quantity:
            dead = self._desk.order(command, OrderStatus.CANCELLED)
            self._apply(self._desk.send(dead))
        elif self._random.random() < 0.2:
            dead = self._desk.order(command, OrderStatus.REJECTED, role=OrderRole.EXIT)
            self._apply(self._desk.send(dead))
        else:
            self._fill_exit_order(position, OrderRole.EXIT)

    def _fill_exit_order(self, position: Position, role: OrderRole | None = None) -> None:
        entry = self._entries.get(position.position_id)
        if entry is None:
            return
        excess = 1 if self._random.random() < 0.05 else 0
        fill = self._desk.fill(
            entry,
            self._price,
            role=role or self._random.choice((OrderRole.STOP, OrderRole.TARGET)),
            quantity=Contracts(self._random.randint(1, position.quantity) + excess),
        )
        self._apply(self._desk.send(fill))

    def _disturb(self) -> None:
        if self._random.random() > 0.2:
            return
        self._apply(self._desk.send(account_values(self._desk, 50_000.0)))
        now = self._desk.now
        ready = self._random.random() < 0.7
        link = self._random.choice((LinkState.DOWN, LinkState.RECONCILED, LinkState.RECONCILED))
        self._apply(self._desk.link(link))
        troubles: list[Message] = [
            Upstreams(ready=ready, reasons=(), at_ns=now),
            Halt(service="state", reason="drill", at_ns=now),
            Kill(operator="ann", reason="drill", flatten=ready, at_ns=now),
            Kill(operator="ann", reason="odd", flatten=ready, at_ns=now, strategy="fade"),
            Resume(operator="ann", reason="over", at_ns=now, strategy="fade"),
            Resume(operator="ann", reason="over", at_ns=now),
            Resume(operator="ann", reason="over", at_ns=now),
            Tighten(operator="ann", key="trades_per_day", value="25", at_ns=now),
            account_values(self._desk, self._random.randint(49_700, 50_300)),
        ]
        self._apply(self._desk.send(self._random.choice(troubles)))

    def _apply(self, outputs: list[Event]) -> None:
        for command in only(OrderCommand, outputs):
            self._commands.append(command)
            if command.action in _ENTRIES:
                self._entries[command.command_id] = command
        for position in only(Position, outputs):
            self._open[position.position_id] = position
            if position.state is PositionState.CLOSED:
                del self._open[position.position_id]
