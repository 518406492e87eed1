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

Event: TypeAlias = CommandAck | OrderUpdate | Execution | AccountValues


class Outbox:
    """Reports on their way to the desk, in order."""

    def __init__(self) -> None:
        self.last = 0
        """Last sequence given."""
        self._kept: deque[tuple[int, Report]] = deque()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def oldest(self) -> int:
        """The oldest sequence kept, or the next one to be given."""
        return self._kept[0][0] if self._kept else self.last + 1

    def add(self, event: Event) -> None:
        """Number an event and keep it."""
        self.last += 1
        self._kept.append((self.last, _report(event, self.last)))

    def head(self, most: int) -> tuple[Report, ...]:
        """Give the oldest reports kept."""
        return tuple(report for _, report in list(self._kept)[:most])

    def acknowledged(self, sequence: int) -> bool:
        """Forget what is journalled; False when the desk lacks reports that are gone here."""
        while self._kept and self._kept[0][0] <= sequence:
            self._kept.popleft()
        return sequence >= self.oldest - 1

    def begin_after(self, sequence: int) -> None:
        """Go on numbering where an earlier life of this client stopped."""
        if not self._kept:
            self.last = max(self.last, sequence)


def _report(event: Event, sequence: int) -> Report:
    match event:
        case CommandAck():
            return Report(ack=replace(event, report_sequence=sequence))
        case OrderUpdate():
            return Report(order=replace(event, report_sequence=sequence))
        case Execution():
            return Report(execution=replace(event, report_sequence=sequence))
        case AccountValues():
            return Report(account=replace(event, report_sequence=sequence))
