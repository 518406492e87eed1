"""A desk whose host can lose power: real nodes, shells and journals, all in this process.

A stopping point lies before and after every commit of every service, and after each message that
leaves for the client. At one of them everything ends at once, or one service alone, whose shell is
then built anew beside the others that live on. A service that is cut finds its files as they were
when it last synced, the others as the operating system had them. SQLite appends to its WAL between
two checkpoints, so a file's length at a sync is all that a cut needs.
"""

import shutil
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from services.composition.in_process import QueueEdge
from services.composition.services import specs_of
from services.domain.messages.link import LinkLost
from services.domain.messages.risk import RiskMinute
from services.domain.messages.union import Message
from services.domain.services import EdgeKind
from services.domain.topics import BY_TYPE, published, publisher_of
from services.nt_twin.client import TwinClient, TwinConnection
from services.orders.router import Router
from services.runtime.assembly import Assembly, ServiceSpec
from services.runtime.codec import decode
from services.runtime.config import ConfigFolder
from services.runtime.journal import Journal, JournalWriter
from services.runtime.journal_chain import CursorRow
from services.runtime.journal_files import journal_folder
from services.runtime.journal_sqlite import naming_refusals, open_date, open_undated
from services.runtime.memory_bus import MemoryBus, MemoryHub
from services.runtime.metrics import Metrics
from services.runtime.replay import JournalReader
from services.runtime.shell import Shell
from services.runtime.undated import UNDATED_FILE, UndatedStore
from tests.support.waiting import PATIENCE_S

LINKS: Final = {"ingest": TwinConnection.FEED, "orders": TwinConnection.ORDERS}
"""The client's link to a service."""
_UNDATED: Final = "desk.sqlite"
"""Synced with every write."""


class PowerLostError(Exception):
    """The host has lost power."""


class Power:
    """Counts stopping points and stops at one of them."""

    def __init__(self, stop_at: int = -1, *, at_command: bool = False) -> None:
        """`at_command`: before orders commits the first command, whichever point that is."""
        self._at_command = at_command
        self.points = 0
        self.places: list[str] = []
        """The service of each point."""
        self._commanded = False
        self._stop_at = stop_at

    def point(self, journal: JournalWriter, moment: str) -> None:
        """One more point: `before` or `after` a commit."""
        del moment
        name = journal.folder.name
        self.points += 1
        is_command = not self._commanded and name == "orders" and _holds_command(journal)
        self._commanded |= is_command
        self.places.append(name)
        if self.points == self._stop_at or (is_command and self._at_command):
            raise PowerLostError


class Left(QueueEdge):
    """The link to the client, with a point after each message that has left."""

    def __init__(self, inbox: deque[Message], left: Callable[[], None]) -> None:
        super().__init__(inbox)
        self._left = left

    def send(self, message: Message, call: object | None) -> None:
        """Hand the message to the client's queue; it may yet be lost."""
        super().send(message, call)
        self._left()


class MeasuredWriter(JournalWriter):
    """The writer of a journal that remembers how long its files were at its last sync."""

    def __init__(self, folder: Path, power: Power) -> None:
        self._power: Power | None = None
        super().__init__(folder)
        self._power = power
        self.synced = _lengths(folder)

    def _write(self, begun: str | None, cursors: Sequence[CursorRow], *, sync: bool) -> None:
        if self._power is None:  # while it opens
            super()._write(begun, cursors, sync=sync)
            return
        if f"{self.date}.sqlite" not in self.synced:
            self.synced = _lengths(self.folder)  # the date before was put into its file, synced
        self._power.point(self, "before")
        super()._write(begun, cursors, sync=sync)
        if sync:
            self.synced = _lengths(self.folder)
        self._power.point(self, "after")

    def move(self, folder: Path) -> None:
        """Go on with a copy of the folder; the files open before stay as they are, unclosed."""
        self._unclosed = (self._db, self.undated)
        self.folder = folder
        undated = folder / UNDATED_FILE
        self.undated = UndatedStore(open_undated(folder), undated, naming_refusals)
        self._path = folder / f"{self.date}.sqlite"
        self._db = open_date(self._path)


class LockStepDesk:
    """Services in this process that a client plays with in lock-step."""

    def __init__(self) -> None:
        self.replies: deque[Message] = deque()
        """What has left for the client and not arrived."""
        self.shells: dict[str, Shell] = {}

    def turn(self) -> bool:
        """Turn every service until none has anything; True when there was something."""
        raise NotImplementedError

    def start(self) -> None:
        """Recover every service."""
        for shell in self.shells.values():
            recover(shell)

    def play(self, client: TwinClient) -> None:
        """Play on to the client's end, in lock-step."""
        end = time.monotonic() + PATIENCE_S
        while not client.done:
            output = client.next_output()
            if output is not None:
                (service,) = BY_TYPE[type(output)].subscribers
                self.shells[service].node.handle_call(output, None)
            worked = self.turn()
            worked |= bool(self.replies)
            while self.replies:
                client.on_reply(self.replies.popleft())
            if worked or output is not None:
                end = time.monotonic() + PATIENCE_S
                continue
            for shell in self.shells.values():
                shell.heartbeat(time.monotonic_ns())
            reasons = {name: shell.reasons for name, shell in self.shells.items()}
            assert time.monotonic() < end, f"{client.waiting_for()}: {reasons}"
            if not self.turn():
                time.sleep(0.002)


