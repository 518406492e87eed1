"""What the account looks like to the router: snapshots, and the outcomes of commands it asks for.

Rule 1: a snapshot is of one moment, taken when every report numbered by then is acknowledged; its
        pages are made then and sent one after the other.
Rule 2: a command that is asked for and not known is burnt before the answer leaves: from then on it
        is refused, however late it comes.
"""

from collections.abc import Iterable
from typing import Final

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
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.traded_account import TradedAccount

_PAGE_MAX: Final = 200
"""Executions per page: some 40 KB, far below what a call may hold."""
_ENDED: Final = {
    AckStatus.REFUSED: OrderStatus.REJECTED,
    AckStatus.EXPIRED: OrderStatus.EXPIRED,
}


class AccountSnapshots:
    """Remembers what a snapshot must show of one account."""

    def __init__(self, venue: TradedAccount) -> None:
        self._venue = venue
        self._executions: list[Execution] = []
        self._entries: dict[str, OrderUpdate] = {}
        self.burnt: dict[str, None] = {}
        """Commands that were asked for and not known: never carried out."""

    def record(self, events: Iterable[ClientReport]) -> None:
        """Remember what happened on the account."""
        for event in events:
            if isinstance(event, Execution):
                self._executions.append(event)
            elif isinstance(event, OrderUpdate) and event.role is OrderRole.ENTRY:
                self._entries[event.command_id] = event

    def begin_date(self) -> None:
        """Begin a trade date: the account shows the executions of one date."""
        self._executions.clear()

    def pages(
        self, request: SnapshotRequest, first: SnapshotPage, answers: dict[str, AckStatus]
    ) -> list[SnapshotPage]:
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
            outcomes=tuple(self.outcome(command_id, answers) for command_id in request.requested),
        )
        return pages

    def outcome(self, command_id: str, answers: dict[str, AckStatus]) -> CommandOutcome:
        """Give what is known of a command; one that is not known is burnt."""
        entry = self._entries.get(command_id)
        if entry is not None:
            return CommandOutcome(
                command_id=command_id, status=entry.status, filled=entry.filled, text=entry.text
            )
        answer = answers.get(command_id)
        if answer in _ENDED:
            return CommandOutcome(command_id=command_id, status=_ENDED[answer])
        self.burnt[command_id] = None
        return CommandOutcome(command_id=command_id)
