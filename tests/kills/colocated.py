"""The co-located desk in this process: its own turn and journal, queues where its sockets are.

Points: before and after each commit, and after each message that has left; instructions leave
before the answers to the calls.
"""

from collections import deque
from functools import partial
from pathlib import Path

from services.composition.services import specs_of
from services.domain.messages.link import Instruction
from services.domain.messages.union import Message
from services.domain.services import EdgeKind
from services.domain.topics import published, publisher_of
from services.launch.colocated import ColocatedDesk, _OpenBus
from services.runtime.assembly import Assembly
from services.runtime.config import ConfigFolder
from services.runtime.journal import Journal
from services.runtime.journal_files import SHARED
from services.runtime.memory_bus import MemoryBus, MemoryHub
from services.runtime.metrics import Metrics
from services.runtime.replay import JournalReader
from services.runtime.shell import Shell
from tests.support.power_desk import Left, LockStepDesk, MeasuredWriter, Power


class _Deferring(Left):
    # An instruction leaves with the commit, the answer to a call when instructions have left.
    def __init__(self, power: Power, writer: MeasuredWriter, replies: deque[Message]) -> None:
        super().__init__(replies, partial(power.point, writer, "left"))
        self._deferred: list[Message] = []

    def send(self, message: Message, call: object | None) -> None:
        if isinstance(message, Instruction):
            super().send(message, call)
        else:
            self._deferred.append(message)

    def send_deferred(self) -> None:
        deferred, self._deferred = self._deferred, []
        for message in deferred:
            super().send(message, None)


class _Loop(ColocatedDesk):
    # The turn of `up --colocate` without what opens sockets and threads.
    def __init__(self, writer: MeasuredWriter, hub: MemoryHub) -> None:
        self._journal, self._hub = writer, hub
        self._buses: list[_OpenBus] = []
        self._shells: list[Shell] = []
        self.links: list[_Deferring] = []

    def add(self, shell: Shell, bus: _OpenBus) -> None:
        self._shells.append(shell)
        self._buses.append(bus)

    def turn(self) -> bool:
        return self._turn()

    def _yield_to_senders(self) -> None:
        for link in self.links:
            link.send_deferred()


class ColocatedPowerDesk(LockStepDesk):
    """One life of a co-located desk."""

    def __init__(self, folder: ConfigFolder, power: Power, data_dir: Path | None = None) -> None:
        super().__init__()
        assembly = Assembly(folder)
        manifest = assembly.manifest
        path = Path(data_dir or manifest.data_dir) / manifest.run / SHARED
        self.journal = MeasuredWriter(path, power)
        self.journals = {SHARED: self.journal}
        hub = MemoryHub()
        hub.before_replay = self.journal.commit
        self._loop = _Loop(self.journal, hub)
        self._readers: list[JournalReader] = []
        for spec, name in specs_of(manifest):
            journal = Journal(path, service=name, shared=self.journal)
            self._readers.append(reader := JournalReader(path, name))
            hub.sources.update(dict.fromkeys(published(spec.name, name), reader))
            streams = assembly.streams(spec.name)
            bus = _OpenBus(hub, MemoryBus(MemoryHub()))  # type: ignore[arg-type]  # no reader outside
            hub.connect((*streams, "heartbeat", "halt"), bus)
            node = assembly.node(spec, name, bus=bus, journal=journal)
            if manifest.service_of(spec.name).edge is not EdgeKind.NONE:
                node.edge = link = _Deferring(power, self.journal, self.replies)
                self._loop.links.append(link)
            upstreams = dict.fromkeys(map(publisher_of, streams))
            metrics = Metrics(name)
            shell = Shell(node, manifest, upstreams=upstreams, metrics=metrics, build="test")
            self.shells[name] = shell
            self._loop.add(shell, bus)

    def start(self) -> None:
        """Recover every service; from here on a turn is one transaction."""
        super().start()
        self.journal.held = True

    def turn(self) -> bool:
        """Turn until nobody has anything; every turn is committed."""
        worked = False
        while self._loop.turn():
            worked = True
        return worked

    def close(self) -> None:
        """Let go of every file."""
        for reader in self._readers:
            reader.close()
        self.journal.close()