def recover(shell: Shell) -> None:
    """Bring a service to where its journal ends, as its process does before its loop."""
    node = shell.node
    node.restore()
    node.begin_catch_up(0)
    if isinstance(node.machine, Router) and (client := node.machine.linked_client):
        node.handle_call(LinkLost(client=client, text="restarted", restarted=True), None)
        node.flush()
    shell.heartbeat(time.monotonic_ns())


class PowerDesk(LockStepDesk):
    """One life of a desk."""

    def __init__(self, folder: ConfigFolder, power: Power, data_dir: Path | None = None) -> None:
        """`data_dir`: where the journals lie, when not where the folder says."""
        super().__init__()
        assembly = Assembly(folder)
        self.manifest = assembly.manifest
        if data_dir is not None:
            self.manifest = msgspec.structs.replace(self.manifest, data_dir=str(data_dir))
        self._power = power
        self._hub = MemoryHub()
        self._assembly = assembly
        self._buses: dict[str, MemoryBus] = {}
        self._readers: list[JournalReader] = []
        self.journals: dict[str, MeasuredWriter] = {}
        for spec, name in specs_of(self.manifest):
            self.shells[name] = self._shell(spec, name)

    def _shell(self, spec: ServiceSpec, name: str) -> Shell:
        manifest, assembly = self.manifest, self._assembly
        path = journal_folder(manifest.data_dir, manifest.run, name)
        writer = self.journals[name] = MeasuredWriter(path, self._power)
        journal = Journal(path, shared=writer)
        self._readers.append(reader := JournalReader(path))
        self._hub.sources.update(dict.fromkeys(published(spec.name, name), reader))
        streams = assembly.streams(spec.name)
        bus = self._buses[name] = self._hub.connect((*streams, "heartbeat", "halt"))
        node = assembly.node(spec, name, bus=bus, journal=journal)
        if manifest.service_of(spec.name).edge is not EdgeKind.NONE:
            node.edge = Left(self.replies, partial(self._power.point, writer, "left"))
        upstreams = dict.fromkeys(map(publisher_of, streams))
        return Shell(node, manifest, upstreams=upstreams, metrics=Metrics(name), build="test")

    def move(self, data_dir: Path) -> None:
        """Go on with copies of the journals that lie in another place."""
        self.manifest = msgspec.structs.replace(self.manifest, data_dir=str(data_dir))
        for name, journal in self.journals.items():
            journal.move(journal_folder(self.manifest.data_dir, self.manifest.run, name))
        unclosed, self._readers = self._readers, []
        self._unclosed = unclosed
        for spec, name in specs_of(self.manifest):
            self._readers.append(reader := JournalReader(self.journals[name].folder))
            self._hub.sources.update(dict.fromkeys(published(spec.name, name), reader))

    def end_service(self, name: str, client: TwinClient, *, arrived: bool) -> None:
        """End one service, what left it has arrived or not, and start it from its journal."""
        kept = [each for each in self.replies if BY_TYPE[type(each)].publisher != name]
        if arrived:
            kept = list(self.replies)
        self.replies.clear()
        for reply in kept:
            client.on_reply(reply)
        if name in LINKS:
            client.on_broken(LINKS[name])
        ended = self._buses[name].inbox
        for queues in self._hub.queues.values():
            queues[:] = [queue for queue in queues if queue is not ended]
        (spec,) = (spec for spec, each in specs_of(self.manifest) if each == name)
        self.shells[name] = self._shell(spec, name)
        recover(self.shells[name])

    def turn(self) -> bool:
        """Turn every service until none has anything; True when there was something."""
        worked = False
        while sum(shell.turn(0.0) for shell in self.shells.values()):
            worked = True
        return worked

    def end_without_power(self, cut: Collection[str], client: TwinClient, *, arrived: bool) -> None:
        """End at once; what left has arrived or not; the services of `cut` lose what they can."""
        if arrived:
            while self.replies:
                client.on_reply(self.replies.popleft())
        for link in TwinConnection:
            client.on_broken(link)
        for name, journal in self.journals.items():
            keep = journal.folder.with_name(f"{name}.kept")
            shutil.copytree(journal.folder, keep, ignore=shutil.ignore_patterns("*-shm", "lock"))
            if name in cut:
                cut_back(keep, journal.synced)
        self.close()
        for journal in self.journals.values():
            shutil.rmtree(journal.folder)
            journal.folder.with_name(f"{journal.folder.name}.kept").rename(journal.folder)

    def close(self) -> None:
        """Let go of every file."""
        for reader in self._readers:
            reader.close()
        for journal in self.journals.values():
            journal.close()


def _holds_command(journal: JournalWriter) -> bool:
    rows = [decode(row[6], row[8]) for row in journal._rows if row[6]]  # noqa: SLF001
    return any(isinstance(message, RiskMinute) and message.commands for message in rows)


def _lengths(folder: Path) -> dict[str, int]:
    files = [*folder.glob("*.sqlite"), *folder.glob("*.sqlite-wal")]
    return {path.name: path.stat().st_size for path in files}


def cut_back(folder: Path, synced: dict[str, int]) -> None:
    """Make the files what they were at the last sync; what is undated is synced by every write."""
    for tail in folder.glob("*-shm"):
        tail.unlink()
    for name in _lengths(folder):
        if name.startswith(_UNDATED):
            continue
        if name not in synced:
            (folder / name).unlink()
        else:
            with (folder / name).open("r+b") as file:
                file.truncate(synced[name])
