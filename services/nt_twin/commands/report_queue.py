"""The client's outbox: reports are numbered once and kept until the desk journals them. Pure."""

from collections import deque
from itertools import islice
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from services.domain.identity import report_digest
from services.domain.messages.link import Report
from services.domain.messages.orders import (
    AccountValues,
    CommandAck,
    Execution,
    OrderUpdate,
    PlatformState,
)
from services.nt_twin.memory.records import Kind, Memory

ReportBody: TypeAlias = CommandAck | OrderUpdate | Execution | AccountValues | PlatformState


class _Numbering(msgspec.Struct, frozen=True, kw_only=True):
    # The last number given, and its report, whose digest proves the numbering.
    last_sequence: int
    last: Report | None


class ReportQueue:
    """The reports of one client."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.last_sequence = 0
        """Last sequence given."""
        self._unacknowledged: deque[tuple[int, Report]] = deque()
        self._last: Report | None = None
        for _, numbering in memory.load(Kind.NUMBERING, _Numbering):
            self.last_sequence, self._last = numbering.last_sequence, numbering.last
        for key, report in memory.load(Kind.REPORT, Report):
            self._unacknowledged.append((int(key), report))

    def __len__(self) -> int:
        return len(self._unacknowledged)

    @property
    def oldest_sequence(self) -> int:
        """The oldest sequence kept, or the next one to be given."""
        return self._unacknowledged[0][0] if self._unacknowledged else self.last_sequence + 1

    def add(self, *events: ReportBody) -> None:
        """Number events and keep them."""
        for event in events:
            self.last_sequence += 1
            self._last = _report(event, self.last_sequence)
            self._unacknowledged.append((self.last_sequence, self._last))
            self._memory.put(Kind.REPORT, _key(self.last_sequence), self._last)
        self._remember()

    def oldest(self, most: int) -> tuple[Report, ...]:
        """Give the oldest reports kept."""
        return tuple(report for _, report in islice(self._unacknowledged, most))

    def drop_acknowledged(self, sequence: int) -> None:
        """Forget what is journalled."""
        while self._unacknowledged and self._unacknowledged[0][0] <= sequence:
            dropped, _ = self._unacknowledged.popleft()
            self._memory.drop(Kind.REPORT, _key(dropped))

    def number_after(self, sequence: int) -> None:
        """Number what is kept anew, for a desk that does not know this numbering."""
        kept = [_body(report) for _, report in self._unacknowledged]
        self.drop_acknowledged(self.last_sequence)
        self.last_sequence = sequence
        self.add(*kept)

    @property
    def last_digest(self) -> str:
        """Digest of the report with the last number; empty before the first."""
        return "" if self._last is None else report_digest(_body(self._last))

    def _remember(self) -> None:
        numbering = _Numbering(last_sequence=self.last_sequence, last=self._last)
        self._memory.put(Kind.NUMBERING, "", numbering)


def _key(sequence: int) -> str:
    return f"{sequence:012d}"


def _report(event: ReportBody, sequence: int) -> Report:
    match event:
        case CommandAck():
            return Report(ack=replace(event, report_sequence=sequence))
        case OrderUpdate():
            return Report(order=replace(event, report_sequence=sequence))
        case Execution():
            return Report(execution=replace(event, report_sequence=sequence))
        case AccountValues():
            return Report(account=replace(event, report_sequence=sequence))
        case PlatformState():
            return Report(state=replace(event, report_sequence=sequence))


def _body(report: Report) -> ReportBody:
    body = report.ack or report.order or report.execution or report.account or report.state
    assert body is not None, "a report without a body was kept"
    return body
