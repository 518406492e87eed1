"""`up --colocate`: every machine in one process on MemoryBus, with one journal, edges and ports.

The same shells as in separate processes, run in turn by one loop; for a small machine,
and for the shortest way from bar to command.

Rule 1: a turn is of all: messages pass inside at once, in the order of the flow, until nobody has
        one. Then it is committed as one transaction, and only then does anything leave the process:
        instructions, answers, frames for readers outside.
Rule 2: what lies in the journal is how far all of them came, in the order in which it happened: a
        reader is never ahead of its publisher, wherever the process ends.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import zmq

from services.composition.services import specs_of
from services.domain.manifest import Manifest
from services.domain.topics import published
from services.domain.units import UnixNanos
from services.runtime.assembly import Assembly, BusMember, Loop, reserve_of
from services.runtime.bus import Envelope
from services.runtime.config import ConfigFolder
from services.runtime.grpc_edge import GrpcEdge
from services.runtime.journal import JournalWriter
from services.runtime.journal_files import SHARED, refuse_other_layout
from services.runtime.log import open_log
from services.runtime.memory_bus import MemoryBus, MemoryHub
from services.runtime.replay import JournalReader
from services.runtime.service import guarded, start_shell
from services.runtime.shell import COUNT_AFTER_IDLE_S, UNCOUNTED_TURNS_MAX
from services.runtime.stop_signals import on_stop_signals, watch_requests
from services.runtime.zmq_bus import ReplayServer, ZmqBus

_ROUNDS_MAX: Final = 64
"""Rounds of a turn over all services; after so many it is committed as far as it came."""
_YIELD_MS: Final = 1
"""How long the loop yields to a gRPC thread, unless something arrives."""


class _OpenBus(MemoryBus):
    # A service's bus inside; readers outside get the same frames, after the commit.
    def __init__(self, hub: MemoryHub, outside: ZmqBus) -> None:
        super().__init__(hub)
        self._outside = outside
        self._leaving: list[Envelope] = []

    def publish_all(self, envelopes: Iterable[Envelope]) -> None:
        super().publish_all(envelopes)
        self._leaving += envelopes

    def release(self) -> None:
        if self._leaving:
            self._outside.publish_all(self._leaving)
            self._leaving.clear()

    def close(self) -> None:
        super().close()
        self._outside.close()


class ColocatedDesk:
    """All shells of a desk and the loop that turns them."""

    def __init__(self, path: Path) -> None:
        assembly = Assembly(ConfigFolder(path, UnixNanos(time.time_ns())))
        self._manifest = assembly.manifest
        self._log = open_log("desk", assembly.manifest.run)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._poller = zmq.Poller()
        self._journal = _open_journal(assembly.manifest)
        self._hub = MemoryHub()
        self._hub.before_replay = self._journal.commit
        self._buses: list[_OpenBus] = []
        self._replays: list[ReplayServer] = []
        self._stop_requested = False
        loop = Loop(
            context=self._context, poller=self._poller, log=self._log, journal=self._journal
        )
        self._shells = [
            assembly.shell(spec, name, loop, self._connect)
            for spec, name in specs_of(assembly.manifest)
        ]
        edges = (shell.node.edge for shell in self._shells)
        self._edges = [edge for edge in edges if isinstance(edge, GrpcEdge)]

    def _connect(self, own: BusMember) -> MemoryBus:
        streams = published(own.service, own.name)
        reader = JournalReader(own.journals, own.name)
        self._hub.sources.update(dict.fromkeys(streams, reader))
        endpoint, refused = self._manifest.endpoints[own.name], own.on_refused
        outside = ZmqBus(
            self._context, bind=endpoint.publish, peers={}, streams=(), on_refused=refused
        )
        replay = ReplayServer(
            self._context,
            bind=endpoint.replay,
            folder=own.journals,
            service=own.name,
            on_refused=refused,
        )
        self._replays.append(replay)
        self._buses.append(_OpenBus(self._hub, outside))
        return self._hub.connect((*own.streams, "heartbeat", "halt"), self._buses[-1])

    def run(self) -> int:
        """Turn until asked to stop; gives the exit code."""
        on_stop_signals(self._stop, self._poller)
        watch_requests(self._journal.lock.stop_requested)
        code = guarded(self._serve, self._log, self._shells[0].halt)
        if code != 2:  # a refused start has printed its reason
            self._log.info("stopped", code=code)
        if code == 0:  # after a fault the turn is half done and must not be kept
            self._journal.commit()
        for replay in self._replays:
            replay.close()
        for shell in self._shells:
            shell.close()
        self._journal.close()
        self._context.destroy(linger=200)
        return code

    def _serve(self) -> None:
        for shell in self._shells:
            shell.start_health()
        for shell in self._shells:
            start_shell(shell, self._log)
        for replay in self._replays:
            replay.start()
        self._journal.held = True
        while not self._stop_requested:
            worked = self._turn()
            for failed in (replay.failed for replay in self._replays):
                if failed is not None:
                    raise failed
            uncounted = max(shell.uncounted_turns for shell in self._shells)
            if uncounted > UNCOUNTED_TURNS_MAX or not (
                worked or self._wait(counting_due=bool(uncounted))
            ):
                for shell in self._shells:
                    shell.count_turns()

    def _turn(self) -> bool:
        worked = False
        for _ in range(_ROUNDS_MAX):
            for shell in self._shells:
                worked |= shell.turn(0.0)
            if not any(bus.inbox for bus in self._buses):
                break
        started, commits = time.perf_counter(), self._journal.commits
        if self._journal.wanted:
            self._journal.commit()
        if self._journal.commits > commits:  # a heartbeat may find nothing to write
            self._shells[0].commits_s.append(time.perf_counter() - started)
        for shell in self._shells:
            shell.node.release()
        self._yield_to_senders()
        for bus in self._buses:
            bus.release()
        return worked

    def _yield_to_senders(self) -> None:
        # A gRPC thread that sends an instruction or an answer needs the interpreter, as we do:
        # instructions first, and only when theirs are taken the answers to the calls.
        if any(edge.has_unsent for edge in self._edges):
            self._poller.poll(_YIELD_MS)
        for edge in self._edges:
            edge.send_deferred()

    def _wait(self, *, counting_due: bool) -> bool:
        """Wait for a call, or for the next heartbeat; when counting is due only that long."""
        wait_s = min(shell.timeout_s() for shell in self._shells)
        if counting_due:
            wait_s = min(wait_s, COUNT_AFTER_IDLE_S)
        return bool(self._poller.poll(round(1000 * wait_s)))

    def _stop(self) -> None:
        self._stop_requested = True


def _open_journal(manifest: Manifest) -> JournalWriter:
    folder = Path(manifest.data_dir) / manifest.run / SHARED
    refuse_other_layout(folder)
    reserve = reserve_of(manifest)
    writer = JournalWriter(folder)
    writer.reserve = reserve
    return writer
