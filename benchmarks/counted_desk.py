"""A desk in this process that is counted: functions, messages, rows, bytes, commits, syncs.

Machines, nodes and journals are those of separate processes, a journal per service, and turn in
the order of the flow; the bus is in memory. What is not here is not counted: sockets, gRPC, the
shell's heartbeats and metrics. What is counted depends on code and bars alone: on no clock, no
hash seed, no other work of the machine.
"""

import inspect
import os
import sqlite3
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final
from unittest import mock

from services.composition.in_process import QueueEdge, StalledError
from services.composition.services import specs_of
from services.domain.messages.union import Message
from services.domain.services import SERVICES, EdgeKind
from services.domain.topics import BY_TYPE, published
from services.domain.units import UnixNanos
from services.runtime.assembly import Assembly, ServiceSpec
from services.runtime.bus import Envelope
from services.runtime.config import ConfigFolder
from services.runtime.journal import Journal
from services.runtime.journal_files import journal_folder
from services.runtime.memory_bus import MemoryHub
from services.runtime.node import Node
from services.runtime.replay import JournalReader

_OURS: Final = tuple(str(Path(__file__).parents[1] / name) for name in ("services", "pitwire"))
_INLINED: Final = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})
"""A function of its own in Python 3.11 and none from 3.12 on."""
_ROUNDS_MAX: Final = 1_000
_SYNCHRONOUS: Final = "PRAGMA synchronous = "


class Tally:
    """What one service did in one stretch."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        """Python functions of ours as they ran, by identity; a resumed generator counts again."""
        self.messages: Counter[str] = Counter()
        """Published on the bus, by stream."""
        self.rows = 0
        """Written to the journal."""
        self.bytes = 0
        """Of their payloads."""
        self.commits = 0
        self.syncs = 0
        """Commits that waited for the disk, and syncs asked for by hand."""


class _CountedConnection(sqlite3.Connection):
    """A connection that counts into the tally of the service that turns."""

    tally: Tally | None = None
    waits_for_disk = False

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401
        if sql.startswith(_SYNCHRONOUS):
            # Noted, not done: waiting for a disk changes no count.
            self.waits_for_disk = sql.removeprefix(_SYNCHRONOUS) == "FULL"
            return super().execute(f"{_SYNCHRONOUS}OFF")
        begun, changes = self.in_transaction, self.total_changes
        cursor = super().execute(sql, parameters)
        tally, written = _CountedConnection.tally, begun or self.total_changes > changes
        if tally is not None and written and not self.in_transaction:
            tally.commits += 1
            tally.syncs += self.waits_for_disk
        return cursor

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        rows = list(parameters)
        if _CountedConnection.tally is not None:
            _CountedConnection.tally.rows += len(rows)
            _CountedConnection.tally.bytes += sum(
                len(value) for row in rows for value in row if isinstance(value, bytes)
            )
        return super().executemany(sql, rows)


class CountedDesk:
    """Every service with its journal, turned by hand, one client message at a time."""

    def __init__(self, folder: ConfigFolder) -> None:
        _forget_caches()
        self._assembly = Assembly(folder)
        self.manifest = self._assembly.manifest
        """What is wired."""
        self.replies: deque[Message] = deque()
        """Messages to the client that it has not read yet."""
        self._hub = MemoryHub()
        self._readers: list[JournalReader] = []
        self.nodes = {name: self._node(spec, name) for spec, name in specs_of(self.manifest)}
        """By service or worker name, in the order of the flow."""
        self.tallies = {name: Tally() for name in self.nodes}
        """Of the stretch under way, by service."""
        self.traced = False
        """Whether functions are counted in the stretch under way: it takes most of the time."""
        self.end_stretch()
        for node in self.nodes.values():
            node.restore()
        for node in self.nodes.values():
            node.request_replays(0)
        self.run_until_idle()

    def _node(self, spec: ServiceSpec, name: str) -> Node:
        journals = journal_folder(self.manifest.data_dir, self.manifest.run, name)
        journal, reader = Journal(journals), JournalReader(journals)
        self._readers.append(reader)
        for stream in published(spec.name, name):
            self._hub.sources[stream] = reader
        bus = self._hub.connect(self._assembly.streams(spec.name))
        node = self._assembly.node(spec, name, bus=bus, journal=journal, wall=_no_wall)
        if self.manifest.service_of(name).edge is not EdgeKind.NONE:
            node.edge = QueueEdge(self.replies)

        def count(envelope: Envelope) -> None:
            self.tallies[name].messages[envelope.stream] += 1

        node.on_published = count
        return node

    def end_stretch(self) -> dict[str, Tally]:
        """Commit what waits for the next heartbeat; give what was counted since the last one."""
        for name, node in self.nodes.items():
            with self._counted(name):
                node.commit_pending()
        counted, self.tallies = self.tallies, {name: Tally() for name in self.nodes}
        return counted

    def handle_client_message(self, message: Message) -> None:
        """Hand a client's message to the service it is for, and run until the desk is idle."""
        (service,) = BY_TYPE[type(message)].subscribers
        with self._counted(service):
            self.nodes[service].handle_call(message, None)
        self.run_until_idle()

    def run_until_idle(self) -> None:
        """Turn the services until none has a delivery or an output left."""
        for _ in range(_ROUNDS_MAX):
            worked = [self._turn(name, node) for name, node in self.nodes.items()]
            if not any(worked):
                return
        raise StalledError(f"the machines did not come to rest in {_ROUNDS_MAX} rounds")

    def _turn(self, name: str, node: Node) -> bool:
        deliveries = node.bus.receive(0.0)
        if not deliveries and not node.outbox.has_pending:
            return False
        with self._counted(name):
            node.handle(deliveries)
            node.flush()
        return True

    @contextmanager
    def _counted(self, name: str) -> Iterator[None]:
        tally, before = self.tallies[name], sys.gettrace()
        calls = tally.calls

        def note(frame: FrameType, event: str, _: object) -> None:
            del event  # a call: nothing is given back that would be told of lines and returns
            if _is_ours(frame.f_code):
                calls.append(id(frame.f_code))

        _CountedConnection.tally = tally
        if self.traced:
            sys.settrace(note)
        try:
            yield
        finally:
            sys.settrace(before)
            _CountedConnection.tally = None

    def close(self) -> None:
        """Let go of the journals."""
        for node in self.nodes.values():
            if node.journal is not None:
                node.journal.close()
        for reader in self._readers:
            reader.close()


