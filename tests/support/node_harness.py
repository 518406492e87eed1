"""A node with a small machine, one life at a time."""

from collections.abc import Callable
from pathlib import Path

from services.domain.messages.market import FeedBatch
from services.domain.messages.session import SessionMinute
from services.domain.messages.union import Message
from services.domain.services import ServiceRow
from services.runtime.bus import FROM_DATE_START, Bus, Envelope
from services.runtime.clock import Clock as ClockInForce
from services.runtime.clock import MarketClock
from services.runtime.journal import Journal, Role
from services.runtime.journal_records import read_records
from services.runtime.machine import Machine
from services.runtime.node import Node, NodeConfig
from tests.support.counting_machine import CountingMachine
from tests.support.feed_builder import calendar
from tests.support.stream_builder import WALL, RecordingBus, clock, page, watermark

DAY = 24 * 60
"""Minutes."""
FRIDAY = "2026-02-06"


class NodeRun:
    """One life of a node: from opening its journal to its end."""

    def __init__(
        self,
        folder: Path,
        make: Callable[[], Machine] = CountingMachine,
        *,
        playback: bool = True,
        clock_in_force: ClockInForce | None = None,
        config_hash: str = "one",
        row: ServiceRow = ServiceRow(name="state", package=""),  # noqa: B008 - frozen
    ) -> None:
        self.journal = Journal(folder)
        self.bus = RecordingBus()
        self.machine = make()
        config = NodeConfig(
            name="state",
            row=row,
            streams=("market",),
            fires_early=playback,
            date_of=calendar().trade_date_of,
            wall=lambda: WALL,
            config_hash=config_hash,
        )
        self.node = Node(
            config, self.machine, _as_bus(self.bus), clock_in_force or MarketClock(), self.journal
        )

    def start(self) -> "NodeRun":
        """Recover and be in step with a publisher that has said nothing since."""
        self.node.restore()
        inbox = self.node.inboxes["market"]
        if inbox.applied == FROM_DATE_START:
            inbox.on_page(page(0, 0))
        return self

    def handle(self, *envelopes: Envelope) -> list[str]:
        """One turn; gives what was said."""
        self.node.handle(list(envelopes))
        return groups_of([e.message for e in self.node.flush()])

    def stop(self) -> None:
        """Stop without a word."""
        self.journal.close()


class RecordingEdge:
    """A client's link that remembers what it was answered."""

    def __init__(self) -> None:
        self.answers: list[tuple[Message, object | None]] = []

    def send(self, message: Message, call: object | None) -> None:
        """Remember."""
        self.answers.append((message, call))

    def close(self) -> None:
        """Nothing to let go of."""


def _as_bus(bus: Bus) -> Bus:
    return bus


def groups_of(messages: list[Message]) -> list[str]:
    """Groups of the stamps said."""
    return [message.group for message in messages if isinstance(message, SessionMinute)]


def timed(sequence: int, minute: int, timer_ns: int) -> Envelope:
    """A clock that sets a timer."""
    return Envelope("market", 1, sequence, WALL, clock(minute, timer_ns=timer_ns))


def at_minute(sequence: int, minute: int) -> Envelope:
    """A clock at a minute."""
    return Envelope("market", 1, sequence, WALL, clock(minute))


def batch(sequence: int) -> FeedBatch:
    """A feed batch with its clock."""
    return FeedBatch(client="nt", sequence=sequence, watermark=watermark(sequence))


def roles(date: str, folder: Path) -> list[Role]:
    """What lies in a date, short of carries and boots."""
    records = read_records(folder / f"{date}.sqlite")
    return [r.role for r in records if r.role not in {Role.CARRY, Role.BOOT}]


def machine_of(run: NodeRun) -> CountingMachine:
    """The machine of a run."""
    assert isinstance(run.machine, CountingMachine)
    return run.machine


# -- what leaves, and when --------------------------------------------------------------------
