"""The shell around a node: one turn of a service's loop, heartbeats, readiness, metrics.

Rule 1: a turn is bounded: at most what `receive` and the handover give.
Rule 2: after a pause of our own (500 ms) every upstream must send a heartbeat again before we are
        ready.
Rule 3: what is decided is decided at a time that is not in doubt: clocks are compared before a turn
        handles anything (clock.py), and heartbeats of another time count as none (liveness.py).
Rule 4: a turn begins with the journal's write lock in hand, so that its commit cannot be refused.
        While another program has it nothing is taken in, nothing is decided: we are not ready, and
        alive.
Rule 5: a machine that asks for it (domain/services.py) receives a journalled sample whenever the
        readiness of its upstreams changes; in playback the barrier itself is the proof, and
        nothing measured on a wall clock may reach a machine.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from services.domain.errors import SystemFaultError
from services.domain.manifest import Manifest
from services.domain.messages.control import Halt, Heartbeat, LoopPaused, Resume, Upstreams
from services.domain.services import ClientPresence
from services.domain.topics import publisher_of
from services.domain.units import NANOS_PER_MS, UnixNanos
from services.runtime.bus import Delivery, Envelope, live
from services.runtime.call_queue import Call, CallQueue
from services.runtime.catch_up import CatchUp
from services.runtime.clock import DISAGREEMENT_NS_MAX
from services.runtime.grpc_edge import GrpcEdge
from services.runtime.health import Health
from services.runtime.liveness import DEAD_NS, HEARTBEAT_NS, Liveness
from services.runtime.metrics import Metrics
from services.runtime.node import Node
from services.runtime.operator_edge import OperatorEdge
from services.runtime.queued_commands import QueuedCommands, queue_command
from services.runtime.service_status import (
    CLIENT_SILENCE_S,
    HasLimits,
    HasStatus,
    ServiceStatus,
    plain,
    starting_status,
)

_PAUSE_NS: Final = 500_000_000
_LOCK_POLL_S: Final = 0.02
"""How often a locked journal is tried again."""
UNCOUNTED_TURNS_MAX: Final = 64
"""Turns that counting may be put off while more and more comes."""
COUNT_AFTER_IDLE_S: Final = 0.01
"""Nothing came for this long: the answer to the last bar has left the desk, whoever gave it."""
_CATCH_UP_LIVE_NS_MAX: Final = 5_000_000_000
"""Live, inputs are ordered at most this long after a start."""


class _Turn(msgspec.Struct, frozen=True):
    # What a turn did, to be counted when nothing waits for it any more.
    kept: list[Delivery]
    published: list[Envelope]
    wall: int
    seconds: float


class Shell:
    """A service in its process, one turn at a time."""

    def __init__(
        self,
        node: Node,
        manifest: Manifest,
        *,
        upstreams: Iterable[str],
        metrics: Metrics,
        build: str,
        health: Health | None = None,
    ) -> None:
        self.node = node
        self.name = node.config.name
        self.call_queue: CallQueue | None = None
        """Set where the service has a gRPC edge."""
        self._row = manifest.service_of(self.name)
        self._manifest = manifest
        self._live = manifest.live
        self._starting_status = starting_status(self.name, manifest.identity)
        self._liveness = Liveness(self.name, tuple(upstreams), manifest, build)
        self._metrics = metrics
        self._health = health
        self._build = build
        self._heartbeat_ns = 0
        self._syncs = 0
        self._clock_doubt = ""
        self._turned_ns = time.monotonic_ns()
        self._sampled: tuple[str, ...] | None = None
        self._run_folder = Path(manifest.data_dir) / manifest.run
        self._reserve = None if node.journal is None else node.journal.writer.reserve
        self._queued = QueuedCommands(self._run_folder) if self._row.receives_halts else None
        self._queue_waits: list[float] = []
        self.commits_s: list[float] = []
        """Seconds of the commits that are not counted yet; one of all services is the first's."""
        self._uncounted: list[_Turn] = []
        self.reasons: tuple[str, ...] = ("starting",)
        """Why not ready; empty when ready."""
        metrics.epoch.set(node.outbox.epoch)
        node.outbox.on_reply = metrics.count_message

    def start_health(self) -> None:
        """Begin to answer on the port whose snapshot this loop keeps fresh."""
        if self._health is not None:
            self._health.start()

    def timeout_s(self) -> float:
        """How long a turn may wait: until the next heartbeat or deadline."""
        wait = (self._heartbeat_ns + HEARTBEAT_NS - time.monotonic_ns()) / 1e9
        deadline = self.node.machine.next_deadline()
        if deadline is not None and self._live:
            wait = min(wait, (deadline - self.node.clock.now()) / 1e9)
        return max(0.0, wait)

    def turn(self, timeout_s: float) -> bool:
        """One turn; True when anything was handled. What it counts waits for `count_turns`."""
        node = self.node
        if not self._may_write():
            return self._wait_for_journal()
        deliveries = node.bus.receive(timeout_s)
        started, wall = time.perf_counter(), time.time_ns()
        self._after_pause(timeout_s)
        self._compare_clocks()
        beats: list[Heartbeat] = []
        kept = self._without_control(deliveries, beats)
        node.handle(kept)
        # After the frames they count, or every heartbeat in a busy batch would show a gap.
        self._on_heartbeats(beats)
        worked = bool(deliveries) | self._handle_calls()
        node.fire_due()
        committed = time.perf_counter()
        published = node.flush()
        ended = time.perf_counter()
        mono_ns = time.monotonic_ns()
        node.request_replays(mono_ns)
        if worked or published:
            self._uncounted.append(_Turn(kept, published, wall, ended - started))
            if node.journal is None or not node.journal.writer.held:
                self.commits_s.append(ended - committed)
        if mono_ns - self._heartbeat_ns >= HEARTBEAT_NS or self._has_become_ready(mono_ns):
            self.heartbeat(mono_ns)
        self._turned_ns = time.monotonic_ns()
        return worked or bool(published)

    def _has_become_ready(self, mono_ns: int) -> bool:
        # Published at once: every service behind us in the flow waits for it, one after the other.
        return bool(self.reasons) and not self._not_ready(mono_ns)

    def _may_write(self) -> bool:
        journal = self.node.journal
        return journal is None or journal.writer.may_write()

    def _wait_for_journal(self) -> bool:
        time.sleep(_LOCK_POLL_S)
        mono_ns = time.monotonic_ns()
        if mono_ns - self._heartbeat_ns >= HEARTBEAT_NS:
            self.heartbeat(mono_ns)
        self._turned_ns = time.monotonic_ns()
        return False

    def _after_pause(self, timeout_s: float) -> None:
        gap = time.monotonic_ns() - self._turned_ns - int(timeout_s * 1e9)
        if self._live and gap > _PAUSE_NS:
            self._liveness.forget()
            self._sample(("own loop paused",))
            if self._row.receives_pauses:
                paused = LoopPaused(paused_ms=gap // NANOS_PER_MS, at_ns=self.node.clock.now())
                self.node.handle_call(paused, None)

    def _compare_clocks(self) -> None:
        # Before anything is handled at a time in doubt: whoever decides has it before.
        doubt = self.node.clock.disagreement()
        if doubt != self._clock_doubt:
            self._clock_doubt = doubt
            self.heartbeat(time.monotonic_ns())

    def _on_heartbeats(self, heartbeats: list[Heartbeat]) -> None:
        wall = time.time_ns()
        for beat in heartbeats:
            # One that lay in the socket while we slept does not show that its sender is alive, and
            # of two clocks that differ one is wrong.
            age_ns = wall - beat.sent_ns
            if age_ns >= DEAD_NS or (self._live and age_ns < -DISAGREEMENT_NS_MAX):
                self._liveness.on_other_clock(beat.service, age_ns)
            else:
                self._liveness.on_heartbeat(beat, time.monotonic_ns())
            self.node.on_heartbeat(beat)

    def _without_control(
        self, deliveries: list[Delivery], heartbeats: list[Heartbeat]
    ) -> list[Delivery]:
        """Deliveries for the machine; heartbeats and halts are dealt with here."""
        kept: list[Delivery] = []
        for delivery in deliveries:
            message = delivery.message if isinstance(delivery, Envelope) else None
            if isinstance(message, Heartbeat):
                heartbeats.append(message)
            elif isinstance(message, Halt):
                if self._queued is not None and message.service != self.name:
                    self._queued.note(message)
                    self.node.handle_call(message, None)
            else:
                kept.append(delivery)
        return kept

    @property
    def uncounted_turns(self) -> int:
        """Turns since the last `count_turns`."""
        return len(self._uncounted)

    def count_turns(self) -> None:
        """Count the turns since the last call: it costs as much as deciding, so it comes after."""
        turns, self._uncounted = self._uncounted, []
        for turn in turns:
            self._metrics.turn.observe(turn.seconds)
            for delivery in turn.kept:
                if isinstance(delivery, Envelope):
                    self._metrics.count_received(delivery, turn.wall)
                    continue
                for envelope in delivery.envelopes:
                    self._metrics.count_received(envelope, turn.wall, timed=False)
            for envelope in turn.published:
                self._metrics.count_published(envelope)
        commits, self.commits_s = self.commits_s, []
        for seconds in commits:
            self._metrics.commit.observe(seconds)
        waits, self._queue_waits = self._queue_waits, []
        for waited_s in waits:
            self._metrics.observe_queue_wait(waited_s)

    def _handle_calls(self) -> bool:
        calls = [] if self.call_queue is None else self.call_queue.drain()
        for call in calls:
            self._handle_call(call)
        edge = self.node.edge
        commands = edge.receive() if isinstance(edge, OperatorEdge) else []
        for message, identity in commands:
            if isinstance(message, Resume):
                self.handle_queued()  # given before it, so it resets them
            if self._queued is not None:
                self._queued.note(message)
            self.node.handle_call(message, identity)
        return bool(calls or commands)

    def _handle_call(self, call: Call) -> None:
        idle_reply = self._row.idle_reply
        reply = None if idle_reply is None else idle_reply(call.message)
        if reply is not None:
            # A heartbeat: the turn of this loop is the answer, there is nothing to journal.
            call.reply(reply)
            return
        self._queue_waits.append(call.queue_wait_s())
        self.node.handle_call(call.message, call)

    def handle_queued(self) -> None:
        """Handle the commands that lie on disk; their files go once the journal has them."""
        journal = self.node.journal
        if self._queued is None or journal is None:
            return
        if not journal.writer.wanted:
            self._queued.remove_handled()
        due = self._queued.due(self.name)
        for command in due:
            self.node.handle_call(command, None)
        if due:
            self.node.flush()
            journal.commit(sync=True)

    # -- life -------------------------------------------------------------------------------

    def heartbeat(self, mono_ns: int) -> None:
        """Publish a heartbeat, evaluate the upstreams, refresh /readyz and /status."""
        self._heartbeat_ns = mono_ns
        node = self.node
        may_write = self._may_write()
        if may_write:
            node.commit_pending()
            may_write = self._may_write()
        if isinstance(node.edge, GrpcEdge):
            node.edge.note_turn()
        if may_write:
            self.handle_queued()
        if may_write and node.catch_up is not None:
            self._catch_up(node.catch_up, mono_ns)
        self.reasons = self._not_ready(mono_ns)
        if may_write:
            self._sample(self.reasons)
        else:
            assert node.journal is not None
            self.reasons = (
                f"journal {node.journal.writer.date}.sqlite of {self.name} is locked by another"
                " program: close it",
                *self.reasons,
            )
        heartbeat = Heartbeat(
            service=self.name,
            epoch=node.outbox.epoch,
            config_hash=self._manifest.config_hash,
            build=self._build,
            ready=not self.reasons,
            reasons=self.reasons,
            heads=node.heads(),
            sent_ns=UnixNanos(time.time_ns()),
            run=self._manifest.run,
            account=self._manifest.account,
        )
        node.bus.publish(live(heartbeat, node.outbox.epoch, heartbeat.sent_ns))
        self._metrics.ready.set(not self.reasons)
        for stream, inbox in node.inboxes.items():
            self._metrics.count_gaps(stream, inbox.gaps, inbox.replays)
        if node.journal is not None:
            self._metrics.syncs.inc(node.journal.writer.syncs - self._syncs)
            self._syncs = node.journal.writer.syncs
        if self._health is not None:
            self._health.last_turn = time.monotonic()
            self._health.status = self._snapshot()

    def _catch_up(self, catch_up: CatchUp, mono_ns: int) -> None:
        catch_up.at_end = frozenset(
            stream
            for stream, inbox in self.node.inboxes.items()
            if inbox.synced and not self._liveness.reason(publisher_of(stream), mono_ns)
        )
        complete = len(catch_up.at_end) == len(self.node.inboxes) and not catch_up.rest()
        # Live, a fill must not wait for a feed that does not come back.
        if complete or (self._live and mono_ns - catch_up.begun_ns > _CATCH_UP_LIVE_NS_MAX):
            self.node.end_catch_up()

    def _not_ready(self, mono_ns: int) -> tuple[str, ...]:
        found = [self._clock_doubt] if self._clock_doubt else []
        if self._reserve is not None and (shortage := self._reserve.shortage()):
            found.append(shortage)
        found += self._liveness.reasons(mono_ns)
        found += [
            f"stream {inbox.stream}: catching up after {inbox.applied}"
            for inbox in self.node.inboxes.values()
            if not inbox.synced
        ]
        if self.node.catch_up is not None and (held := self.node.catch_up.rest()):
            found.append(f"catching up: {len(held)} inputs wait for what came before them")
        return (*found, *self._no_client())

    def _no_client(self) -> list[str]:
        client, edge = self._row.client, self.node.edge
        if client is None or not isinstance(edge, GrpcEdge):
            return []
        by_stream = client.presence is ClientPresence.STREAM
        if not (edge.connected() if by_stream else edge.last_call_s):
            return [f"no NinjaTrader on the {client.link} link"]
        silence_s = time.monotonic() - edge.last_call_s
        if self._live and not by_stream and silence_s > CLIENT_SILENCE_S:
            return [f"NinjaTrader's {client.link} silent for {silence_s:.0f} s"]
        return []

    def _sample(self, reasons: tuple[str, ...]) -> None:
        if not self._row.samples_upstreams or not self._live or self._sampled == reasons:
            return
        self._sampled = reasons
        now = self.node.clock.now()
        self.node.handle_call(Upstreams(ready=not reasons, reasons=reasons, at_ns=now), None)

    def _snapshot(self) -> ServiceStatus:
        node = self.node
        machine = node.machine
        detail = machine.status() if isinstance(machine, HasStatus) else None
        if isinstance(detail, HasLimits):
            for row in detail.limits:
                self._metrics.set_limit(row.code, row.unit, used=row.used, limit=row.limit)
        return msgspec.structs.replace(
            self._starting_status,
            epoch=node.outbox.epoch,
            ready=not self.reasons,
            reasons=self.reasons,
            trade_date=node.journal.date if node.journal else "",
            heads={head.stream: head.sequence for head in node.heads()},
            inputs={stream: inbox.applied for stream, inbox in node.inboxes.items()},
            handled=node.handled,
            client_silence_s=self._client_silence_s(),
            detail=msgspec.Raw(msgspec.json.encode(plain(detail))),
        )

    def _client_silence_s(self) -> float | None:
        edge = self.node.edge
        if not isinstance(edge, GrpcEdge) or not edge.last_call_s:
            return None
        return time.monotonic() - edge.last_call_s

    def halt(self, reason: str) -> None:
        """Last words, at once and on disk: whoever decides must stop entering."""
        wall = UnixNanos(time.time_ns())
        message = Halt(service=self.name, reason=reason[:500], at_ns=wall)
        self.node.bus.publish(live(message, self.node.outbox.epoch, wall))
        with suppress(SystemFaultError):  # for a risk service that may not receive it
            queue_command(self._run_folder, message)

    def close(self) -> None:
        """Flush and let go, in the order in which things were taken."""
        node = self.node
        for part in (node.edge, node.bus, self.call_queue, node.journal, self._health):
            if part is not None:
                part.close()
