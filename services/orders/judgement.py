"""What follows from a snapshot of the account: the account is the truth.

Rule 1: fills it shows and we have not are booked, once. Those from before the account was first
        compared are not ours to book: its positions hold them.
Rule 2: the outcome of every command that was asked for is taken over. One the client does not know
        is dead, since its id is burnt there.
Rule 3: while an entry works that we do not know, or know to be over, every snapshot is published:
        risk cancels it again with each.
Rule 4: then positions must equal our executions. A difference is a MISMATCH, never a repairing
        order; it is RECONCILED again by the snapshot that shows none.
"""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec.structs import replace

from services.domain.holdings import position_difference
from services.domain.messages.link import CommandOutcome, SnapshotPage
from services.domain.messages.orders import (
    AccountSnapshot,
    Execution,
    LinkState,
    OrderStatus,
)
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.orders.parts import RouterParts

_LOST: Final = "the client does not know it, and never will"
_UNANSWERED: Final = (OrderStatus.PENDING, OrderStatus.UNKNOWN)


class SnapshotJudge:
    """Judges the snapshots of the present connection."""

    def __init__(
        self, parts: RouterParts, book: Callable[[Execution, UnixNanos], Iterator[Message]]
    ) -> None:
        """`book`: what follows from a fill that no report has shown."""
        self._parts = parts
        self._book = book

    def refusal(self, page: SnapshotPage) -> str:
        """Why a page changes nothing; empty: it is the next of the snapshot that is awaited."""
        connection = self._parts.connection
        if connection.hello is None or page.client != connection.client:
            return f"client {page.client} has no accepted hello"
        if page.connection != connection.number:
            return f"connection {page.connection} is not the newest, {connection.number} is"
        if page.epoch > self._parts.epoch:  # a lower one is of a journal
            return f"router epoch is {self._parts.epoch}, not {page.epoch}"
        if connection.snapshot is None:
            return "no snapshot is awaited"
        return connection.snapshot.page_fault(page)

    def judge(self, now: UnixNanos) -> Iterator[Message]:
        """Judge the awaited snapshot, if it is whole and every report before it is here."""
        parts = self._parts
        wanted = parts.connection.snapshot
        page = None if wanted is None else wanted.first
        if wanted is None or page is None:
            return
        last = parts.store.last_report_sequence
        if page.report_sequence > last:
            return
        if page.report_sequence < last:
            wanted.clear()
            return
        executions, outcomes, scope = wanted.executions(), wanted.outcomes(), wanted.request.scope
        mismatches = [text for each in executions for text in self._foreign(each)]
        if parts.store.compared:
            for each in executions:
                yield from self._unreported(each, now)
        for outcome in outcomes:
            yield from self._outcome(outcome, now)
        difference = position_difference(parts.store.net_positions, page.positions)
        mismatches += [difference] if difference else []
        news = parts.connection.mark_judged(page, scope, now)
        if news or any(map(parts.store.is_orphan_entry, page.orders)):
            yield AccountSnapshot(
                report_sequence=last,
                client=page.client,
                account=parts.manifest.account,
                positions=page.positions,
                orders=page.orders,
                at_ns=page.at_ns,
            )
        yield from self._state("; ".join(mismatches), now)

    def _state(self, mismatch: str, now: UnixNanos) -> Iterator[Message]:
        connection = self._parts.connection
        state = LinkState.MISMATCH if mismatch else LinkState.RECONCILED
        text = mismatch or "account matches the desk"
        if (state, text) != (connection.published_link, connection.published_text):
            yield self._parts.link_status(state, text, now)

    def _foreign(self, execution: Execution) -> Iterator[str]:
        account = self._parts.manifest.account
        if execution.account != account:
            yield f"execution {execution.execution_id} is of account {execution.account}"

    def _unreported(self, execution: Execution, now: UnixNanos) -> Iterator[Message]:
        parts = self._parts
        if execution.account != parts.manifest.account or parts.store.is_counted(execution):
            return
        sequence = parts.store.last_report_sequence
        yield from self._book(replace(execution, report_sequence=sequence), now)

    def _outcome(self, outcome: CommandOutcome, now: UnixNanos) -> Iterator[Message]:
        parts = self._parts
        order = parts.store.orders.get(outcome.command_id)
        if order is None or outcome.command_id not in parts.store.requested():
            return
        if outcome.status is None:
            status = OrderStatus.EXPIRED if order.status in _UNANSWERED else OrderStatus.CANCELLED
            yield parts.order_update(order, status, _LOST, now)
        elif outcome.status is not order.status:
            update = parts.order_update(order, outcome.status, outcome.text or "asked for", now)
            if not parts.store.report_error(update):
                yield update
