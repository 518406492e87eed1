"""The client's orders at an exchange elsewhere: requests leave in a queue, events come in later.

Rule 1: positions, working orders and money are what the account shows, beside its events, which may
        be lost or late; orders on their way to the exchange work as well until it has handled them.
Rule 2: while the exchange cannot be reached, entries are refused, and what is sent all the same is
        rejected here, as a platform does: nothing waits to be carried out behind a newer view.
Rule 3: a view is asked for when the account shows what no event explains (agreement.py).
Rule 4: a view is adopted before anything else: fills that were missed, then orders that have ended
        meanwhile, then again what was changed or cancelled and has not arrived.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from services.domain.messages.market import Bar
from services.domain.messages.orders import AccountValues, HeldPosition, WorkingOrder
from services.domain.messages.risk import OrderCommand
from services.domain.units import Contracts, UnixNanos
from services.nt_twin.memory.records import Memory
from services.nt_twin.positions.account_orders import AccountOrders, AccountOutput, ClientReport
from services.nt_twin.positions.agreement import AccountAgreement
from services.nt_twin.positions.alarm import Alarm
from services.nt_twin.positions.bracket import ENTRY_REST_NS, Bracket
from services.nt_twin.positions.tracked_order import TrackedOrder
from services.venue.broker_view import BrokerView
from services.venue.exchange_messages import ShownAccount
from services.venue.orders import (
    AccountOrder,
    CancelRequest,
    ChangeRequest,
    ExchangeEvent,
    ExchangeRequest,
    ExchangeState,
    OrderRequest,
)

_UNREACHABLE = "the exchange cannot be reached"


class RemoteAccount:
    """One account at an exchange in another process, with the client's brackets over it."""

    def __init__(self, memory: Memory | None = None) -> None:
        self._orders = AccountOrders(entry_rest_ns=ENTRY_REST_NS, memory=memory)
        self._now = UnixNanos(0)
        self._reachable = False
        self._shown: ShownAccount | None = None
        self._requests: deque[ExchangeRequest] = deque()
        self.sent_count = 0
        """Requests handed over by `pop_requests`: the number of the last one."""
        self._unhandled: dict[int, OrderRequest] = {}
        """New orders handed over that the exchange may not have read yet, by number."""
        self._alarms: list[Alarm] = []
        self._earlier: list[ClientReport] = []
        self._agreement = AccountAgreement()

    # -- the link -----------------------------------------------------------------------------

    def pop_requests(self) -> list[ExchangeRequest]:
        """Give what is to be sent to the exchange, in order."""
        requests = list(self._requests)
        self._requests.clear()
        for request in requests:
            self.sent_count += 1
            if isinstance(request, OrderRequest):
                self._unhandled[self.sent_count] = request
        return requests

    def on_event(self, event: ExchangeEvent, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Follow an event of the account."""
        self._follow(now)
        return self._applied(self._orders.on_event(event, self._now))

    def on_shown(self, shown: ShownAccount, handled: int, now: UnixNanos) -> None:
        """Note what the account shows behind its events, and which requests it has handled."""
        self._shown = shown
        for number in [each for each in self._unhandled if each <= handled]:
            del self._unhandled[number]
        self._follow(now)

    def wants_view(self, now: UnixNanos) -> bool:
        """Whether the account shows what no event explains, so that it must be asked for."""
        if self._shown is None or not (self._reachable and self._shown.connected):
            self._agreement.begin_anew()
            return False
        differs = self._orders.differs(self.positions(), self._shown.orders, self._leaving())
        return self._agreement.must_ask(now, differs=differs)

    def on_view(
        self, view: BrokerView, shown: ShownAccount, now: UnixNanos, handled: int | None = None
    ) -> tuple[ClientReport, ...]:
        """Adopt the account as it is; from now on requests leave.

        `handled`: number of the last request that the view is behind of; None: a connection begins,
        nothing is on its way.
        """
        self._reachable = True
        self.on_shown(shown, self.sent_count if handled is None else handled, now)
        self._agreement.begin_anew()
        is_new = self._orders.is_new
        reports = self._applied(self._orders.on_view(view, self._now, self._leaving()))
        if handled is None:
            reports += self._applied(_repeated(view, self._tracked()))
        if not is_new:
            return reports
        self._earlier += reports
        return ()

    def on_order_unknown(self, name: str, text: str, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Take an order for ended that the exchange does not know."""
        tracked = next((each for each in self._tracked() if each.request.name == name), None)
        return () if tracked is None else self.on_event(_ended(tracked, now, text), now)

    def on_lost(self, now: UnixNanos) -> tuple[ClientReport, ...]:
        """The exchange cannot be reached: what has not left is rejected."""
        self._reachable = False
        self._follow(now)
        requests = list(self._requests)
        self._requests.clear()
        return self._applied(requests)

    # -- what the client asks -----------------------------------------------------------------

    @property
    def account(self) -> "RemoteAccount":
        """What the account holds."""
        return self

    def position(self, contract: str) -> int:
        """Give the net position of a contract, long > 0."""
        return next((p.quantity for p in self.positions() if p.contract == contract), 0)

    def positions(self) -> tuple[HeldPosition, ...]:
        """Give every net position that is not flat, by contract name."""
        holdings = None if self._shown is None else self._shown.values.holdings
        return () if holdings is None else holdings.positions

    def refusal(self, command: OrderCommand) -> str:
        """Why a command cannot be carried out; empty when it can."""
        if command.is_entry and not self._reachable:
            return _UNREACHABLE
        return self._orders.refusal(command, self._now)

    def execute(self, command: OrderCommand, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Carry out a command that `refusal` has nothing against."""
        self._follow(now)
        return self._applied(self._orders.on_command(command, self._now))

    def cancel_entries(self, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Cancel what is left of every entry; what is held keeps its bracket."""
        self._follow(now)
        return self._applied(self._orders.cancel_entries(self._now))

    def guard(self, code: str, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Cancel what works and close what is held, by the client itself, for `code`."""
        self._follow(now)
        return self._applied(self._orders.guard(code, self._now))

    def on_clock(self, now: UnixNanos, forming: tuple[Bar, ...] = ()) -> tuple[ClientReport, ...]:
        """Do what time demands; the minute under way trades at the exchange."""
        del forming
        self._follow(now)
        return self._applied(self._orders.on_clock(self._now))

    def on_bar(self, bar: Bar) -> tuple[ClientReport, ...]:
        """Nothing: the bar has traded at the exchange."""
        del bar
        return ()

    def working_quantity(self, contract: str) -> Contracts:
        """Give the contracts of entries still working in a contract, both directions added."""
        return self._orders.working_quantity(contract)

    def working_orders(self) -> Iterator[WorkingOrder]:
        """Give every order that works on the account, or is on its way there."""
        shown = () if self._shown is None else self._shown.orders
        names = {order.name for order in shown}
        leaving = [*self._unhandled.values(), *self._requests]
        sent = [
            AccountOrder(request=request, state=ExchangeState.SUBMITTED, at_ns=self._now)
            for request in leaving
            if isinstance(request, OrderRequest) and request.name not in names
        ]
        for order in (*shown, *sent):
            yield self._orders.working_order(order)

    def open_positions(self) -> tuple[Bracket, ...]:
        """Give every position that is held or working."""
        return self._orders.open_positions()

    def values(self, at: UnixNanos) -> AccountValues:
        """Give the account as the exchange has last shown it, at the time of then."""
        del at
        assert self._shown is not None, "the account has not been seen"
        return self._shown.values

    @property
    def is_new(self) -> bool:
        """Nothing is remembered of a time before this process."""
        return self._orders.is_new

    @property
    def connected(self) -> bool:
        """Whether the platform has its connection to the broker."""
        return self._orders.connected

    @property
    def quiet_until_ns(self) -> int:
        """After a reconnection no entry is sent before."""
        return self._orders.quiet_until_ns

    def remember(self) -> None:
        """Write what has changed to the client's disk, with its next commit."""
        self._orders.remember()

    def pop_earlier(self) -> tuple[ClientReport, ...]:
        """Give what the account showed of a time before this client's memory, once."""
        earlier, self._earlier = tuple(self._earlier), []
        return earlier

    def refuse_unsent_entries(self, text: str, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Reject entries that have not left yet: what was decided is not on the disk."""
        self._follow(now)
        entries = [r for r in self._requests if isinstance(r, OrderRequest) and not r.closes]
        self._requests = deque(each for each in self._requests if each not in entries)
        reports: list[ClientReport] = []
        for entry in entries:
            rejected = _rejected(entry, self._now, text)
            reports += self._applied(self._orders.on_event(rejected, self._now))
        return tuple(reports)

    def pop_alarms(self) -> tuple[Alarm, ...]:
        """Give what an operator must look at, once."""
        alarms = tuple(self._alarms)
        self._alarms.clear()
        return alarms

    # -- pieces -------------------------------------------------------------------------------

    def _leaving(self) -> set[str]:
        return {each.name for each in (*self._unhandled.values(), *self._requests)}

    def _tracked(self) -> list[TrackedOrder]:
        positions = self._orders.open_positions()
        return [position.tracked(name) for position in positions for name in position.names]

    def _follow(self, now: UnixNanos) -> None:
        self._now = max(self._now, now)
        if self._shown is not None:  # before the first view there is no connection to be lost
            connected = self._reachable and self._shown.connected
            self._orders.on_connection(self._now, connected=connected)

    def _applied(self, outputs: Iterable[AccountOutput]) -> tuple[ClientReport, ...]:
        reports: list[ClientReport] = []
        waiting = deque(outputs)
        while waiting:
            output = waiting.popleft()
            if isinstance(output, OrderRequest | ChangeRequest | CancelRequest):
                if self._reachable:
                    self._requests.append(output)
                elif isinstance(output, OrderRequest):
                    rejected = _rejected(output, self._now, _UNREACHABLE)
                    waiting += self._orders.on_event(rejected, self._now)
            elif isinstance(output, Alarm):
                self._alarms.append(output)
            else:
                reports.append(output)
        return tuple(reports)


def _repeated(view: BrokerView, tracked: list[TrackedOrder]) -> Iterator[ExchangeRequest]:
    # A change or a cancel that was lost on its way: an order's terms are those last requested.
    orders = {order.name: order.request for order in view.orders}
    for each in tracked:
        wanted = each.request
        shown = orders.get(wanted.name)
        if shown is None or each.ended:
            continue
        if each.cancel_sent_ns is not None:
            yield CancelRequest(wanted.name)
        elif (shown.quantity, shown.price) != (wanted.quantity, wanted.price):
            yield ChangeRequest(name=wanted.name, quantity=wanted.quantity, price=wanted.price)


def _ended(tracked: TrackedOrder, now: UnixNanos, text: str) -> AccountOrder:
    filled = max(tracked.filled, tracked.announced)
    return AccountOrder(
        request=tracked.request,
        state=ExchangeState.CANCELLED,
        filled=Contracts(filled),
        text=text,
        at_ns=max(now, tracked.updated_ns),
    )


def _rejected(request: OrderRequest, now: UnixNanos, text: str) -> AccountOrder:
    return AccountOrder(request=request, state=ExchangeState.REJECTED, text=text, at_ns=now)