@contextmanager
def counted_connections() -> Iterator[None]:
    """Let every connection and every sync by hand be counted that is made inside the block."""
    connect = sqlite3.connect

    def counted_connect(*arguments: Any, **options: Any) -> sqlite3.Connection:  # noqa: ANN401
        return connect(*arguments, **options, factory=_CountedConnection)

    with ExitStack() as patched:
        patched.enter_context(mock.patch.object(sqlite3, "connect", counted_connect))
        for name in {"fsync", "fdatasync"} & set(dir(os)):
            patched.enter_context(mock.patch.object(os, name, _counted_sync(getattr(os, name))))
        yield


def _counted_sync(sync: Callable[[int], None]) -> Callable[[int], None]:
    def counted(handle: int) -> None:
        if _CountedConnection.tally is not None:
            _CountedConnection.tally.syncs += 1
        sync(handle)

    return counted


_codes: dict[int, tuple[CodeType, bool]] = {}
"""By identity, which is quicker than a code's own hash; kept, so that no identity is used twice."""


def _is_ours(code: CodeType) -> bool:
    known = _codes.get(id(code))
    if known is None:
        # A module or a class body runs once, when it is imported: by whom, the run decides.
        function = code.co_flags & inspect.CO_OPTIMIZED and code.co_name not in _INLINED
        ours = bool(function) and code.co_filename.startswith(_OURS)
        known = _codes[id(code)] = (code, ours)
    return known[1]


def _forget_caches() -> None:
    # What a day before this one, in the same process, has left warm would not be called again.
    packages = tuple(row.package for row in SERVICES)
    for name in [each for each in sys.modules if each.startswith(("services.domain", *packages))]:
        for value in list(vars(sys.modules[name]).values()):
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def _no_wall() -> UnixNanos:
    return UnixNanos(0)
