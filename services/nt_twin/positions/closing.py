"""The close of one position: which order is out, how often it was tried, what is reported. Pure.

Rule 1: to the desk a close is one order under the command's id, however many market orders it
        takes: it ends when nothing is held, or when the client gives it up.
Rule 2: a market order that the exchange refuses is repeated after 2 s, not at once; one that rests
        is cancelled after 2 s, and what is still held is sent again.
Rule 3: 10 s after its begin the operator is called, once.
"""

from typing import Final, Protocol

import msgspec

from services.domain.messages.orders import OrderRole, OrderStatus, OrderUpdate
from services.domain.messages.risk import OrderCommand
from services.domain.units import NANOS_PER_SECOND, Contracts, UnixNanos
from services.nt_twin.positions.tracked_order import UNNUMBERED, PositionTerms, TrackedOrder
from services.venue.orders import ExchangeState

_AGAIN_NS: Final = 2 * NANOS_PER_SECOND
"""Between two looks at a close."""
_CALL_NS: Final = 10 * NANOS_PER_SECOND


class ClosedPosition(Protocol):
    """The side of a position that its close reports on."""

    terms: PositionTerms

    @property
    def expected(self) -> int:
        """What is held once every reported fill is an execution."""
        ...


class Closing(msgspec.Struct, kw_only=True):
    """A close from its command, or from the client's own decision, to the last contract."""

    command: OrderCommand | None
    """None: the client closes by itself."""
    role: OrderRole
    """EXIT or FLATTEN; GUARD: the client closes by itself."""
    code: str
    """Why the client closes by itself; empty with a command."""
    waits: bool = False
    """The market order waits until the other parts of the command have cancelled theirs."""
    ordinal: int = 0
    """Which of the positions that one command closes, from 0."""
    since_ns: UnixNanos
    attempts: int = 0
    """Market orders sent."""
    order: TrackedOrder | None = None
    """The last of them."""
    total: int = 0
    """Contracts to close when the first one was sent."""
    filled_before: int = 0
    """By the ones before the last."""
    called: bool = False
    """The operator was called."""
    reported: tuple[OrderStatus, int] | None = None
    """Status and contracts filled of the last report."""

    def may_send(self, now: UnixNanos) -> bool:
        """Whether a market order may go out: the last one was not refused just now."""
        last = self.order
        refused = last is not None and last.state is ExchangeState.REJECTED
        return not refused or (last is not None and now - last.sent_ns >= _AGAIN_NS)

    def on_sent(self, order: TrackedOrder) -> None:
        """Keep the market order that goes out."""
        if self.order is not None:
            self.filled_before += self.order.announced
        self.total = self.total or order.request.quantity
        self.order = order
        self.attempts += 1

    def call_operator(self, now: UnixNanos) -> bool:
        """Whether the operator is called now."""
        due = not self.called and now - self.since_ns >= _CALL_NS
        self.called = self.called or due
        return due

    def on_order(self, position: ClosedPosition, update: OrderUpdate | None) -> list[OrderUpdate]:
        """Report an event of its market order as one of the whole close."""
        if update is None or self.order is None:
            return []
        done = self.filled_before + self.order.announced
        status = update.status
        text = update.text
        if status is OrderStatus.FILLED and position.expected:
            status = OrderStatus.PART_FILLED
        elif status in (OrderStatus.CANCELLED, OrderStatus.REJECTED):
            # It is not the end: what is still held is sent again.
            ended = status.name.lower()
            status = OrderStatus.PART_FILLED if done else OrderStatus.WORKING
            text = f"market order {ended}, to be sent again: {update.text}".rstrip(": ")
        elif status is OrderStatus.WORKING and done:
            status = OrderStatus.PART_FILLED
        if (status, done) == self.reported and not text:
            return []
        self.reported = (status, done)
        return [self._update(position, status, self.total, done, update.at_ns, text)]

    def ended_update(
        self, position: ClosedPosition, status: OrderStatus, now: UnixNanos, text: str
    ) -> OrderUpdate:
        """Report the end of a close that has closed nothing more."""
        last = self.order.announced if self.order is not None else 0
        return self._update(position, status, self.total, self.filled_before + last, now, text)

    def _update(
        self,
        position: ClosedPosition,
        status: OrderStatus,
        quantity: int,
        filled: int,
        at: UnixNanos,
        text: str,
    ) -> OrderUpdate:
        command = self.command
        its = command or position.terms
        return OrderUpdate(
            report_sequence=UNNUMBERED,
            command_id=command.command_id if command is not None else "",
            position_id=its.position_id,
            contract=its.contract,
            role=self.role,
            status=status,
            quantity=Contracts(quantity),
            filled=Contracts(filled),
            text=text,
            at_ns=at,
            code=self.code,
        )
