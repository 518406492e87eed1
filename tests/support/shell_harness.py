"""A live shell of risk with one upstream, in one process."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from services.domain.messages.control import Halt, Heartbeat, StreamHead, Upstreams
from services.domain.messages.market import TimeMode
from services.domain.messages.union import Message
from services.domain.services import ServiceRow
from services.domain.units import UnixNanos
from services.runtime.bus import Envelope, live
from services.runtime.clock import Clock, SystemClock
from services.runtime.journal import Journal
from services.runtime.memory_bus import MemoryHub
from services.runtime.metrics import Metrics
from services.runtime.node import Node, NodeConfig
from services.runtime.shell import Shell
from tests.support.counting_machine import CountingMachine
from tests.support.feed_builder import calendar, manifest
from tests.support.stream_builder import WALL, clock, page

HASH = manifest().config_hash


class Witness(CountingMachine):
    """A tally that also keeps the samples and halts it received."""

    def __init__(self) -> None:
        super().__init__()
        self.samples: list[Message] = []
        self.on_sample: Callable[[], object] = lambda: None
        """Called with every sample."""

    def on_message(self, message: Message, now: UnixNanos) -> list[Message]:
        """Keep samples and halts; count the rest."""
        if isinstance(message, Upstreams | Halt):
            self.on_sample()
            self.samples.append(message)
            return []
        return list(super().on_message(message, now))


class ShellHarness:
    """A live risk shell whose only upstream is ingest, in one process."""

    def __init__(self, folder: Path, own_clock: Clock | None = None) -> None:
        used = own_clock or SystemClock()
        self.hub = MemoryHub()
        self.ingest = self.hub.connect(("heartbeat",))
        self.machine = Witness()
        self.journal = Journal(folder)
        config = NodeConfig(
            name="risk",
            row=ServiceRow(name="risk", package=""),
            streams=("market",),
            fires_early=False,
            date_of=calendar().trade_date_of,
            wall=used.now,
        )
        bus = self.hub.connect(("market", "heartbeat", "halt"))
        node = Node(config, self.machine, bus, used, self.journal)
        node.restore()
        node.inboxes["market"].on_page(page(0, 0))
        self.shell = Shell(
            node,
            msgspec.structs.replace(manifest(TimeMode.LIVE), data_dir=str(folder)),
            upstreams=("ingest",),
            metrics=Metrics("risk"),
            build="0",
        )

    def publishes(self, sequence: int, *, sent_ns: int) -> None:
        """Ingest publishes a clock, and right after it a heartbeat that tells of it."""
        self.ingest.publish(Envelope("market", 1, sequence, WALL, clock(sequence)))
        self.beats(sequence, sent_ns=sent_ns)

    def beats(self, head: int, *, sent_ns: int) -> None:
        """A heartbeat of ingest."""
        heartbeat = Heartbeat(
            service="ingest",
            epoch=1,
            config_hash=HASH,
            build="0",
            ready=True,
            reasons=(),
            heads=(StreamHead("market", head),),
            sent_ns=UnixNanos(sent_ns),
        )
        self.ingest.publish(live(heartbeat, 1, heartbeat.sent_ns))
