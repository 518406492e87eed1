"""The positions of an account where events come as no scenario has them: late, after the end."""

from services.domain.messages.orders import Execution, OrderUpdate
from services.domain.messages.risk import Action
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_SECOND, Contracts, MicroUsd, Ticks, UnixNanos
from services.nt_twin.positions.account_orders import AccountOrders, AccountOutput
from services.nt_twin.positions.alarm import Alarm
from services.venue.config import VenueConfig
from services.venue.exchange import Exchange
from services.venue.orders import (
    AccountExecution,
    CancelRequest,
    ChangeRequest,
    OrderRequest,
)
from tests.support.order_builder import ACCOUNT, ORDERS, command, minute

_NOW = minute(10)


class _Session:
    """The account's positions and an exchange that fills by hand."""

    def __init__(self) -> None:
        self.orders = AccountOrders()
        self.exchange = Exchange(VenueConfig(), ACCOUNT, {ORDERS: ORDERS}, lambda _: "d")
        self.seen: list[AccountOutput] = []

    def give(self, outputs: list[AccountOutput], now: UnixNanos = _NOW) -> None:
        self.seen += outputs
        for output in outputs:
            if isinstance(output, OrderRequest | ChangeRequest | CancelRequest):
                self.exchange.handle(output, now)
        for event in self.exchange.pop_events():
            self.give(self.orders.on_event(event, now), now)

    def enter(self, name: str = "p", quantity: int = 1) -> None:
        self.give(self.orders.on_command(command(name, quantity=Contracts(quantity)), _NOW))
        self.fill(f"PW:{name}:ENTRY1", quantity)

    def fill(self, name: str, quantity: int = 1, price: int = 1000) -> None:
        self.exchange.fill(name, Contracts(quantity), Ticks(price), _NOW)
        self.give([])

    def late(self, name: str, side: Side) -> None:
        """A fill of an order that has ended, as a broker delivers it."""
        execution = AccountExecution(
            execution_id="late",
            name=name,
            account=ACCOUNT,
            contract=ORDERS,
            side=side,
            quantity=Contracts(1),
            price=Ticks(1000),
            commission=MicroUsd(0),
            at_ns=_NOW,
        )
        self.give(self.orders.on_event(execution, _NOW))

    @property
    def working(self) -> list[str]:
        return [order.name for order in self.exchange.working_orders()]


def test_a_fill_after_the_end_opens_the_position_again() -> None:
    """The target fills although the stop has closed the position: it is reversed and ended."""
    session = _Session()
    session.enter()
    session.fill("PW:p:STOP1")
    assert session.orders.open_positions() == ()
    session.late("PW:p:TARGET1", Side.SHORT)
    assert [p.held for p in session.orders.open_positions()] == [-1]
    assert session.working == ["PW:p:GUARD1"]
    assert [a.code for a in session.seen if isinstance(a, Alarm)] == ["REVERSED"]
    session.fill("PW:p:GUARD1")
    assert session.orders.open_positions() == ()


def test_an_entry_that_fills_after_its_end_is_protected() -> None:
    """Cancelled, and filled all the same: a stop and a target work over it."""
    session = _Session()
    session.give(session.orders.on_command(command("p"), _NOW))
    session.give(session.orders.on_command(command("k", Action.CANCEL), _NOW))
    assert session.orders.open_positions() == ()
    session.late("PW:p:ENTRY1", Side.LONG)
    assert session.working == ["PW:p:STOP1", "PW:p:TARGET1"]
    assert [p.held for p in session.orders.open_positions()] == [1]


def test_a_second_flatten_cancels_at_once_and_closes_after_the_first() -> None:
    """What was entered between the two is cancelled at the second; it reports for itself."""
    session = _Session()
    session.enter()
    session.give(session.orders.on_command(command("f1", Action.FLATTEN), _NOW))
    session.give(session.orders.on_command(command("q"), _NOW))
    session.give(session.orders.on_command(command("f2", Action.FLATTEN), _NOW))
    assert session.working == ["PW:f1:FLATTEN1"]
    session.fill("PW:f1:FLATTEN1")
    ends = [
        (u.command_id, u.status.name)
        for u in session.seen
        if isinstance(u, OrderUpdate) and u.role.name == "FLATTEN"
    ]
    assert ends == [
        ("f1", "WORKING"),
        ("f2", "WORKING"),
        ("f1", "FILLED"),
        ("f2", "CANCELLED"),
    ]
    assert session.orders.position(ORDERS) == 0


def test_a_flatten_does_not_wait_for_ever_for_one_cancel() -> None:
    """One position's cancel is never answered: after 2 s the other one is closed all the same."""
    session = _Session()
    session.enter("p")
    session.enter("q")
    outputs = session.orders.on_command(command("f", Action.FLATTEN), _NOW)
    session.give([o for o in outputs if getattr(o, "name", "")[:5] != "PW:p:"])
    assert "PW:f:FLATTENB1" not in session.working
    later = UnixNanos(_NOW + 2 * NANOS_PER_SECOND)
    outputs = session.orders.on_clock(later)
    names = [o.name for o in outputs if isinstance(o, OrderRequest | CancelRequest)]
    assert names == ["PW:p:STOP1", "PW:p:TARGET1", "PW:f:FLATTENB1"]


def test_an_exit_out_of_a_guards_close_is_accepted() -> None:
    """A human must always get flat: the close goes on under the command."""
    session = _Session()
    session.enter()
    session.fill("PW:p:STOP1")
    session.late("PW:p:TARGET1", Side.SHORT)
    assert session.orders.refusal(command("x", Action.EXIT), _NOW) == ""
    session.give(session.orders.on_command(command("x", Action.EXIT), _NOW))
    assert session.working == ["PW:x:EXIT1"]
    session.fill("PW:x:EXIT1")
    fills = [f.role.name for f in session.seen if isinstance(f, Execution)]
    assert fills == ["ENTRY", "STOP", "TARGET", "EXIT"]
    assert session.orders.open_positions() == ()
