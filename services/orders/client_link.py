"""The client's side of the router: its hello, stream, snapshots and reports, as they come.

Rule 1: whose hello is accepted: greeting.py. A connection is DOWN until its snapshot is judged, and
        again while one is awaited in doubt: judgement.py.
Rule 2: what is not of the newest connection changes nothing, and is answered with the reason.
Rule 3: live, a client opens its stream within 2 s of its hello; its account is looked at every
        5 s, and with the executions of the day every 60 s. In playback nothing happens between the
        stamps that its reports do not show.
"""

from collections.abc import Iterator
from typing import Final

from services.domain.messages.control import LoopPaused
from services.domain.messages.link import (
    ClientHello,
    CommandsRequest,
    ReportAck,
    ReportBatch,
    SnapshotAck,
    SnapshotPage,
    SnapshotScope,
)
from services.domain.messages.orders import LinkState
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_SECOND, UnixNanos
from services.orders.greeting import Greeting
from services.orders.judgement import SnapshotJudge
from services.orders.parts import RouterParts
from services.orders.reports import ReportIntake, bodies

_STREAM_WAIT_NS: Final = 2 * NANOS_PER_SECOND
"""So long after its hello a client must have opened its stream (spec R.1)."""
_EVERY_NS: Final = {
    SnapshotScope.LIGHT: 5 * NANOS_PER_SECOND,
    SnapshotScope.FULL: 60 * NANOS_PER_SECOND,
}
"""How often a live account is looked at (spec R.1)."""
_SNAPSHOT_WAIT_NS: Final = 10 * NANOS_PER_SECOND
"""A snapshot that has not come for so long is a doubt (spec P05)."""


class ClientLink:
    """The link to one client."""

    def __init__(self, parts: RouterParts) -> None:
        self._parts = parts
        self._connection = parts.connection
        self._greeting = Greeting(parts)
        self._intake = ReportIntake(parts)
        self._judge = SnapshotJudge(parts, self._intake.report)
        self._refusal = ""
        """Why the page, batch or request in hand is refused."""

    def apply(self, message: Message, now: UnixNanos) -> None:
        """Change what a message of the client changes.

        Raises: NewerRouterError when the client has obeyed a router that started later.
        """
        connection, store = self._connection, self._parts.store
        match message:
            case ClientHello():
                self._greeting.apply(message, now)
            case CommandsRequest():
                self._refusal = connection.request_fault(message, self._parts.epoch)
                connection.stream_open |= not self._refusal
            case SnapshotPage():
                self._refusal = self._judge.refusal(message)
                if not self._refusal and connection.snapshot is not None:
                    connection.snapshot.add(message)
                    if not store.compared:
                        store.count_before(message.executions)
            case ReportBatch():
                self._refusal = self._intake.refusal(message)
                if not self._refusal:
                    store.keep(bodies(message))
            case _:
                pass

    def answer(self, message: Message, now: UnixNanos) -> Iterator[Message]:
        """What follows from the message that was just applied."""
        match message:
            case ClientHello():
                yield from self._greeting.answer(message, now)
            case CommandsRequest() if self._refusal:
                yield self._parts.closing(message.client, message.connection, self._refusal)
            case SnapshotPage():
                yield from self._answer_page(message, now)
            case ReportBatch():
                yield from self._answer_batch(message, now)
            case LoopPaused() if self._connection.stream_open:
                yield self._parts.request_snapshot(SnapshotScope.FULL, now, doubt=True)
                text = f"own loop stood still for {message.paused_ms} ms: waiting for a snapshot"
                yield self._parts.link_status(LinkState.DOWN, text, now)
            case _:
                pass

    def deadline(self) -> UnixNanos | None:
        """Live: when the stream must be open, or the account is looked at next."""
        connection = self._connection
        if not self._parts.manifest.live or connection.hello is None:
            return None
        if not connection.stream_open:
            return UnixNanos(connection.begun_ns + _STREAM_WAIT_NS)
        if connection.snapshot is not None:
            return UnixNanos(connection.snapshot.wanted_ns + _SNAPSHOT_WAIT_NS)
        judged_ns = connection.snapshot_ns.get(SnapshotScope.LIGHT, connection.begun_ns)
        return UnixNanos(judged_ns + _EVERY_NS[SnapshotScope.LIGHT])

    def overdue(self, now: UnixNanos) -> Iterator[Message]:
        """Give up a client without a stream; ask what the account holds."""
        deadline, connection = self.deadline(), self._connection
        if deadline is None or deadline > now:
            return
        if not connection.stream_open:
            wait_s = _STREAM_WAIT_NS // NANOS_PER_SECOND
            connection.end()
            text = f"client {connection.client} has opened no stream in {wait_s} s"
            yield self._parts.link_status(LinkState.DOWN, text, now)
        elif connection.snapshot is not None:
            waited_s = (now - connection.snapshot.wanted_ns) // NANOS_PER_SECOND
            yield self._parts.request_snapshot(SnapshotScope.FULL, now, doubt=True)
            text = f"no snapshot of the account for {waited_s} s: asked for again"
            yield self._parts.link_status(LinkState.DOWN, text, now)
        else:
            full_ns = connection.snapshot_ns.get(SnapshotScope.FULL, 0)
            full = now - full_ns >= _EVERY_NS[SnapshotScope.FULL]
            scope = SnapshotScope.FULL if full else SnapshotScope.LIGHT
            yield self._parts.request_snapshot(scope, now, doubt=False)

    def _answer_page(self, page: SnapshotPage, now: UnixNanos) -> Iterator[Message]:
        refusal, again = self._refusal, False
        if not refusal:
            yield from self._judge.judge(now)
            wanted = self._connection.snapshot
            again = wanted is not None and wanted.is_empty
            refusal = "reports went on meanwhile" if again else ""
        yield SnapshotAck(
            client=page.client,
            connection=page.connection,
            nonce=page.nonce,
            accepted=not refusal,
            text=refusal,
            again=again,
        )

    def _answer_batch(self, batch: ReportBatch, now: UnixNanos) -> Iterator[Message]:
        refusal = self._refusal
        if not refusal:
            yield from self._intake.handle(batch, now)
            yield from self._judge.judge(now)
        # Refused or not, the ack shows the last report journalled.
        last = self._parts.store.last_report_sequence
        yield ReportAck(client=batch.client, last_report_sequence=last, refused=refusal)
