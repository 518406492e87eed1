"""What the account looks like to the router: snapshots, and the outcomes of commands it asks for.

Rule 1: a snapshot is of one moment, taken when every report numbered by then is acknowledged; its
        pages are made then and sent one after the other.
Rule 2: a command that is asked for and not known is burnt before the answer leaves: from then on it
        is refused, however late it comes.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec.structs import replace

from services.domain.messages.link import (
    CommandOutcome,
    SnapshotPage,
    SnapshotRequest,
    SnapshotScope,
)
from services.domain.messages.orders import (
    AckStatus,
    Execution,
    OrderRole,
    OrderStatus,
    OrderUpdate,
)
from services.domain.units import UnixNanos
from services.nt_twin.commands.command_ids import CommandIds
from services.nt_twin.memory.records import Kind, Memory
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.traded_account import TradedAccount

_PAGE_MAX: Final = 200
"""Executions per page: some 40 KB, far below what a call may hold."""
_ANSWERED: Final = {
    AckStatus.ACCEPTED: OrderStatus.ACCEPTED,
    AckStatus.DUPLICATE: OrderStatus.ACCEPTED,
    AckStatus.REFUSED: OrderStatus.REJECTED,
    AckStatus.EXPIRED: OrderStatus.EXPIRED,
}


class _Fill(msgspec.Struct, frozen=True, kw_only=True):
    # An execution of the trade date: the how-manieth.
    number: int
    execution: Execution


class _Date(msgspec.Struct, frozen=True):
    # The trade date of the executions.
    date: str


class AccountSnapshots:
    """Remembers what a snapshot must show of one account."""

    def __init__(self, venue: TradedAccount, ids: CommandIds, memory: Memory) -> None:
        self._venue = venue
        self._ids = ids
        self._memory = memory
        kept = sorted(memory.load(Kind.FILL, _Fill), key=lambda row: row[1].number)
        self._executions = [fill.execution for _, fill in kept]
        self._entries = dict(memory.load(Kind.ENTRY, OrderUpdate))
        self._date = max((each.date for _, each in memory.load(Kind.DATE, _Date)), default="")

    def record(self, events: Iterable[ClientReport]) -> None:
        """Remember what happened on the account."""
        for event in events:
            if isinstance(event, Execution):
                self._executions.append(event)
                fill = _Fill(number=len(self._executions), execution=event)
                self._memory.put(Kind.FILL, event.execution_id, fill)
            elif isinstance(event, OrderUpdate) and event.role is OrderRole.ENTRY:
                self._entries[event.command_id] = event
                self._memory.put(Kind.ENTRY, event.command_id, event)

    def begin_date(self, date: str) -> None:
        """Begin a trade date: the account shows the executions of one date."""
        for forgotten in self._ids.begin_date(date):
            self._entries.pop(forgotten, None)
            self._memory.drop(Kind.ENTRY, forgotten)
        if date == self._date:
            return  # the process has begun anew, not the day
        self._date = date
        self._memory.put(Kind.DATE, "", _Date(date))
        for execution in self._executions:
            self._memory.drop(Kind.FILL, execution.execution_id)
        self._executions.clear()

    def pages(self, request: SnapshotRequest, first: SnapshotPage) -> list[SnapshotPage]:
        """Take a snapshot; `first` names connection, moment and last report."""
        full = request.scope is SnapshotScope.FULL
        executions = tuple(self._executions) if full else ()
        parts = [executions[i : i + _PAGE_MAX] for i in range(0, len(executions), _PAGE_MAX)]
        pages = [
            replace(first, page=n, pages=max(1, len(parts)), executions=part)
            for n, part in enumerate(parts or [()], start=1)
        ]
        pages[0] = replace(
            pages[0],
            positions=self._venue.account.positions(),
            orders=tuple(self._venue.working_orders()),
            outcomes=tuple(self.outcome(each, first.at_ns) for each in request.requested),
        )
        return pages

    def outcome(self, command_id: str, now: UnixNanos) -> CommandOutcome:
        """Give what is known of a command; one that is not known is burnt."""
        entry = self._entries.get(command_id)
        if entry is not None:
            return CommandOutcome(
                command_id=command_id, status=entry.status, filled=entry.filled, text=entry.text
            )
        answer = self._ids.answer(command_id)
        if answer is not None:
            return CommandOutcome(command_id=command_id, status=_ANSWERED[answer])
        self._ids.burn(command_id, now)
        return CommandOutcome(command_id=command_id)
