"""One flatten of a contract over all its positions: what the desk reads of it as one order. Pure.

Rule 1: each position closes its own contracts, so that every fill has an owner; what no
        command has opened is one more part.
Rule 2: the market orders go out when every part has ended what worked, after 2 s for those parts
        that have: one cancel without an answer must not keep the others open.
Rule 3: the desk reads one order: working over the sum of all parts, filled with the last of them.
"""

from typing import Final

import msgspec

from services.domain.messages.orders import OrderRole, OrderStatus, OrderUpdate
from services.domain.messages.risk import OrderCommand
from services.domain.units import NANOS_PER_SECOND, Contracts, UnixNanos
from services.nt_twin.positions.bracket import Bracket
from services.nt_twin.positions.tracked_order import UNNUMBERED

_NOTHING: Final = "nothing is held"
_WAIT_NS: Final = 2 * NANOS_PER_SECOND


class FlattenRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A flatten as the client's disk keeps it."""

    command: OrderCommand
    parts: tuple[str, ...]
    """Keys of its positions."""
    quantity: int
    begun_ns: UnixNanos | None
    closes: bool
    filled: int
    reported: tuple[OrderStatus, int] | None
    rejected: str
    last_filled: dict[int, int]


class Flatten(msgspec.Struct):
    """A flatten from its command to the end of its last part."""

    command: OrderCommand
    parts: list[Bracket] = []
    quantity: int = 0
    """Contracts to close, both directions added, when it was begun."""
    begun_ns: UnixNanos | None = None
    """When its cancels went out; None: it waits behind another flatten of the contract."""
    closes: bool = False
    """Its market orders are out, or may go out: the second step."""
    filled: int = 0
    reported: tuple[OrderStatus, int] | None = None
    rejected: str = ""
    """Why a part was given up; empty: none was."""
    last_filled: dict[int, int] = {}
    """Contracts filled by part, in the order of the parts."""

    def record(self) -> FlattenRecord:
        """Give what the disk keeps of it."""
        return FlattenRecord(
            command=self.command,
            parts=tuple(part.key for part in self.parts),
            quantity=self.quantity,
            begun_ns=self.begun_ns,
            closes=self.closes,
            filled=self.filled,
            reported=self.reported,
            rejected=self.rejected,
            last_filled=self.last_filled,
        )

    @classmethod
    def from_record(cls, kept: FlattenRecord, parts: list[Bracket]) -> "Flatten":
        """Go on with what the disk kept."""
        return cls(
            command=kept.command,
            parts=parts,
            quantity=kept.quantity,
            begun_ns=kept.begun_ns,
            closes=kept.closes,
            filled=kept.filled,
            reported=kept.reported,
            rejected=kept.rejected,
            last_filled=dict(kept.last_filled),
        )

    def merge(self, part: Bracket, update: OrderUpdate) -> OrderUpdate | None:
        """Give the report of the whole for the report of one part."""
        place = next(n for n, each in enumerate(self.parts) if each is part)
        self.last_filled[place] = update.filled
        self.filled = sum(self.last_filled.values())
        match update.status:
            case OrderStatus.FILLED if all(not each.expected for each in self.parts):
                return self._report(OrderStatus.FILLED, update.at_ns, update.text)
            case OrderStatus.FILLED | OrderStatus.PART_FILLED:
                return self._report(OrderStatus.PART_FILLED, update.at_ns, update.text)
            case OrderStatus.REJECTED:
                self.rejected = update.text
                return None
            case OrderStatus.CANCELLED:
                return None
            case status:
                return self._report(status, update.at_ns, update.text)

    def working(self, at: UnixNanos) -> OrderUpdate | None:
        """Report that it waits behind another flatten."""
        return self._report(OrderStatus.WORKING, at, "")

    @property
    def is_over(self) -> bool:
        """Every part has ended."""
        return self.closes and all(part.closing is None for part in self.parts)

    def may_close(self, now: UnixNanos, *, others_work: bool) -> bool:
        """Whether the second step is due; `others_work`: orders of ours that no part knows."""
        if self.begun_ns is None or self.closes:
            return False
        work = others_work or any(part.is_working for part in self.parts)
        return now - self.begun_ns >= _WAIT_NS or not work

    def end(self, at: UnixNanos) -> OrderUpdate | None:
        """Report the end that no fill has reported."""
        if self.reported is not None and self.reported[0] is OrderStatus.FILLED:
            return None
        if self.rejected:
            return self._report(OrderStatus.REJECTED, at, self.rejected)
        if self.filled:
            return self._report(OrderStatus.FILLED, at, "")
        self.quantity = 0
        return self._report(OrderStatus.CANCELLED, at, _NOTHING)

    def _report(self, status: OrderStatus, at: UnixNanos, text: str) -> OrderUpdate | None:
        if (status, self.filled) == self.reported and not text:
            return None
        self.reported = (status, self.filled)
        command = self.command
        return OrderUpdate(
            report_sequence=UNNUMBERED,
            command_id=command.command_id,
            position_id=command.position_id,
            contract=command.contract,
            role=OrderRole.FLATTEN,
            status=status,
            quantity=Contracts(max(self.quantity, self.filled)),
            filled=Contracts(self.filled),
            text=text,
            at_ns=at,
        )
