"""The client killed at every write: what it had asked for is known, and no order is sent twice."""

import random
from collections.abc import Callable

import pytest

from services.domain.messages.orders import Execution, OrderRole
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_MS, Contracts, Ticks, UnixNanos
from services.nt_twin.positions.account_orders import AccountOrders, AccountOutput, is_request
from services.nt_twin.positions.bracket import ENTRY_REST_NS
from services.venue.broker_view import BrokerView
from services.venue.config import VenueConfig
from services.venue.exchange import Exchange
from services.venue.orders import (
    CancelRequest,
    ChangeRequest,
    ExchangeEvent,
    OrderRequest,
    OrderType,
)
from tests.support.kept_records import KeptRecords
from tests.support.order_builder import ACCOUNT, ORDERS, START, command

_STEP_NS = 300 * NANOS_PER_MS


class _World:
    """An exchange, a client over it whose disk is killed, and what the client has asked for."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.exchange = Exchange(VenueConfig(), ACCOUNT, {ORDERS: ORDERS}, lambda _: "2026-02-06")
        self.disk = KeptRecords()
        self.now = START
        self.reported: list[Execution] = []
        self.kills = 0
        self.sent_names: list[str] = []
        self.client = self.start()

    def start(self) -> AccountOrders:
        """Start a client on the disk, and give it the account as it is."""
        client = AccountOrders(entry_rest_ns=ENTRY_REST_NS, memory=self.disk)
        self.exchange.pop_events()  # while it was away
        view = BrokerView(
            orders=self.exchange.working_orders(),
            executions=self.exchange.executions("", 1_000),
            positions=self.exchange.account.positions(),
            connected=True,
            at_ns=self.now,
        )
        outputs = client.on_view(view, self.now)
        self.client = client
        self.handle(outputs)
        return client

    def handle(self, outputs: list[AccountOutput]) -> None:
        """Commit, then let the requests leave; killed before, behind, or between two of them."""
        fate = self.random.random()
        if fate < 0.04:
            self.kill()
            return
        self.client.remember()
        self.disk.commit()
        self.reported += [each for each in outputs if isinstance(each, Execution)]
        requests = [each for each in outputs if is_request(each)]
        leave = len(requests) if fate > 0.1 else self.random.randrange(len(requests) + 1)
        for request in requests[:leave]:
            assert isinstance(request, OrderRequest | ChangeRequest | CancelRequest)
            if isinstance(request, OrderRequest):
                self.sent_names.append(request.name)
            self.exchange.handle(request, self.now)
        if fate <= 0.1:
            self.kill()

    def kill(self) -> None:
        """Kill the client; the market goes on until the next one starts."""
        self.kills += 1
        self.disk.kill()
        for _ in range(self.random.randrange(3)):
            self.trade()
        self.start()

    def trade(self) -> None:
        """Fill some of an order that works."""
        working = self.exchange.working_orders()
        if working:
            order = self.random.choice(working)
            price = order.request.price or Ticks(1_000)
            some = Contracts(self.random.randint(1, order.remaining))
            self.exchange.fill(order.name, some, price, self.now)

    def deliver(self) -> None:
        """Give the client what has happened."""
        while events := self.exchange.pop_events():
            for event in events:
                self.give(event)

    def give(self, event: ExchangeEvent) -> None:
        """Give the client one event."""
        before = self.kills
        self.handle(self.client.on_event(event, self.now))
        if self.kills != before:  # the rest of what was on its way is in the view
            self.exchange.pop_events()

    def command(self, given: OrderCommand) -> None:
        """Give the client a command, if it has nothing against it."""
        if not self.client.refusal(given, self.now):
            self.handle(self.client.on_command(given, self.now))
            self.deliver()

    def pass_time(self) -> None:
        """Let 300 ms pass."""
        self.now = UnixNanos(self.now + _STEP_NS)
        self.handle(self.client.on_clock(self.now))
        self.deliver()

    @property
    def position(self) -> int:
        """What the account holds, long > 0."""
        return self.exchange.account.position(ORDERS)

    def covered(self) -> bool:
        """Whether stops work over all of it."""
        stops = [
            order
            for order in self.exchange.working_orders()
            if order.request.order_type is OrderType.STOP
        ]
        return sum(order.remaining for order in stops) >= abs(self.position)


def _play(world: _World, steps: int, act: Callable[[_World, int], None]) -> None:
    for number in range(steps):
        act(world, number)
        world.deliver()
        world.pass_time()
    for _ in range(60):
        world.pass_time()


def _act(world: _World, number: int) -> None:
    roll = world.random.random()
    held = [each.terms for each in world.client.open_positions()]
    if roll < 0.25 or not held:
        side = world.random.choice((Action.ENTER_LONG, Action.ENTER_SHORT))
        quantity = Contracts(world.random.randint(1, 3))
        world.command(command(f"c{number}", side, quantity=quantity))
    elif roll < 0.7:
        world.trade()
    elif roll < 0.8:
        first = held[0]
        world.command(command(f"x{number}", Action.EXIT, position_id=first.position_id))
    elif roll < 0.85:
        world.exchange.handle(CancelRequest(_any_name(world)), world.now)
    elif roll < 0.9:
        world.command(command(f"f{number}", Action.FLATTEN, position_id=""))


def _any_name(world: _World) -> str:
    working = world.exchange.working_orders()
    return world.random.choice(working).name if working else "none"


@pytest.mark.parametrize("seed", range(40))
def test_killed_at_any_write_the_client_knows_what_the_account_holds(seed: int) -> None:
    """Positions equal, a stop over all of it, each execution reported once, no name used twice."""
    world = _World(seed)
    _play(world, 60, _act)
    assert world.kills > 3
    assert world.client.position(ORDERS) == world.position
    held = sum(each.side.sign * each.held for each in world.client.open_positions())
    assert held == world.position
    assert world.covered(), world.exchange.working_orders()
    ids = [each.execution_id for each in world.exchange.executions("", 10_000)]
    assert sorted(each.execution_id for each in world.reported) == sorted(ids)
    assert len(world.sent_names) == len(set(world.sent_names))


@pytest.mark.parametrize("seed", range(20))
def test_killed_at_any_write_a_kill_at_the_client_ends_flat(seed: int) -> None:
    """Whatever was held, worked or was on its way: nothing is, within twenty seconds."""
    world = _World(1_000 + seed)
    _play(world, 30, _act)
    for _ in range(70):
        world.handle(world.client.guard("KILL", world.now))
        world.deliver()
        for order in world.exchange.working_orders():
            if order.request.order_type is OrderType.MARKET:
                world.exchange.fill(order.name, order.remaining, Ticks(1_000), world.now)
        world.deliver()
        world.pass_time()
    assert (world.position, world.exchange.working_orders()) == (0, ())


def test_a_new_disk_does_not_report_what_was_before_it() -> None:
    """Of a client that begins without memory the snapshot shows it; names tell whose it was."""
    world = _World(7)
    world.random = random.Random(1)
    world.random.random = lambda: 0.99  # type: ignore[method-assign]  # no kill
    world.command(command("c1", Action.ENTER_LONG, quantity=Contracts(1)))
    world.exchange.fill("PW:c1:ENTRY1", Contracts(1), Ticks(1_000), world.now)
    world.deliver()
    world.disk = KeptRecords()
    fresh = AccountOrders(memory=world.disk)
    assert fresh.is_new
    (stop, *_) = world.exchange.working_orders()
    shown = fresh.working_order(stop)
    assert (shown.role, shown.command_id, shown.position_id) == (OrderRole.STOP, "c1", "c1")
    world.client = fresh
    outputs = world.start().open_positions()
    assert outputs == ()
    assert (fresh.position(ORDERS), Side.LONG.sign) == (0, 1)
    flatten = command("f1", Action.FLATTEN, position_id="")
    world.command(flatten)
    world.exchange.fill("PW:f1:FLATTEN1", Contracts(1), Ticks(1_000), world.now)
    world.deliver()
    assert (world.position, world.exchange.working_orders()) == (0, ())
