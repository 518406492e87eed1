"""`up --colocate`: every machine in one process on MemoryBus, with journals, gRPC edges and ports.

The same shells as in separate processes, run in turn by one loop; for a small machine,
and for the shortest way from bar to command.
"""

import time
from pathlib import Path
from typing import Final

import zmq

from services.composition.services import specs_of
from services.domain.topics import published
from services.domain.units import UnixNanos
from services.runtime.assembly import Assembly, BusMember, Loop
from services.runtime.config import ConfigFolder
from services.runtime.grpc_edge import GrpcEdge
from services.runtime.log import open_log
from services.runtime.memory_bus import MemoryBus, MemoryHub
from services.runtime.replay import JournalReader
from services.runtime.service import guarded, on_stop_signals, start_shell
from services.runtime.shell import COUNT_AFTER_IDLE_S, UNCOUNTED_TURNS_MAX

_YIELD_MS: Final = 1
"""How long the loop yields to a gRPC thread, unless something arrives."""


class ColocatedDesk:
    """All shells of a desk and the loop that turns them."""

    def __init__(self, path: Path) -> None:
        assembly = Assembly(ConfigFolder(path, UnixNanos(time.time_ns())))
        self._log = open_log("desk", assembly.manifest.run)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._poller = zmq.Poller()
        self._hub = MemoryHub()
        self._stop_requested = False
        loop = Loop(context=self._context, poller=self._poller, log=self._log, shared=True)
        self._shells = [
            assembly.shell(spec, name, loop, self._connect)
            for spec, name in specs_of(assembly.manifest)
        ]
        edges = (shell.node.edge for shell in self._shells)
        self._edges = [edge for edge in edges if isinstance(edge, GrpcEdge)]

    def _connect(self, own: BusMember) -> MemoryBus:
        streams = published(own.service, own.name)
        self._hub.sources.update(dict.fromkeys(streams, JournalReader(own.journals)))
        return self._hub.connect((*own.streams, "heartbeat", "halt"))

    def run(self) -> int:
        """Turn until asked to stop; gives the exit code."""
        on_stop_signals(self._stop, self._poller)
        code = guarded(self._serve, self._log, self._shells[0].halt)
        if code != 2:  # a refused start has printed its reason
            self._log.info("stopped", code=code)
        for shell in self._shells:
            if code == 0:
                shell.node.commit_pending()
            shell.close()
        self._context.destroy(linger=200)
        return code

    def _serve(self) -> None:
        for shell in self._shells:
            shell.start_health()
        for shell in self._shells:
            start_shell(shell, self._log)
        while not self._stop_requested:
            worked = False
            for shell in self._shells:
                worked |= shell.turn(0.0)
            self._yield_to_senders()
            uncounted = max(shell.uncounted_turns for shell in self._shells)
            if uncounted > UNCOUNTED_TURNS_MAX or not (
                worked or self._wait(counting_due=bool(uncounted))
            ):
                for shell in self._shells:
                    shell.count_turns()

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
