"""The client's outbox: reports are numbered once and kept until the desk has journalled them."""

from collections import deque
from typing import TypeAlias

from msgspec.structs import replace

from services.domain.messages.orders import (
    AccountValues,
    CommandAck,
    Execution,
    OrderUpdate,
    Report,
)

ReportBody: TypeAlias = CommandAck | OrderUpdate | Execution | AccountValues


class ReportQueue:
    """Reports on their way to the desk, in order."""

    def __init__(self) -> None:
        self.last_sequence = 0
        """Last sequence given."""
        self._unacknowledged: deque[tuple[int, Report]] = deque()

    def __len__(self) -> int:
        return len(self._unacknowledged)

    @property
    def oldest_sequence(self) -> int:
        """The oldest sequence kept, or the next one to be given."""
        return self._unacknowledged[0][0] if self._unacknowledged else self.last_sequence + 1

    def add(self, event: ReportBody) -> None:
        """Number an event and keep it."""
        self.last_sequence += 1
        self._unacknowledged.append((self.last_sequence, _report(event, self.last_sequence)))

    def oldest(self, most: int) -> tuple[Report, ...]:
        """Give the oldest reports kept."""
        return tuple(report for _, report in list(self._unacknowledged)[:most])

    def drop_acknowledged(self, sequence: int) -> bool:
        """Forget what is journalled; False when the desk lacks reports that are gone here."""
        while self._unacknowledged and self._unacknowledged[0][0] <= sequence:
            self._unacknowledged.popleft()
        return sequence >= self.oldest_sequence - 1

    def resume_after(self, sequence: int) -> None:
        """Continue numbering where an earlier process of this client stopped."""
        if not self._unacknowledged:
            self.last_sequence = max(self.last_sequence, sequence)


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
