"""One position of the client: its entry, the stop and target over what is held, and its end. Pure.

It is driven by commands, by the events of the account and by the clock, and gives requests to the
exchange, reports to the desk and alarms.

Rule 1: what is held is the sum of executions, never an order's or a position's event.
Rule 2: from the first fill on a stop and a target work over what is held, and follow it: more when
        the entry fills further, less when a leg fills in part.
Rule 3: a stop that is refused, cancelled or missing is placed again within 0.5 s; after 1 s without
        cover the operator is called, after 2 s the position is closed.
Rule 4: what has closed the position ends the legs that are left and the rest of the entry.
Rule 5: a position is closed in two steps: everything that works is cancelled; when all of it has
        ended, what is still held is closed, never the quantity of before (closing.py).
Rule 6: a held quantity of the other sign, as after both legs have filled, is closed at once.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

from msgspec.structs import replace

from services.domain.messages.orders import Execution, OrderRole, OrderStatus, OrderUpdate
from services.domain.messages.risk import OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_SECOND, Contracts, Ticks, UnixNanos
from services.nt_twin.positions.alarm import Alarm
from services.nt_twin.positions.closing import Closing
from services.nt_twin.positions.kept_position import KeptPosition
from services.nt_twin.positions.legs import PROTECT_NS, Legs
from services.nt_twin.positions.tracked_order import (
    PositionOrders,
    PositionTerms,
    TrackedOrder,
    market_order,
)
from services.venue.orders import (
    AccountExecution,
    AccountOrder,
    CancelRequest,
    ChangeRequest,
    ExchangeRequest,
)

_ALARM_NS: Final = NANOS_PER_SECOND
"""Without cover for so long: the operator is called."""
_CLOSE_NS: Final = 2 * NANOS_PER_SECOND
"""Without cover for so long: the position is closed."""
ENTRY_REST_NS: Final = 5 * NANOS_PER_SECOND
"""So long the rest of an entry works, live."""
_CLOSES_MAX: Final = 5
"""Market orders for one close; then the legs are placed again and the exit is reported ended."""

BracketOutput: TypeAlias = ExchangeRequest | OrderUpdate | Execution | Alarm


class Bracket:
    """A position from its entry command to its last contract."""

    def __init__(
        self,
        terms: PositionTerms,
        side: Side,
        *,
        entry_rest_ns: int | None = None,
        key: str = "",
    ) -> None:
        """`entry_rest_ns`: after it what is left of the entry is cancelled; None: never.

        `key`: unique among the positions of the account, the position's id by default.
        """
        self.key = key or terms.position_id
        self.terms = terms
        self.side = side
        """The direction of the position."""
        self.stop: Ticks | None = terms.stop
        self.target: Ticks | None = terms.target
        self.held = 0
        """Contracts by executions, in the direction of the position; negative: reversed."""
        self.closing: Closing | None = None
        """A close under way."""
        self._entry_rest_ns = entry_rest_ns
        self._orders = PositionOrders(terms)
        self._entry: TrackedOrder | None = None
        self._legs = Legs(terms, side, self._orders)
        self._exposed_ns: UnixNanos | None = None
        """Since when something is held without a working stop over all of it."""
        self._alarmed = False
        self._closed_ns: UnixNanos | None = None
        """When the position was closed, while a leg of an OCO pair is still to end."""

    # -- on the client's disk -----------------------------------------------------------------

    def record(self, number: int, *, ended: bool) -> KeptPosition:
        """Give what the disk keeps of it; `number`: its place among the positions."""
        return KeptPosition(
            key=self.key,
            terms=self.terms,
            side=self.side,
            stop=self.stop,
            target=self.target,
            held=self.held,
            orders=tuple(self._orders),
            counts=self._orders.counts,
            entry=self._entry.request.name if self._entry is not None else "",
            legs=self._legs.record(),
            closing=self.closing,
            exposed_ns=self._exposed_ns,
            alarmed=self._alarmed,
            closed_ns=self._closed_ns,
            number=number,
            ended=ended,
        )

    @classmethod
    def from_record(cls, kept: KeptPosition, *, entry_rest_ns: int | None = None) -> "Bracket":
        """Go on with what the disk kept."""
        self = cls(kept.terms, kept.side, entry_rest_ns=entry_rest_ns, key=kept.key)
        self.stop, self.target, self.held = kept.stop, kept.target, kept.held
        self._orders.restore(kept.orders, kept.counts)
        self._entry = self._orders[kept.entry] if kept.entry else None
        self._legs.restore(kept.legs)
        self.closing = kept.closing
        if self.closing is not None and self.closing.order is not None:
            self.closing.order = self._orders[self.closing.order.request.name]
        self._exposed_ns, self._closed_ns = kept.exposed_ns, kept.closed_ns
        self._alarmed = kept.alarmed
        return self

    # -- what is asked of it ------------------------------------------------------------------

    @property
    def entered(self) -> Contracts:
        """Contracts of the entry that have filled."""
        return self._entry.filled if self._entry is not None else Contracts(0)

    @property
    def entry_working(self) -> bool:
        """Some of the entry is still to fill."""
        return self._entry is not None and not self._entry.ended

    @property
    def entry_remaining(self) -> Contracts:
        """Contracts of the entry still working."""
        return self._entry.remaining if self._entry is not None else Contracts(0)

    @property
    def exit_command(self) -> OrderCommand | None:
        """The command that closes it; None: none, or the client does so by itself."""
        return self.closing.command if self.closing is not None else None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all its orders."""
        return self._orders.names

    @property
    def working(self) -> tuple[TrackedOrder, ...]:
        """Its orders that have not ended."""
        return tuple(order for order in self._orders if not order.ended)

    def tracked(self, name: str) -> TrackedOrder:
        """One of its orders, by name."""
        return self._orders[name]

    @property
    def is_over(self) -> bool:
        """Nothing is held, nothing works, nothing is outstanding."""
        return (
            not self.held
            and self.closing is None
            and all(order.ended and not order.outstanding for order in self._orders)
        )

    @property
    def is_working(self) -> bool:
        """Some order of it has not ended."""
        return self._orders.is_working

    @property
    def waits_for_time(self) -> bool:
        """Something is done when time has passed: a stop placed, a close looked at."""
        waits = (self._exposed_ns, self.closing, self._closed_ns)
        return any(each is not None for each in waits)

    @property
    def expected(self) -> int:
        """What is held once the fills that order events report are executions as well."""
        return self.held + sum(
            order.outstanding * self._sign(order.request.side) for order in self._orders
        )

    # -- commands -----------------------------------------------------------------------------

    def enter(self, now: UnixNanos) -> list[BracketOutput]:
        """Send the entry."""
        request = market_order(self.side, self.terms.quantity)
        self._entry = self._orders.add(OrderRole.ENTRY, request, now)
        return [self._entry.request]

    def adopt(self, quantity: Contracts) -> None:
        """Begin with contracts that no command of ours has opened."""
        self.held = quantity

    def correct(self, quantity: Contracts, now: UnixNanos) -> list[BracketOutput]:
        """Hold so many contracts: the account shows no more."""
        self.held = quantity
        return self._settle(now)

    def cancel_entry(self, now: UnixNanos) -> list[BracketOutput]:
        """Cancel what is left of the entry."""
        return self._cancel([self._entry] if self._entry is not None else [], now)

    def move(self, role: OrderRole, price: Ticks | None) -> list[BracketOutput]:
        """Move a leg; before the first fill, and while a close is under way, only its price."""
        if role is OrderRole.STOP:
            self.stop = price
        else:
            self.target = price
        leg = self._legs.get(role)
        if leg is None or leg.ended or price is None or self.closing is not None:
            return []
        leg.request = replace(leg.request, price=price)
        return [ChangeRequest(name=leg.request.name, price=price)]

    def close(
        self,
        command: OrderCommand | None,
        role: OrderRole,
        now: UnixNanos,
        *,
        code: str = "",
        waits: bool = False,
    ) -> list[BracketOutput]:
        """Close it in two steps; without a command the client does so by itself, for `code`.

        `waits`: the second step waits for `proceed`.
        """
        self.closing = Closing(command=command, role=role, code=code, waits=waits, since_ns=now)
        self._exposed_ns = None
        return [*self._cancel(self._orders, now), *self._settle(now)]

    def proceed(self, now: UnixNanos, ordinal: int) -> list[BracketOutput]:
        """Take the second step of a close; `ordinal`: which of the command's parts this is."""
        if self.closing is None:
            return []
        self.closing.waits = False
        self.closing.ordinal = ordinal
        return self._settle(now)

    def replace_exit(self, now: UnixNanos, text: str) -> list[BracketOutput]:
        """End the close under way for another one; its order is cancelled by that one."""
        closing, self.closing = self.closing, None
        if closing is None or closing.command is None:
            return []
        if closing.order is not None:
            closing.order.replaced = True
        return [closing.ended_update(self, OrderStatus.CANCELLED, now, text)]

    # -- events -------------------------------------------------------------------------------

    def on_order(self, event: AccountOrder, now: UnixNanos) -> list[BracketOutput]:
        """Follow an event of one of its orders, which may have come late."""
        order = self._orders[event.name]
        update = order.apply(event)
        outputs: list[BracketOutput] = []
        if self.closing is not None and order is self.closing.order:
            outputs += self.closing.on_order(self, update)
        elif update is not None:
            outputs.append(update)
        if update is not None and update.status is OrderStatus.REJECTED:
            self._legs.targets_refused += order.role is OrderRole.TARGET
        return outputs + self._settle(now)

    def on_execution(self, event: AccountExecution, now: UnixNanos) -> list[BracketOutput]:
        """Count a fill of one of its orders."""
        order = self._orders[event.name]
        self.held += event.quantity * self._sign(event.side)
        return [order.execution(event), *self._settle(now)]

    def on_clock(self, now: UnixNanos) -> list[BracketOutput]:
        """Do what time demands: protect, call, close, look again."""
        outputs: list[BracketOutput] = []
        entry = self._entry
        rest_ns = self._entry_rest_ns
        if entry is not None and rest_ns is not None and now - entry.sent_ns >= rest_ns:
            outputs += self.cancel_entry(now)
        if self.closing is not None:
            return outputs + self._look_again(self.closing, now)
        if self._closed_ns is not None and now - self._closed_ns >= PROTECT_NS:
            outputs += self._cancel(self._legs, now)
        since = self._exposed_ns
        if since is None:
            return outputs
        if now - since >= _CLOSE_NS:
            text = "no stop covers the position after 2 s: it is closed"
            alarm = self._alarm("UNPROTECTED", text, now)
            return [*outputs, alarm, *self.close(None, OrderRole.GUARD, now, code="UNPROTECTED")]
        if now - since >= _ALARM_NS and not self._alarmed:
            self._alarmed = True
            text = f"no stop covers {abs(self.held)} {self.terms.contract} since 1 s"
            outputs.append(self._alarm("UNPROTECTED", text, now))
        return outputs + self._protect(now)

    # -- what follows from what is held ------------------------------------------------------

    def _settle(self, now: UnixNanos) -> list[BracketOutput]:
        if self.closing is not None:
            return self._continue_close(self.closing, now)
        if self.held < 0 and self.expected < 0:
            text = f"{-self.held} more were closed than were held: the excess is ended"
            alarm = self._alarm("REVERSED", text, now)
            return [alarm, *self.close(None, OrderRole.GUARD, now, code="REVERSED")]
        if self.held <= 0:
            return self._tidy(now)
        self._closed_ns = None
        outputs = self._protect(now)
        if self._legs.cover(self.held, self.stop):
            self._exposed_ns, self._alarmed = None, False
        elif self._exposed_ns is None:
            self._exposed_ns = now
        return outputs

    def _tidy(self, now: UnixNanos) -> list[BracketOutput]:
        self._exposed_ns = None
        if not self.entered and self._entry is not None:
            return []
        pair = [leg for leg in self._legs if not leg.ended]
        if pair and self._closed_ns is None:
            self._closed_ns = now
        # The other leg of a pair is ended by its OCO id; by us only if it is not.
        left = [leg for leg in pair if not self._legs.ends_by_oco(leg)]
        return [*self._cancel(left, now), *self.cancel_entry(now)]

    def _protect(self, now: UnixNanos) -> list[BracketOutput]:
        return [*self._legs.protect(self.held, self.stop, self.target, now)]

    # -- the close ----------------------------------------------------------------------------

    def _continue_close(self, closing: Closing, now: UnixNanos) -> list[BracketOutput]:
        if closing.waits or self.is_working:
            return []
        left = self.expected
        if not left:
            return self._end_close(closing, now)
        if closing.attempts >= _CLOSES_MAX:
            self.closing = None
            text = f"{abs(left)} are still held after {_CLOSES_MAX} market orders"
            ended: list[BracketOutput] = []
            if not closing.called:
                ended.append(self._alarm("NOT_FLAT", text, now))
            if closing.command is not None:
                ended.append(closing.ended_update(self, OrderStatus.REJECTED, now, text))
            return ended + self._settle(now)
        if not closing.may_send(now):
            return []
        side = self.side.opposite if left > 0 else self.side
        command_id = closing.command.command_id if closing.command is not None else ""
        order = self._orders.add(
            closing.role,
            market_order(side, Contracts(abs(left))),
            now,
            command_id=command_id,
            ordinal=closing.ordinal,
            code=closing.code,
        )
        closing.on_sent(order)
        return [order.request]

    def _end_close(self, closing: Closing, now: UnixNanos) -> list[BracketOutput]:
        if self.held:
            return []  # executions are on their way
        self.closing = None
        if closing.command is None or closing.attempts:
            return []
        held_none = self._entry is not None and not self.entered
        text = "nothing was held, the entry is cancelled" if held_none else "nothing is held"
        return [closing.ended_update(self, OrderStatus.CANCELLED, now, text)]

    def _look_again(self, closing: Closing, now: UnixNanos) -> list[BracketOutput]:
        late = [
            order
            for order in self._orders
            if not order.ended and now - (order.cancel_sent_ns or order.sent_ns) >= _CLOSE_NS
        ]
        for order in late:
            order.cancel_sent_ns = None  # asked for once more
        outputs: list[BracketOutput] = []
        if closing.call_operator(now):
            text = f"{abs(self.held)} are still held 10 s after the close was begun"
            outputs.append(self._alarm("NOT_FLAT", text, now))
        return [*outputs, *self._cancel(late, now), *self._settle(now)]

    # -- pieces -------------------------------------------------------------------------------

    def _sign(self, side: Side) -> int:
        return 1 if side is self.side else -1

    def _cancel(self, orders: Iterable[TrackedOrder], now: UnixNanos) -> list[BracketOutput]:
        working = [o for o in orders if not o.ended and o.cancel_sent_ns is None]
        for order in working:
            order.cancel_sent_ns = now
        return [CancelRequest(order.request.name) for order in working]

    def _alarm(self, code: str, text: str, now: UnixNanos) -> Alarm:
        return Alarm(
            code=code,
            position_id=self.terms.position_id,
            contract=self.terms.contract,
            text=text,
            at_ns=now,
        )
