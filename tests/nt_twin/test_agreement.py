"""An event the platform lost is found: the account shows what no event explains."""

from services.domain.messages.orders import Execution, OrderRole, OrderUpdate
from services.domain.messages.risk import Action
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_MS, Contracts, Ticks, UnixNanos
from services.nt_twin.positions.account_orders import AccountOrders, is_request
from services.nt_twin.positions.agreement import AccountAgreement
from services.venue.config import VenueConfig
from services.venue.exchange import Exchange
from services.venue.orders import CancelRequest, OrderRequest
from tests.support.order_builder import ACCOUNT, ORDERS, START, command


class _Account:
    """A client whose events can get lost on their way from the exchange."""

    def __init__(self) -> None:
        self.exchange = Exchange(VenueConfig(), ACCOUNT, {ORDERS: ORDERS}, lambda _: "2026-02-06")
        self.orders = AccountOrders()
        self.agreement = AccountAgreement()

    def give_events(self) -> None:
        """Give the client what has happened, until nothing more comes of it."""
        while events := self.exchange.pop_events():
            for event in events:
                for output in self.orders.on_event(event, START):
                    if isinstance(output, OrderRequest | CancelRequest):
                        self.exchange.handle(output, START)

    def must_be_asked(self, after_ms: int) -> bool:
        """Compare so long after the begin."""
        at = UnixNanos(START + after_ms * NANOS_PER_MS)
        shown = self.exchange.account.positions(), self.exchange.working_orders()
        return self.agreement.must_ask(at, differs=self.orders.differs(*shown, ()))

    def view(self, after_ms: int) -> list[object]:
        """Adopt the account as it is."""
        at = UnixNanos(START + after_ms * NANOS_PER_MS)
        return list(self.orders.on_view(self.exchange.view(at), at))


def test_today_a_fill_the_client_was_never_shown_leaves_a_flatten_with_nothing_to_close() -> None:
    """Asked for after half a second, reported as it was, and closed by the next flatten."""
    account = _Account()
    account.exchange.fill_manual_order(ORDERS, Side.SHORT, Contracts(1), Ticks(1_000), START)
    account.exchange.pop_events()  # lost
    assert [account.must_be_asked(ms) for ms in (0, 499)] == [False, False]
    assert account.must_be_asked(500)
    (fill,) = (each for each in account.view(500) if isinstance(each, Execution))
    assert (fill.role, fill.side, fill.quantity) == (OrderRole.EXTERNAL, Side.SHORT, 1)
    assert not account.must_be_asked(501)
    outputs = account.orders.on_command(command("f", Action.FLATTEN, position_id=""), START)
    (order,) = (each for each in outputs if is_request(each))
    assert isinstance(order, OrderRequest)
    assert (order.side, order.quantity) == (Side.LONG, 1)


def test_an_end_the_client_was_never_shown_is_found() -> None:
    """An entry that was cancelled unseen does not work for ever."""
    account = _Account()
    (entry,) = account.orders.on_command(command("c", Action.ENTER_LONG), START)
    assert isinstance(entry, OrderRequest)
    account.exchange.handle(entry, START)
    account.give_events()
    assert not account.must_be_asked(0)
    account.exchange.handle(CancelRequest(entry.name), START)
    account.exchange.pop_events()  # lost
    assert [account.must_be_asked(ms) for ms in (1, 400, 501)] == [False, False, True]
    (update,) = (each for each in account.view(501) if isinstance(each, OrderUpdate))
    assert (update.role.name, update.status.name) == ("ENTRY", "CANCELLED")
    assert account.orders.open_positions() == ()


def test_an_event_that_was_only_late_asks_nobody() -> None:
    """What comes within half a second is no loss."""
    account = _Account()
    account.exchange.fill_manual_order(ORDERS, Side.LONG, Contracts(1), Ticks(1_000), START)
    assert not account.must_be_asked(0)
    account.give_events()
    assert [account.must_be_asked(ms) for ms in (499, 600, 2_000)] == [False, False, False]
