"""Builders for what travels between services: clocks as messages, envelopes, pages, journals."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from services.domain.calendar import et_ns
from services.domain.messages.market import Bar, MarketMinute, MinuteKind, Watermark
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.runtime.bus import Delivery, Envelope, ReplayPage
from services.runtime.journal import Journal, Record, Role

OPEN = et_ns("2026-02-06", "10:00")
"""Inside regular hours of a plain Friday."""
WALL = UnixNanos(1_790_000_000_000_000_000)
"""What the wall clock of a test says, always."""


def clock(minute: int, *, timer_ns: int | None = None) -> MarketMinute:
    """A minute so many after OPEN, without its bars; with a timer for the tally."""
    return MarketMinute(
        group="index",
        kind=MinuteKind.BAR,
        close_ns=UnixNanos(OPEN + minute * NANOS_PER_MINUTE),
        bars=(),
        report_sequence=timer_ns,
    )


def minute_of(*bars: Bar) -> MarketMinute:
    """The minute that closed with these bars."""
    return MarketMinute(group="index", kind=MinuteKind.BAR, close_ns=bars[0].close_ns, bars=bars)


def watermark(minute: int) -> Watermark:
    """A feed client's clock so many minutes after OPEN."""
    return Watermark(now_ns=UnixNanos(OPEN + minute * NANOS_PER_MINUTE))


def envelope(sequence: int, *, stream: str = "market", epoch: int = 1) -> Envelope:
    """The envelope of a stream at a sequence; its clock says which."""
    return Envelope(stream, epoch, sequence, WALL, clock(sequence))


def page(after: int, upto: int, *, head: int | None = None, epoch: int = 1) -> ReplayPage:
    """A replay page of `market` with (after, upto]."""
    envelopes = tuple(envelope(n, epoch=epoch) for n in range(after + 1, upto + 1))
    return ReplayPage("market", after, upto if head is None else head, envelopes)


def sequences(deliveries: Sequence[Delivery]) -> list[int]:
    """The sequences among deliveries, in order of arrival."""
    return [d.sequence for d in deliveries if isinstance(d, Envelope)]


def output(journal: Journal, sequence: int, *, stream: str = "market") -> Record:
    """The journal record of a published clock."""
    message = clock(sequence)
    return Record(Role.OUTPUT, stream, journal.epoch, sequence, WALL, message)


def fill(journal: Journal, sequences_: Sequence[int], *, stream: str = "market") -> None:
    """Commit published clocks to a journal that has been read, in one turn."""
    for sequence in sequences_:
        journal.append(output(journal, sequence, stream=stream))
    journal.commit()


def opened(folder: Path) -> Journal:
    """A journal, read to its end and ready to be appended to."""
    journal = Journal(folder)
    for _ in journal.records():
        pass
    return journal


def kept(folder: Path) -> list[Record]:
    """What a journal holds, read as after a restart."""
    journal = Journal(folder)
    try:
        return list(journal.records())
    finally:
        journal.close()


class RecordingBus:
    """A bus that remembers what was published and delivers nothing."""

    def __init__(self) -> None:
        self.published: list[Envelope] = []
        """In order."""
        self.requested: list[tuple[str, int]] = []
        """Replay requests: stream, after."""
        self.before: Callable[[], None] = lambda: None
        """Called before each publish."""

    def publish(self, envelope: Envelope) -> None:
        """Remember."""
        self.before()
        self.published.append(envelope)

    def publish_all(self, envelopes: Iterable[Envelope]) -> None:
        """Remember each."""
        for envelope in envelopes:
            self.publish(envelope)

    def receive(self, timeout_s: float) -> list[Delivery]:
        """Nothing."""
        del timeout_s
        return []

    def request_replay(self, stream: str, after: int) -> None:
        """Remember."""
        self.requested.append((stream, after))

    def close(self) -> None:
        """Nothing to let go of."""

    def messages(self) -> list[Message]:
        """What was said, without its envelopes."""
        return [envelope.message for envelope in self.published]
