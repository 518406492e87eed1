"""A random market against random commands: what must hold at a venue after every single step."""

from collections.abc import Iterable
from random import Random

import pytest

from services.domain.messages.market import Bar
from services.domain.messages.orders import Execution, OrderRole, OrderStatus, OrderUpdate
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, Ticks
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.simulated_account import SimulatedAccount
from services.venue.config import VenueConfig
from tests.support.order_builder import ORDERS, bar, command, minute
from tests.support.venue_builder import venue

_STEPS = 6_000
_START = 50_000_000_000
_TICK_VALUE = 500_000
_OPEN_MAX = 5
_ENTRIES = (Action.ENTER_LONG, Action.ENTER_SHORT)
_OTHERS = tuple(action for action in Action if action not in _ENTRIES)


class _Books:
    """An independent reading of the reports: holdings and working legs by position, and cash."""

    def __init__(self) -> None:
        self.held: dict[str, int] = {}
        self.legs: dict[tuple[str, OrderRole], int] = {}
        self.flow = 0
        self.entries = 0

    def read(self, events: Iterable[ClientReport]) -> None:
        for event in events:
            if isinstance(event, Execution):
                signed = event.quantity if event.side is Side.LONG else -event.quantity
                was = self.held.get(event.position_id, 0)
                self.held[event.position_id] = was + signed
                self.flow -= signed * event.price * _TICK_VALUE + event.commission
                self.entries += event.role is OrderRole.ENTRY
                if event.role is not OrderRole.ENTRY:
                    assert abs(was + signed) < abs(was), "an exit reduces, never reverses"
            elif isinstance(event, OrderUpdate) and event.role in (
                OrderRole.STOP,
                OrderRole.TARGET,
            ):
                works = event.status is OrderStatus.WORKING
                key = (event.position_id, event.role)
                self.legs[key] = event.quantity if works else 0

    def check(self, desk: SimulatedAccount, last: int) -> None:
        """Never naked but for an exit on its way, never over-protected; the money adds up."""
        closing = {p.terms.position_id for p in desk.open_positions() if p.closing is not None}
        for (position, _), quantity in self.legs.items():
            covered = 0 if position in closing else abs(self.held.get(position, 0))
            assert quantity == covered, (position, self.legs)
        for position, held in self.held.items():
            works = self.legs.get((position, OrderRole.STOP))
            assert not held or position in closing or works == abs(held)
        net = sum(self.held.values())
        assert desk.account.position(ORDERS) == net
        equity = _START + self.flow + net * last * _TICK_VALUE
        assert desk.account.cash + desk.account.unrealised() == equity
        self.held = {position: held for position, held in self.held.items() if held}
        self.legs = {key: quantity for key, quantity in self.legs.items() if quantity}
        if not self.held:
            assert desk.account.cash == _START + self.flow


class _Market:
    """Bars of a wild random walk, with gaps."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.last = 10_000
        self.count = 10

    def bar(self) -> Bar:
        random = self._random
        self.count += 1
        gap = random.choice((0, 0, 0, random.randint(-80, 80)))
        opened = max(1_000, self.last + gap)
        high = opened + random.randint(0, 60)
        low = opened - random.randint(0, 60)
        self.last = random.randint(low, high)
        return bar(self.count, (opened, high, low, self.last))


def _commands(
    random: Random, market: _Market, desk: SimulatedAccount, serial: int
) -> list[OrderCommand]:
    """Zero to three commands, some of them nonsense."""
    made = []
    open_ids = [ticket.terms.position_id for ticket in desk.open_positions()]
    room = len(open_ids) < _OPEN_MAX
    for nth in range(random.randint(0, 3)):
        name = f"{serial}-{nth}"
        position = random.choice(open_ids) if open_ids else "nobody"
        action = random.choice((*Action, *_ENTRIES) if room else _OTHERS)
        long = action is Action.ENTER_LONG
        entry = action in _ENTRIES
        away = random.randint(1, 90) * (1 if long else -1)
        stop, target = Ticks(market.last - away), Ticks(market.last + away)
        made.append(
            command(
                name,
                action,
                position_id=name if entry else position,
                quantity=Contracts(random.randint(1, 5) if entry else 0),
                stop=stop,
                target=target,
            )
        )
    return made


@pytest.mark.parametrize("seed", range(4))
def test_a_random_market_finds_nobody_naked(seed: int) -> None:
    """24,000 bars over four seeds, up to three commands each; the books are kept independently."""
    random = Random(seed)
    desk = venue(VenueConfig(partial_fill_max=random.choice((None, 1, 2))))
    market, books = _Market(random), _Books()
    for serial in range(_STEPS):
        for order in _commands(random, market, desk, serial):
            if not desk.refusal(order):
                books.read(desk.execute(order, minute(market.count)))
        books.check(desk, market.last)
        books.read(desk.on_bar(market.bar()))
        books.check(desk, market.last)
        if serial % 500 == 499:
            books.read(desk.execute(command(f"f{serial}", Action.FLATTEN), minute(market.count)))
            books.read(desk.on_bar(market.bar()))
            assert desk.account.positions() == (), f"seed {seed}: not flat after a flatten"
            assert desk.open_positions() == ()
            assert desk.account.cash == _START + books.flow
    assert books.entries > 1_000, f"seed {seed} hardly traded: {books.entries} entries"
