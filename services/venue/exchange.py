"""The simulated exchange and one broker's account at it: orders, executions, positions, values.

Rule 1: an order is working or ended; an ended one never changes, and its name is never used again.
Rule 2: on the played clock what is requested between bars works from the next bar on: at its open
        the market orders that close, then those that open, each in the order of their requests;
        then stops and limits, a pair of one OCO id judged as one (fills.py).
Rule 3: what fills at the open carries the bar's open time, what fills inside it the close stamp.
Rule 4: after every fill the client may answer: what it requests while it reads an event of a bar
        takes part in the rest of that bar.
Rule 5: live, a price is a bar of one price (price_path.py): what is requested fills at the price of
        now.
Rule 6: the account keeps executions of the trade date and every order that works, whoever is
        connected: a client that was away asks for them in pages.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from msgspec.structs import replace

from services.domain.instruments import instrument
from services.domain.messages.market import Bar, DeltaSource
from services.domain.messages.orders import AccountValues, HeldPosition, Holdings, OrderRole
from services.domain.messages.strategy import Side
from services.domain.units import (
    NANOS_PER_MINUTE,
    NANOS_PER_SECOND,
    Contracts,
    MicroUsd,
    Ticks,
    UnixNanos,
)
from services.venue.account import Account
from services.venue.broker_view import BrokerView
from services.venue.config import VenueConfig
from services.venue.fills import bracket_fill, market_fill
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

UNNUMBERED = 0
"""Report sequence of an event the client has not numbered yet."""


class Exchange:
    """One account at an exchange that trades on bars or on prices."""

    def __init__(
        self,
        config: VenueConfig,
        account_name: str,
        prices: Mapping[str, str],
        date_of: Callable[[UnixNanos], str],
    ) -> None:
        """`prices`: order contract to the contract whose bars fill it. `date_of`: trade date."""
        self._config = config
        self._account_name = account_name
        self._filled_by: dict[str, list[str]] = {}
        for contract, data_contract in prices.items():
            self._filled_by.setdefault(data_contract, []).append(contract)
        self._date_of = date_of
        self._date = ""
        self._working: dict[str, AccountOrder] = {}
        self._ended: dict[str, AccountOrder] = {}
        """Of the trade date, by name: an ended name is never used again."""
        self._oco_used: set[str] = set()
        self._executions: list[AccountExecution] = []
        self._execution_count = 0
        self._events: deque[ExchangeEvent] = deque()
        self.connected = True
        """Whether the client's platform has its connection."""
        self.halted: set[str] = set()
        """Order contracts in which nothing trades; orders are accepted and wait."""
        tick_values = {contract: instrument(contract).tick_value for contract in prices}
        self.account = Account(config.cash, tick_values)

    def filled_by(self, data_contract: str) -> tuple[str, ...]:
        """Give the order contracts that a contract's bars fill."""
        return tuple(self._filled_by.get(data_contract, ()))

    # -- requests ---------------------------------------------------------------------------

    def handle(self, request: ExchangeRequest, now: UnixNanos) -> None:
        """Carry out a client's request; what comes of it is among the events."""
        match request:
            case OrderRequest():
                self._submit(request, now)
            case ChangeRequest():
                self._change(request, now)
            case CancelRequest():
                self._cancel(request.name, now)

    def on_clock(self, now: UnixNanos) -> None:
        """Time passes: by itself nothing happens here; faulty_exchange.py has more to do."""

    def pop_events(self) -> tuple[ExchangeEvent, ...]:
        """Give what has happened since the last call, in order."""
        return tuple(self._drain())

    def working_orders(self) -> tuple[AccountOrder, ...]:
        """Give every order that works, in the order of their requests."""
        return tuple(self._working.values())

    def executions(self, after_id: str, most: int) -> tuple[AccountExecution, ...]:
        """Give one page of the trade date's executions: those behind `after_id`, the oldest first.

        An id that is not of this trade date begins at the first.
        """
        ids = [execution.execution_id for execution in self._executions]
        start = ids.index(after_id) + 1 if after_id in ids else 0
        return tuple(islice(self._executions, start, start + most))

    def view(self, at: UnixNanos) -> BrokerView:
        """Give the account at one moment, for a client that was away."""
        return BrokerView(
            orders=self.working_orders(),
            executions=tuple(self._executions),
            positions=self.account.positions(),
            connected=self.connected,
            at_ns=at,
        )

    def knows(self, name: str) -> bool:
        """Whether an order of this name works, or has ended on this trade date."""
        return name in self._working or name in self._ended

    def values(self, at: UnixNanos) -> AccountValues:
        """Give the account as the broker shows it."""
        return AccountValues(
            report_sequence=UNNUMBERED,
            account=self._account_name,
            cash=self.account.cash,
            realised=self.account.realised,
            unrealised=self.account.unrealised(),
            at_ns=at,
            # A simulated broker asks no margin: all of it is in excess.
            excess_margin=MicroUsd(self.account.cash + self.account.unrealised()),
            holdings=Holdings(self.account.positions()),
        )

    # -- what others do to the account --------------------------------------------------------

    def fill_manual_order(
        self, contract: str, side: Side, quantity: Contracts, price: Ticks, at: UnixNanos
    ) -> None:
        """Fill an order that was entered by hand on the same account."""
        self._execute("", contract, side, quantity, price, at)
        self._events.append(self.values(at))

    def fill(self, name: str, quantity: Contracts, price: Ticks, at: UnixNanos) -> None:
        """Fill some of an order that works, whatever the market does."""
        self._fill(self._working[name], quantity, price, at)

    def detach(self, name: str) -> None:
        """Forget the OCO id of an order that works, as when the PC that keeps it is away."""
        if order := self._working.get(name):
            self._working[name] = replace(order, request=replace(order.request, oco=""))

    def reject(self, request: OrderRequest, text: str, at: UnixNanos) -> None:
        """Refuse a new order as a broker does: submitted, then rejected."""
        order = AccountOrder(request=request, state=ExchangeState.SUBMITTED, at_ns=at)
        self._events.append(order)
        if self.knows(order.name):
            self._events.append(replace(order, state=ExchangeState.REJECTED, text=text))
        else:
            self._end(order, ExchangeState.REJECTED, at, text)

    def cancel_day_orders(self, at: UnixNanos) -> None:
        """Cancel what is DAY, as an exchange does when its session to the client is lost."""
        for order in self.working_orders():
            if not order.request.till_cancelled:
                self._cancel(order.name, at)

    # -- the market ---------------------------------------------------------------------------

    def on_bar(self, bar: Bar) -> Iterator[ExchangeEvent]:
        """Let a bar trade; gives what happens as it happens, so that the client can answer."""
        open_ns = UnixNanos(bar.close_ns - NANOS_PER_MINUTE)
        yield from self._on_market(bar, open_ns)

    def on_price(self, data_contract: str, price: Ticks, now: UnixNanos) -> Iterator[ExchangeEvent]:
        """Let a price trade, live: an order fills at it or not at all."""
        quote = Bar(
            contract=data_contract,
            close_ns=now,
            open=price,
            high=price,
            low=price,
            close=price,
            volume=Contracts(0),
            delta_source=DeltaSource.NONE,
            historical=False,
            partial=False,
        )
        yield from self._on_market(quote, now)

    def _on_market(self, bar: Bar, open_ns: UnixNanos) -> Iterator[ExchangeEvent]:
        before = self._execution_count
        for contract in self._filled_by.get(bar.contract, ()):
            if self._working and contract not in self.halted:  # on most bars nothing works
                yield from self._trade(contract, bar, open_ns)
            self.account.mark(contract, bar.close)
        if self._execution_count != before:
            yield self.values(bar.close_ns)

    def _trade(self, contract: str, bar: Bar, open_ns: UnixNanos) -> Iterator[ExchangeEvent]:
        yield from self._drain()
        for closes in (True, False):
            yield from self._fill_market_orders(contract, bar, open_ns, closes=closes)
        judged: set[str] = set()
        while (group := self._next_group(contract, judged)) is not None:
            judged.update(order.name for order in group)
            self._fill_group(group, bar, open_ns)
            yield from self._drain()
        # What a client has sent in answer to a stop or a limit is a market order of now.
        yield from self._fill_market_orders(contract, bar, bar.close_ns, closes=True, late=True)

    def _fill_market_orders(
        self,
        contract: str,
        bar: Bar,
        at: UnixNanos,
        *,
        closes: bool,
        late: bool = False,
    ) -> Iterator[ExchangeEvent]:
        filled: set[str] = set()
        while True:
            order = next(
                (
                    each
                    for each in self._working.values()
                    if each.request.order_type is OrderType.MARKET
                    and each.request.contract == contract
                    and each.request.closes is closes
                    and each.name not in filled
                ),
                None,
            )
            if order is None:
                return
            filled.add(order.name)
            traded = replace(bar, open=bar.close) if late else bar
            price = market_fill(traded, order.request.side, self._config)
            self._fill(order, self._most(order), price, at)
            yield from self._drain()

    def _most(self, order: AccountOrder) -> Contracts:
        # How much of an order fills at once.
        most = self._config.partial_fill_max
        if most is None or order.request.closes:
            return order.remaining
        return Contracts(min(order.remaining, most))

    def _next_group(self, contract: str, judged: set[str]) -> tuple[AccountOrder, ...] | None:
        # The oldest stop or limit not yet judged in this bar, with the other one of its OCO id.
        for order in self._working.values():
            request = order.request
            if request.contract != contract or order.name in judged:
                continue
            if request.order_type is OrderType.MARKET:
                continue
            return tuple(
                each
                for each in self._working.values()
                if each.name == order.name or (request.oco and each.request.oco == request.oco)
            )
        return None

    def _fill_group(self, group: tuple[AccountOrder, ...], bar: Bar, open_ns: UnixNanos) -> None:
        legs = {order.request.order_type: order for order in group}
        stop, limit = legs.get(OrderType.STOP), legs.get(OrderType.LIMIT)
        held = group[0].request.side.opposite
        filled = bracket_fill(bar, held, _price(stop), _price(limit), self._config)
        if filled is None:
            return
        order = stop if filled.role is OrderRole.STOP else limit
        assert order is not None
        at = open_ns if filled.at_open else bar.close_ns
        self._fill(order, self._most(order), filled.price, at)

    # -- orders -----------------------------------------------------------------------------

    def _submit(self, request: OrderRequest, now: UnixNanos) -> None:
        if refusal := self._refusal(request):
            self.reject(request, refusal, now)
            return
        order = AccountOrder(request=request, state=ExchangeState.SUBMITTED, at_ns=now)
        for state in (ExchangeState.SUBMITTED, ExchangeState.ACCEPTED, ExchangeState.WORKING):
            order = self._keep(replace(order, state=state))

    def _refusal(self, request: OrderRequest) -> str:
        if self.knows(request.name):
            return f"order {request.name} exists"
        if request.contract not in self._contracts():
            return f"contract {request.contract} is not traded here"
        if request.quantity < 1:
            return f"quantity is {request.quantity}, expected at least 1"
        if (request.price is None) is not (request.order_type is OrderType.MARKET):
            return f"{request.order_type.name} order with price {request.price}"
        if request.oco in self._oco_used:
            return f"OCO id {request.oco} has been used"
        return ""

    def _contracts(self) -> frozenset[str]:
        return frozenset(name for names in self._filled_by.values() for name in names)

    def _change(self, request: ChangeRequest, now: UnixNanos) -> None:
        order = self._working.get(request.name)
        if order is None:
            self._cannot(request.name, "change", now)
            return
        quantity, price = request.quantity, request.price
        its = order.request
        changed = replace(
            its,
            quantity=its.quantity if quantity is None else quantity,
            price=its.price if price is None else price,
        )
        if changed.quantity <= order.filled:
            self._end(replace(order, request=changed), ExchangeState.CANCELLED, now)
            return
        self._keep(replace(order, request=changed, text="", at_ns=now))

    def _cancel(self, name: str, now: UnixNanos) -> None:
        order = self._working.get(name)
        if order is None:
            self._cannot(name, "cancel", now)
            return
        order = self._keep(replace(order, state=ExchangeState.CANCEL_PENDING, at_ns=now))
        self._end(order, ExchangeState.CANCELLED, now)

    def _cannot(self, name: str, what: str, now: UnixNanos) -> None:
        if ended := self._ended.get(name):
            text = f"unable to {what}: the order is {ended.state.name}"
            self._events.append(replace(ended, text=text, at_ns=now))

    def _keep(self, order: AccountOrder) -> AccountOrder:
        self._working[order.name] = order
        self._events.append(order)
        return order

    def _end(
        self, order: AccountOrder, state: ExchangeState, at: UnixNanos, text: str = ""
    ) -> None:
        ended = replace(order, state=state, text=text, at_ns=at)
        self._working.pop(ended.name, None)
        self._ended[ended.name] = ended
        self._events.append(ended)
        if state is not ExchangeState.FILLED:  # a fill ends the other one behind its execution
            self._end_other(ended, at)

    def _end_other(self, ended: AccountOrder, at: UnixNanos) -> None:
        oco = ended.request.oco
        if not oco:
            return
        self._oco_used.add(oco)
        for other in self.working_orders():
            if other.request.oco == oco:
                self._end(other, ExchangeState.CANCELLED, at)

    # -- fills ------------------------------------------------------------------------------

    def _fill(self, order: AccountOrder, quantity: Contracts, price: Ticks, at: UnixNanos) -> None:
        filled = Contracts(order.filled + quantity)
        order = replace(order, filled=filled, at_ns=at)
        if filled < order.request.quantity:
            self._keep(replace(order, state=ExchangeState.PART_FILLED))
        else:
            self._end(order, ExchangeState.FILLED, at)
        self._execute(order.name, order.request.contract, order.request.side, quantity, price, at)
        if order.name not in self._working:
            self._end_other(order, at)

    def _execute(
        self,
        name: str,
        contract: str,
        side: Side,
        quantity: Contracts,
        price: Ticks,
        at: UnixNanos,
    ) -> None:
        self._roll(at)
        self._execution_count += 1
        per_contract = self._config.commissions[instrument(contract).root]
        commission = MicroUsd(per_contract * quantity)
        self.account.fill(contract, side, quantity, price, commission)
        execution = AccountExecution(
            execution_id=f"{at // NANOS_PER_SECOND}-{self._execution_count}",
            name=name,
            account=self._account_name,
            contract=contract,
            side=side,
            quantity=quantity,
            price=price,
            commission=commission,
            at_ns=at,
        )
        self._executions.append(execution)
        self._events.append(execution)
        self._events.append(HeldPosition(contract, self.account.position(contract)))

    def _roll(self, at: UnixNanos) -> None:
        date = self._date_of(at)
        if date != self._date:
            self._date = date
            self.account.new_day()
            self._executions.clear()
            self._ended.clear()

    def _drain(self) -> Iterator[ExchangeEvent]:
        while self._events:
            yield self._events.popleft()


def _price(order: AccountOrder | None) -> Ticks | None:
    return None if order is None else order.request.price
