"""A machine small enough to know by heart, in three honest variants and one that changed its mind.

It counts clocks and says so on `session`; a clock with a report sequence sets a timer that many
nanoseconds later; a batch from a client is acknowledged and published as one bar's stamp.
"""

from collections.abc import Iterable, Iterator

from services.domain.messages.market import FeedAck, FeedBatch, FeedCarry, MarketMinute
from services.domain.messages.session import SessionMinute
from services.domain.messages.union import Message
from services.domain.units import UnixNanos


class CountingMachine:
    """Counts; recovers by recomputing."""

    def __init__(self) -> None:
        self.total = 0
        """Clocks seen, over all trade dates."""
        self.log: list[tuple[str, int, UnixNanos]] = []
        """What happened in order: kind, total after it, the time handed over."""
        self._deadline: UnixNanos | None = None

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Count a clock, acknowledge a batch, take over a carry."""
        match message:
            case FeedCarry():
                self.total = dict(message.client_sequences)["total"]
                self._deadline = UnixNanos(message.watermark_ns) if message.watermark_ns else None
            case MarketMinute():
                yield from self._count(message, now)
            case FeedBatch():
                self.log.append(("batch", message.sequence, now))
                yield FeedAck(
                    client=message.client, sequence=message.sequence, accepted=0, duplicates=0
                )
                yield closed(f"batch {message.sequence}", now)
            case _:
                self.log.append((type(message).__name__, self.total, now))

    def _count(self, clock: MarketMinute, now: UnixNanos) -> Iterator[Message]:
        self.total += 1
        self.log.append(("clock", self.total, now))
        if clock.report_sequence is not None:
            self._deadline = UnixNanos(clock.close_ns + clock.report_sequence)
        yield closed(self.text(), now)

    def text(self) -> str:
        """What it says of a clock."""
        return f"clock {self.total}"

    def next_deadline(self) -> UnixNanos | None:
        """When the timer is due."""
        return self._deadline

    def on_timer(self, now: UnixNanos) -> Iterable[Message]:
        """Say that it fired."""
        self._deadline = None
        self.log.append(("timer", self.total, now))
        yield closed(f"timer {self.total}", now)

    def carry(self) -> Iterable[Message]:
        """The count, and the timer that is still to come."""
        deadline = self._deadline or UnixNanos(0)
        yield FeedCarry(
            client_sequences=(("total", self.total),), last_bars=(), watermark_ns=deadline
        )


class ChangedMachine(CountingMachine):
    """Another version of the code: the same inputs, other words."""

    def text(self) -> str:
        """What it says of a clock."""
        return f"clock number {self.total}"


class FailingMachine(CountingMachine):
    """Says one thing of the third clock and then breaks."""

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Count; break in the middle of the third answer."""
        yield from super().on_message(message, now)
        assert self.total != 3, "the machine broke at clock 3"


class FoldingMachine(CountingMachine):
    """Never re-decides: told its inputs and outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.folded: list[Message] = []
        """Everything that was folded, in order."""

    def fold_input(self, message: Message, now: UnixNanos) -> None:
        """Count what was counted."""
        self.folded.append(message)
        if isinstance(message, FeedCarry):
            self.total = dict(message.client_sequences)["total"]
        if isinstance(message, MarketMinute):
            self.total += 1
        del now

    def fold_output(self, message: Message) -> None:
        """Remember what was said."""
        self.folded.append(message)


def closed(group: str, now: UnixNanos) -> SessionMinute:
    """An output of the tally, its text where a group's name would be."""
    return SessionMinute(group=group, close_ns=now, trade_date="", updates=(), historical=False)
