"""A desk whose host can lose power: real nodes, shells and journals, all in this process.

A stopping point lies before and after every commit of every service. At one of them everything
ends at once. A service that is cut finds its files as they were when it last synced, the others as
the operating system had them. SQLite appends to its WAL between two checkpoints, so a file's length
at a sync is all that a cut needs.
"""

import shutil
import time
from collections import deque
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from services.composition.in_process import QueueEdge
from services.composition.services import specs_of
from services.domain.messages.orders import LinkLost
from services.domain.messages.risk import RiskMinute
from services.domain.messages.union import Message
from services.domain.services import RESTARTED, EdgeKind
from services.domain.topics import BY_TYPE, published, publisher_of
from services.nt_twin.client import TwinClient, TwinConnection
from services.orders.router import Router
from services.runtime.assembly import Assembly, ServiceSpec
from services.runtime.codec import decode
from services.runtime.config import ConfigFolder
from services.runtime.journal import Journal, _CursorRow
from services.runtime.journal_files import journal_folder
from services.runtime.memory_bus import MemoryHub
from services.runtime.metrics import Metrics
from services.runtime.replay import JournalReader
from services.runtime.shell import Shell
from tests.support.waiting import PATIENCE_S

_UNDATED: Final = "desk.sqlite"
"""Synced with every write."""


class PowerLostError(Exception):
    """The host has lost power."""


class Power:
    """Counts stopping points and stops at one of them."""

    def __init__(self, stop_at: int = -1) -> None:
        self.points = 0
        self.places: list[str] = []
        """The service of each point."""
        self.place_of_command = 0
        """The point before orders commits the first command."""
        self._stop_at = stop_at

    def point(self, journal: Journal) -> None:
        """One more point."""
        name = journal.folder.name
        self.points += 1
        if name == "orders" and not self.place_of_command and _holds_command(journal):
            self.place_of_command = self.points
        self.places.append(name)
        if self.points == self._stop_at:
            raise PowerLostError


class MeasuredJournal(Journal):
    """A journal that remembers how long its files were at its last sync."""

    def __init__(self, folder: Path, power: Power) -> None:
        self._power: Power | None = None
        super().__init__(folder)
        self._power = power
        self.synced = _lengths(folder)

    def commit(self, cursors: Sequence[_CursorRow] = (), *, sync: bool = False) -> None:
        """Write, between two stopping points."""
        if self._power is None or not (self._rows or cursors):  # while it opens
            super().commit(cursors, sync=sync)
            return
        if f"{self.date}.sqlite" not in self.synced:
            self.synced = _lengths(self.folder)  # the date before was put into its file, synced
        self._power.point(self)
        super().commit(cursors, sync=sync)
        if sync:
            self.synced = _lengths(self.folder)
        self._power.point(self)


class PowerDesk:
    """One life of a desk."""

    def __init__(self, folder: ConfigFolder, power: Power) -> None:
        assembly = Assembly(folder)
        self.manifest = assembly.manifest
        self.replies: deque[Message] = deque()
        self._power = power
        self._hub = MemoryHub()
        self._readers: list[JournalReader] = []
        self.journals: dict[str, MeasuredJournal] = {}
        self.shells: dict[str, Shell] = {}
        for spec, name in specs_of(self.manifest):
            self.shells[name] = self._shell(assembly, spec, name)

    def start(self) -> None:
        """Recover every service."""
        for shell in self.shells.values():
            self._start(shell)

    def _shell(self, assembly: Assembly, spec: ServiceSpec, name: str) -> Shell:
        manifest = self.manifest
        path = journal_folder(manifest.data_dir, manifest.run, name)
        journal = self.journals[name] = MeasuredJournal(path, self._power)
        self._readers.append(reader := JournalReader(path))
        self._hub.sources.update(dict.fromkeys(published(spec.name, name), reader))
        streams = assembly.streams(spec.name)
        bus = self._hub.connect((*streams, "heartbeat", "halt"))
        node = assembly.node(spec, name, bus=bus, journal=journal)
        if manifest.service_of(spec.name).edge is not EdgeKind.NONE:
            node.edge = QueueEdge(self.replies)
        upstreams = dict.fromkeys(map(publisher_of, streams))
        return Shell(node, manifest, upstreams=upstreams, metrics=Metrics(name), build="test")

    def _start(self, shell: Shell) -> None:
        node = shell.node
        node.restore()
        node.begin_catch_up()
        if isinstance(node.machine, Router) and (client := node.machine.linked_client):
            node.handle_call(LinkLost(client=client, text=RESTARTED), None)
            node.flush()
        shell.heartbeat(time.monotonic_ns())

    def play(self, client: TwinClient) -> None:
        """Play on to the client's end, in lock-step."""
        end = time.monotonic() + PATIENCE_S
        while not client.done:
            output = client.next_output()
            if output is not None:
                (service,) = BY_TYPE[type(output)].subscribers
                self.shells[service].node.handle_call(output, None)
            worked = self._turn()
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
            if not self._turn():
                time.sleep(0.002)

    def _turn(self) -> bool:
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


def _holds_command(journal: Journal) -> bool:
    rows = [decode(row[5], row[7]) for row in journal._rows if row[5]]  # noqa: SLF001
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
