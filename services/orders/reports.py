"""What follows from the client's numbered reports.

Rule 1: reports are journalled once each and in order; a gap is answered by acknowledging the last
        good one, which makes the client send again.
Rule 2: a report whose number is taken must be the one that was journalled under it. Another one is
        never a duplicate: it is booked if it is a fill, and the link is a MISMATCH.
Rule 3: an execution counts once, whatever number it comes under and on whichever of two dates.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from services.domain.messages.link import Report, ReportBatch
from services.domain.messages.orders import CommandAck, Execution, LinkState, OrderUpdate
from services.domain.messages.union import Message, ReportMessage
from services.domain.units import UnixNanos
from services.orders.parts import RouterParts
from services.orders.report_check import ReportCheck


def batch_fault(batch: ReportBatch) -> str:
    """Why a batch is no message of ours; empty: every report of it has one body."""
    for report in batch.reports:
        count = len(_present(report))
        if count != 1:
            return f"report carries {count} members, expected 1"
    return ""


def bodies(batch: ReportBatch) -> Iterator[ReportMessage]:
    """What is reported, in order."""
    for report in batch.reports:
        (body,) = _present(report)
        yield body


class ReportIntake:
    """Takes the reports of the present connection."""

    def __init__(self, parts: RouterParts) -> None:
        self._parts = parts
        manifest = parts.manifest
        self._check = ReportCheck(manifest.account, live=manifest.live)

    def refusal(self, batch: ReportBatch) -> str:
        """Why nothing of a batch is taken; empty: it is of the present connection."""
        connection, store = self._parts.connection, self._parts.store
        if connection.hello is None or batch.client != connection.client:
            return f"client {batch.client} has no accepted hello"
        if batch.connection != connection.number:
            return (
                f"connection {batch.connection} of {batch.client} is not the newest,"
                f" {connection.number} is"
            )
        if batch.report_stream != store.report_stream:
            return f"report stream {batch.report_stream} is not {store.report_stream}"
        return batch_fault(batch)

    def handle(self, batch: ReportBatch, now: UnixNanos) -> Iterator[Message]:
        """Pass on what is new and can be."""
        parts = self._parts
        for body in bodies(batch):
            expected = parts.store.last_report_sequence + 1
            if body.report_sequence < expected:
                yield from self._again(body, now)
                continue
            if body.report_sequence > expected:
                text = f"report {body.report_sequence} received, expected {expected}"
                yield parts.link_status(LinkState.DOWN, text, now)
                return
            yield from self.report(body, now)
        connection = parts.connection
        if connection.published_link is LinkState.DOWN and connection.judged is not LinkState.DOWN:
            yield parts.link_status(connection.judged, "reports are contiguous again", now)

    def report(self, body: ReportMessage, now: UnixNanos) -> Iterator[Message]:
        """Pass on one report: as it is, what the ledger must have of it, or why it cannot be."""
        parts, sequence = self._parts, body.report_sequence
        if isinstance(body, Execution) and parts.store.is_counted(body):
            # Reported again under a new number; the status passes that number on to risk.
            parts.duplicates += 1
            text = f"execution {body.execution_id} reported twice, counted once"
            state = parts.connection.published_link
            yield parts.link_status(state, text, now, sequence=sequence)
            return
        fault = self._check.fault(body, parts.store.orders, now)
        if not fault and isinstance(body, CommandAck | OrderUpdate | Execution):
            fault = parts.store.report_error(body)
        passed = self._check.bookable(body) if fault and isinstance(body, Execution) else None
        if not fault:
            yield body
        elif passed is not None:
            yield passed
        if fault:
            parts.illegal_reports += 1
            yield parts.link_status(LinkState.MISMATCH, fault, now, sequence=sequence)

    def _again(self, body: ReportMessage, now: UnixNanos) -> Iterator[Message]:
        parts = self._parts
        if parts.store.is_repeated(body):
            parts.duplicates += 1
            return
        parts.illegal_reports += 1
        text = f"report {body.report_sequence} came again with another content"
        last = parts.store.last_report_sequence
        if isinstance(body, Execution) and not parts.store.is_counted(body):
            fill = self._check.bookable(replace(body, report_sequence=last))
            if fill is not None:
                yield fill
        yield parts.link_status(LinkState.MISMATCH, text, now)


def _present(report: Report) -> list[ReportMessage]:
    members = (report.ack, report.order, report.execution, report.account, report.state)
    return [member for member in members if member is not None]
