"""`up --colocate`: every machine in one process on MemoryBus, with journals, gRPC edges and ports.

The same shells as in separate processes, run in turn by one loop; for a small machine,
and for the shortest way from bar to command.
"""

import time
from pathlib import Path
from typing import Final

import zmq

from services.composition.services import specs_of
from services.domain.manifest import Manifest
from services.domain.topics import TOPICS, TopicClass
from services.domain.units import UnixNanos
from services.runtime.assembly import (
    MachineContext,
    ServiceSpec,
    build_shell,
    streams_of,
)
from services.runtime.call_queue import CallQueue
from services.runtime.config import ConfigFolder
from services.runtime.grpc_edge import GrpcEdge
from services.runtime.health import Health
from services.runtime.journal import Journal
from services.runtime.journal_files import journal_folder
from services.runtime.log import open_log
from services.runtime.memory_bus import MemoryHub
from services.runtime.metrics import Metrics
from services.runtime.operator_edge import OperatorEdge
from services.runtime.replay import JournalReader
from services.runtime.service import guarded, on_stop_signals, start_shell
from services.runtime.shell import COUNT_AFTER_IDLE_S, UNCOUNTED_TURNS_MAX, Shell

_YIELD_MS: Final = 1
"""How long the loop yields to a gRPC thread, unless something arrives."""


class ColocatedDesk:
    """All shells of a desk and the loop that turns them."""

    def __init__(self, path: Path) -> None:
        self._folder = ConfigFolder(path, UnixNanos(time.time_ns()))
        self._manifest: Manifest = self._folder.manifest()
        self._log = open_log("desk", self._manifest.run)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._poller = zmq.Poller()
        self._hub = MemoryHub()
        self._healths: list[Health] = []
        self._edges: list[GrpcEdge] = []
        self._stop_requested = False
        self._shells = [self._shell(spec, name) for spec, name in specs_of(self._manifest)]

    def _shell(self, spec: ServiceSpec, name: str) -> Shell:
        manifest, endpoint = self._manifest, self._manifest.endpoints[name]
        metrics = Metrics(name)
        keep = journal_folder(manifest.data_dir, manifest.run, name)
        journal = Journal(keep, spec.sync)
        streams = streams_of(spec.name, manifest)
        bus = self._hub.connect((*streams, "heartbeat", "halt"))
        parts = MachineContext(
            name=name, manifest=manifest, calendar=self._folder.calendar(), epoch=journal.epoch
        )
        shell = build_shell(spec, parts, self._folder, bus=bus, journal=journal, metrics=metrics)
        reader = JournalReader(keep)
        for stream in self._published(name):
            self._hub.add_replay_source(stream, reader)
        health = Health(name, endpoint.http, metrics)
        shell.serve_status_on(health)
        self._healths.append(health)

        def refused(text: str) -> None:
            metrics.count_refused("undecodable")
            self._log.warning("bytes_refused", service=name, text=text)

        if spec.grpc is not None:
            shell.call_queue = CallQueue(self._context, name)
            self._poller.register(shell.call_queue.wake_socket, zmq.POLLIN)
            shell.node.edge = edge = GrpcEdge(spec.grpc, endpoint.edge, shell.call_queue, refused)
            # The bar's own answer must not take the thread from what the bar leads to.
            edge.defers_replies = True
            self._edges.append(edge)
        if spec.takes_operator_commands:
            shell.node.edge = operator = OperatorEdge(self._context, endpoint.edge, refused)
            self._poller.register(operator.socket, zmq.POLLIN)
        return shell

    def _published(self, name: str) -> tuple[str, ...]:
        """Durable streams of a service."""
        own = dict.fromkeys(
            row.stream
            for row in TOPICS
            if row.publisher == name and row.topic_class is TopicClass.DURABLE
        )
        return (*own, f"candidate.{name}")

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
        for health in self._healths:
            health.start()
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
        wait = min(shell.timeout_s() for shell in self._shells)
        return bool(
            self._poller.poll(
                round(1000 * (min(wait, COUNT_AFTER_IDLE_S) if counting_due else wait))
            )
        )

    def _stop(self) -> None:
        self._stop_requested = True
