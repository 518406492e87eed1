"""An exchange that misbehaves as a file of faults has it. Pure; time is handed in.

Rule 1: what is wrong happens between account and client; the account's own books are right.
Rule 2: while the connection is lost the exchange trades on. What the client requests is refused,
        DAY orders are cancelled, protecting ones stay.
Rule 3: time passes with `on_clock` and with every bar: what is due by then happens then.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping

from services.domain.messages.market import Bar
from services.domain.messages.orders import AccountValues
from services.domain.messages.strategy import Side
from services.domain.units import (
    NANOS_PER_MINUTE,
    NANOS_PER_SECOND,
    Contracts,
    Ticks,
    UnixNanos,
)
from services.venue.config import VenueConfig
from services.venue.exchange import Exchange
from services.venue.faults import ExchangeFaults
from services.venue.orders import (
    AccountOrder,
    CancelRequest,
    ExchangeEvent,
    ExchangeRequest,
    OrderRequest,
    OrderType,
)

_NEXT_NS = NANOS_PER_SECOND
"""So long an event waits for the one it comes behind."""
_REPEATED_MAX = 1_000
"""Events that come again after a lost connection."""


class FaultyExchange(Exchange):
    """One account at an exchange with faults."""

    def __init__(
        self,
        config: VenueConfig,
        account_name: str,
        prices: Mapping[str, str],
        date_of: Callable[[UnixNanos], str],
        faults: ExchangeFaults,
    ) -> None:
        super().__init__(config, account_name, prices, date_of)
        self._faults = faults
        self._contracts_of = dict(prices)
        self._last: dict[str, Ticks] = {}
        """By order contract: the last price that traded."""
        self._now = UnixNanos(0)
        self._count = 0
        self._held: list[ExchangeEvent] = []
        """While the connection is lost."""
        self._seen: deque[ExchangeEvent] = deque(maxlen=_REPEATED_MAX)
        self._late: list[tuple[int, ExchangeEvent]] = []
        self._swapped: ExchangeEvent | None = None
        """Comes behind the next one, or behind `_NEXT_NS` where there is none."""
        self._swapped_ns = UnixNanos(0)
        self._stops_ns: dict[str, UnixNanos] = {}
        self._happened: dict[str, int] = {}
        """By fault: the begin of its last window."""
        self._began_ns = 0
        """The first clock: what would have been before it was not."""

    # -- requests ---------------------------------------------------------------------------

    def handle(self, request: ExchangeRequest, now: UnixNanos) -> None:
        """Carry out a request, or what the faults make of it."""
        faults, orders = self._faults, self._faults.orders
        if not self.connected:
            if isinstance(request, OrderRequest):
                self.reject(request, "not connected", now)
            return
        match request:
            case OrderRequest() if faults.happens("reject", request.name, self._chance(request)):
                self.reject(request, "rejected by the broker", now)
            case OrderRequest():
                super().handle(request, now)
                if request.oco and faults.happens("oco", request.oco, orders.oco_lost):
                    self.detach(request.name)
            case CancelRequest() if faults.happens("late", request.name, orders.cancel_too_late):
                self._fill_before(request.name, now)
                super().handle(request, now)
            case _:
                super().handle(request, now)

    def _chance(self, request: OrderRequest) -> float:
        orders = self._faults.orders
        match request.order_type:
            case OrderType.STOP:
                return orders.reject_stop
            case OrderType.LIMIT:
                return orders.reject_target
            case OrderType.MARKET:
                return orders.reject_exit if request.closes else orders.reject_entry

    def _fill_before(self, name: str, now: UnixNanos) -> None:
        order = next((each for each in self.working_orders() if each.name == name), None)
        if order is None:
            return
        price = order.request.price or self._last.get(order.request.contract)
        if price is not None:
            self.fill(name, order.remaining, price, now)

    # -- time -------------------------------------------------------------------------------

    def on_clock(self, now: UnixNanos) -> None:
        """Let happen what is due."""
        self._now = max(self._now, now)
        self._began_ns = self._began_ns or now
        faults = self._faults
        self.halted = set(self._contracts_of) if self._lies_in("halt", now) else set()
        if self._begins("platform_restart", now):
            for order in self.working_orders():
                super().handle(CancelRequest(order.name), now)
        lost = self._lies_in("connection_lost", now) or self._lies_in("platform_restart", now)
        if lost and self.connected:
            self._drain_into_held()
            self.connected = False
            self.cancel_day_orders(now)
        elif not lost and not self.connected:
            self.connected = True
            self._events.extendleft(reversed([*self._seen, *self._held]))
            self._held.clear()
        trade = faults.manual_trade
        if trade is not None and self._begins("manual_trade", now):
            self._trade_by_hand(Contracts(trade.quantity), now)
        self._cancel_stops(now)

    def _lies_in(self, kind: str, now: UnixNanos) -> bool:
        fault = getattr(self._faults, kind)
        if fault is None:
            return False
        begin, end = self._faults.window(kind, fault, now)
        return begin <= now < end

    def _begins(self, kind: str, now: UnixNanos) -> bool:
        # Once in every stretch, also where its whole window lies between two looks at the clock.
        fault = getattr(self._faults, kind)
        if fault is None:
            return False
        begin, _ = self._faults.window(kind, fault, now)
        if now < begin or begin < self._began_ns or self._happened.get(kind) == begin:
            return False
        self._happened[kind] = begin
        return True

    def _trade_by_hand(self, quantity: Contracts, now: UnixNanos) -> None:
        for contract, price in self._last.items():
            buys = self._faults.draw("side", f"{contract} {now}") < 0.5
            side = Side.LONG if buys else Side.SHORT
            self.fill_manual_order(contract, side, quantity, price, now)

    def _cancel_stops(self, now: UnixNanos) -> None:
        orders = self._faults.orders
        after = round(orders.stop_cancelled_after_s * NANOS_PER_SECOND)
        stops = [o for o in self.working_orders() if o.request.order_type is OrderType.STOP]
        self._stops_ns = {o.name: self._stops_ns.get(o.name, now) for o in stops}
        for name, since in tuple(self._stops_ns.items()):
            due = now - since >= after
            if due and self._faults.happens("by hand", name, orders.stop_cancelled):
                super().handle(CancelRequest(name), now)

    # -- the market -------------------------------------------------------------------------

    def on_bar(self, bar: Bar) -> Iterator[ExchangeEvent]:
        """Let a bar trade."""
        self._note_price(bar.contract, bar.open)
        self.on_clock(UnixNanos(bar.close_ns - NANOS_PER_MINUTE))
        yield from super().on_bar(bar)
        self._note_price(bar.contract, bar.close)
        self.on_clock(bar.close_ns)
        yield from self._drain()

    def on_price(self, data_contract: str, price: Ticks, now: UnixNanos) -> Iterator[ExchangeEvent]:
        """Let a price trade."""
        self._note_price(data_contract, price)
        self.on_clock(now)
        yield from super().on_price(data_contract, price, now)
        yield from self._drain()

    def _note_price(self, data_contract: str, price: Ticks) -> None:
        for contract, filled_by in self._contracts_of.items():
            if filled_by == data_contract:
                self._last[contract] = price

    def _most(self, order: AccountOrder) -> Contracts:
        orders = self._faults.orders
        if self._faults.happens("part", order.name, orders.part_fill):
            return Contracts(min(order.remaining, orders.part_fill_max))
        return super()._most(order)

    # -- events -----------------------------------------------------------------------------

    def _drain(self) -> Iterator[ExchangeEvent]:
        due = [event for at, event in self._late if at <= self._now]
        self._late = [(at, event) for at, event in self._late if at > self._now]
        yield from due
        for event in super()._drain():
            if not self.connected:
                if not isinstance(event, AccountValues):
                    self._held.append(event)
                continue
            yield from self._disturbed(event)
        if self._swapped is not None and self._now - self._swapped_ns >= _NEXT_NS:
            alone, self._swapped = self._swapped, None
            yield alone

    def _drain_into_held(self) -> None:
        if self._swapped is not None:
            self._held.append(self._swapped)
            self._swapped = None
        self._held += [event for _, event in self._late]
        self._late.clear()

    def _disturbed(self, event: ExchangeEvent) -> Iterator[ExchangeEvent]:
        if isinstance(event, AccountValues):
            yield event
            return
        events, key = self._faults.events, str(self._count)
        self._count += 1
        self._seen.append(event)
        if self._faults.happens("lost", key, events.lost):
            return
        if self._faults.happens("late event", key, events.late):
            due = self._now + round(events.late_s * NANOS_PER_SECOND)
            self._late.append((due, event))
            return
        waiting, self._swapped = self._swapped, None
        if waiting is None and self._faults.happens("reordered", key, events.reordered):
            self._swapped, self._swapped_ns = event, self._now
            return
        yield event
        if waiting is not None:
            yield waiting
        if self._faults.happens("doubled", key, events.doubled):
            yield event
