"""One real service alone: the test plays its neighbours with sockets of its own.

A `ServiceHarness` starts the service, publishes and beats for every neighbour, answers their replay
requests, and hears what the service says. A `Door` is a client of a gRPC edge. A `PriceWalk` is
what the machines say in one process: a service alone is fed its share of it and must say its own.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import grpc
import msgspec
import zmq

from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import Playback
from services.composition import in_process
from services.domain.approval import approved
from services.domain.manifest import Manifest
from services.domain.messages.control import Heartbeat, StreamHead
from services.domain.messages.link import CommandsRequest, Instruction
from services.domain.messages.risk import OrderCommand, RiskMinute
from services.domain.messages.union import Message
from services.domain.topics import BY_TYPE
from services.domain.units import UnixNanos
from services.launch.http_client import Answer, get
from services.runtime import codec
from services.runtime.approval_key import approval_key
from services.runtime.build import build
from services.runtime.bus import PAGE_MAX, Envelope, ReplayPage
from services.runtime.config import ConfigFolder
from services.runtime.frame import pack
from services.runtime.service_status import ServiceStatus
from services.runtime.zmq_bus import ZmqBus, encode_page
from tests.support.process_desk import Process, snapshot
from tests.support.waiting import PATIENCE_S

Context = zmq.Context[zmq.Socket[bytes]]
_BEAT_S: Final = 0.2
_TURN_S: Final = 0.005


class PublishedMessage(msgspec.Struct, frozen=True):
    """One published message of a tape."""

    publisher: str
    stream: str
    message: Message


class FakePeer:
    """A service as the one under test sees it: a PUB, a ROUTER for replay, heartbeats."""

    def __init__(self, context: Context, manifest: Manifest, name: str) -> None:
        self.name = name
        self.ready = True
        self.config_hash = manifest.config_hash
        self.epoch = 1
        self.silent = False
        """No heartbeats."""
        self._heads: dict[str, int] = {}
        self._past: list[Envelope] = []
        endpoint = manifest.endpoints[name]
        self._pub: zmq.Socket[bytes] = context.socket(zmq.PUB)
        self._pub.set_hwm(50_000)
        self._pub.bind(endpoint.publish)
        self._router: zmq.Socket[bytes] = context.socket(zmq.ROUTER)
        self._router.bind(endpoint.replay)

    def publish(self, message: Message, stream: str = "") -> None:
        """Publish a durable message."""
        self._pub.send_multipart(pack(self._committed(message, stream)))

    def commit_unpublished(self, message: Message, stream: str = "") -> None:
        """Commit a durable message whose frame never arrives: replay alone has it."""
        self._committed(message, stream)

    def publish_live(self, message: Message) -> None:
        """Publish a message of live class."""
        stream = BY_TYPE[type(message)].stream
        self._pub.send_multipart(pack(self._envelope(message, stream, 0)))

    def send(self, *parts: bytes) -> None:
        """Publish bytes as they are."""
        self._pub.send_multipart(parts)

    def _committed(self, message: Message, stream: str) -> Envelope:
        stream = stream or BY_TYPE[type(message)].stream
        sequence = self._heads[stream] = self._heads.get(stream, 0) + 1
        self._past.append(self._envelope(message, stream, sequence))
        return self._past[-1]

    def _envelope(self, message: Message, stream: str, sequence: int) -> Envelope:
        return Envelope(stream, self.epoch, sequence, UnixNanos(time.time_ns()), message)

    def publish_heartbeat(self) -> None:
        """Say that it lives, and how far each stream has come."""
        if self.silent:
            return
        heartbeat = Heartbeat(
            service=self.name,
            epoch=self.epoch,
            config_hash=self.config_hash,
            build=build(),
            ready=self.ready,
            reasons=() if self.ready else ("the test says so",),
            heads=tuple(StreamHead(s, n) for s, n in self._heads.items()),
            sent_ns=UnixNanos(time.time_ns()),
        )
        self._pub.send_multipart(pack(self._envelope(heartbeat, "heartbeat", 0)))

    def answer_replays(self) -> None:
        """Answer what was asked of the past."""
        while self._router.poll(0):
            identity, _, stream, after = self._router.recv_multipart()
            page = self._page(stream.decode(), int.from_bytes(after, "little", signed=True))
            self._router.send_multipart([identity, *encode_page(page)])

    def _page(self, stream: str, after: int) -> ReplayPage:
        follows = [e for e in self._past if e.stream == stream and e.sequence > after]
        head = self._heads.get(stream, 0)
        return ReplayPage(stream, max(after, 0), head, tuple(follows[:PAGE_MAX]))

    def close(self) -> None:
        """Let go of both sockets."""
        self._pub.close(linger=0)
        self._router.close(linger=0)


class ServiceHarness:
    """A service under test among neighbours played here; one thread, turned by `until`."""

    def __init__(
        self, folder: ConfigFolder, name: str, log: Path, *, peers: Sequence[str] = ()
    ) -> None:
        """`name`: the service, or a worker of strategies."""
        self.folder, self.name, self._log = folder, name, log
        self.manifest = folder.manifest()
        self._context: Context = zmq.Context()
        self.peers = {n: FakePeer(self._context, self.manifest, n) for n in peers}
        endpoint = self.manifest.endpoints[name]
        streams = ("market", "session", f"candidate.{name}", "decision", "command")
        self._bus = ZmqBus(
            self._context,
            bind=f"inproc://ear-{id(self)}",
            peers={name: endpoint},
            streams=(*streams, "position", "report"),
            on_refused=lambda _: None,
        )
        self._raw: zmq.Socket[bytes] = self._context.socket(zmq.DEALER)
        self._raw.connect(endpoint.replay)
        self.received: list[Envelope] = []
        """Durable messages of the service, as they came."""
        self.pages: list[ReplayPage] = []
        self.process: Process | None = None
        self.epoch = 0
        """Boot epoch in the service's last heartbeat; 0: none heard."""
        self._heartbeat_at = 0.0

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Start the service and wait until its heartbeat is heard."""
        before = self.epoch
        known = self.name in {"ingest", "state", "risk", "orders"}
        service = [self.name] if known else ["strategies"]
        tail = [] if known else [self.name]
        arguments = [f"services.{service[0]}", str(self.folder.path), *tail]
        self.process = Process(arguments, self._log)
        self.until(lambda: self.epoch > before, f"{self.name} to start")
        self.until(lambda: self.status().epoch == self.epoch, "/status to show it")

    def get(self, path: str) -> Answer:
        """Ask the service's HTTP port."""
        return get(self.manifest.endpoints[self.name].http, path)

    def status(self) -> ServiceStatus:
        """Give what /status shows."""
        found = snapshot(self.folder, self.name)
        assert found is not None, f"{self.name} does not answer"
        return found

    def not_ready(self) -> str:
        """Give the reasons of /readyz; empty when ready."""
        answer = self.get("/readyz")
        return "" if answer.status == 200 else answer.body.decode()

    def metric(self, name: str, **labels: str) -> float:
        """Sum the series of a name that carry these labels."""
        found = 0.0
        for line in self.get("/metrics").body.decode().splitlines():
            series, _, value = line.rpartition(" ")
            wanted = all(f'{key}="{text}"' in series for key, text in labels.items())
            if series.partition("{")[0] == name and wanted:
                found += float(value)
        return found

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Play the neighbours until a condition holds."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, (
                f"waited {PATIENCE_S:.0f} s for {what}: {self.not_ready()} {self._output()}"
            )
            self.turn()

    def _output(self) -> str:
        assert self.process is not None
        return self.process.output[-2000:]

    def turn(self) -> None:
        """Beat, answer, listen: once."""
        if time.monotonic() - self._heartbeat_at > _BEAT_S:
            self._heartbeat_at = time.monotonic()
            for neighbour in self.peers.values():
                neighbour.publish_heartbeat()
        for neighbour in self.peers.values():
            neighbour.answer_replays()
        for delivery in self._bus.receive(_TURN_S):
            if isinstance(delivery, ReplayPage):
                self.pages.append(delivery)
            elif isinstance(delivery.message, Heartbeat):
                self.epoch = max(self.epoch, delivery.epoch)
            elif delivery.sequence:
                self.received.append(delivery)

    def approved(self, command: OrderCommand) -> OrderCommand:
        """A command as risk of this run approves it."""
        run_folder = Path(self.manifest.data_dir) / self.manifest.run
        return approved(command, approval_key(run_folder))

    def messages(self, *streams: str) -> list[Message]:
        """Messages heard on these streams, in order."""
        return [e.message for e in self.received if e.stream in streams]

    def replayed(self, stream: str, after: int = 0) -> list[Envelope]:
        """Ask the service's replay socket."""
        self.pages.clear()
        self._bus.request_replay(stream, after)
        self.until(lambda: bool(self.pages), f"a replay page of {stream}")
        return list(self.pages[0].envelopes)

    def send_garbage(self) -> None:
        """Send bytes that are no request to the replay socket."""
        self._raw.send_multipart([b"GET / HTTP/1.1", b""])

    def stop(self, number: int) -> int:
        """Send a signal; gives the exit code."""
        assert self.process is not None
        return self.process.signal(number)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self.process is not None:
            self.process.__exit__(kind, error, tb)
        for neighbour in self.peers.values():
            neighbour.close()
        self._bus.close()
        self._context.destroy(linger=0)


class GrpcClient:
    """A client at a gRPC edge."""

    def __init__(self, address: str, service: str) -> None:
        self._channel = grpc.insecure_channel(address)
        self._service = service
        self.items: queue.SimpleQueue[Instruction] = queue.SimpleQueue()
        """What came on the command stream."""

    def __enter__(self) -> Self:
        grpc.channel_ready_future(self._channel).result(timeout=PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()

    def call(self, method: str, message: Message, reply: type) -> Any:
        """Make a unary call."""
        path = f"/pitwire.{self._service}/{method}"
        made = self._channel.unary_unary(path, codec.encode, codec.deserializer(reply))
        return made(message, timeout=PATIENCE_S)

    def call_refused(self, method: str, payload: bytes) -> grpc.StatusCode:
        """Send bytes that must be refused; gives with which code."""
        made = self._channel.unary_unary(f"/pitwire.{self._service}/{method}")
        try:
            made(payload, timeout=PATIENCE_S)
        except grpc.RpcError as error:
            code: grpc.StatusCode = error.code()
            return code
        raise AssertionError(f"{method} took {payload!r}")

    def listen(self, request: CommandsRequest) -> None:
        """Open the command stream; its items come to `items`."""
        path = f"/pitwire.{self._service}/Commands"
        made = self._channel.unary_stream(path, codec.encode, codec.deserializer(Instruction))
        threading.Thread(target=self._read, args=(made(request),), daemon=True).start()

    def _read(self, stream: Iterator[Instruction]) -> None:
        try:
            for item in stream:
                if item.command is not None or item.settled is not None or item.closing:
                    self.items.put(item)
        except grpc.RpcError:
            return


def record_run(folder: ConfigFolder, play: Playback) -> list[list[PublishedMessage]]:
    """Play on MemoryBus; what every service said, cut after each settled stamp."""
    desk = in_process.InProcessDesk(folder)
    sections: list[list[PublishedMessage]] = [[]]

    def recorder_for(name: str) -> Callable[[Envelope], None]:
        def record(envelope: Envelope) -> None:
            sections[-1].append(PublishedMessage(name, envelope.stream, envelope.message))
            if isinstance(envelope.message, RiskMinute):
                sections.append([])

        return record

    for name, node in desk.nodes.items():
        node.on_published = recorder_for(name)
    run_to_end(desk, twin_client(folder, play))
    return sections


def play_recording(harness: ServiceHarness, sections: Sequence[Sequence[PublishedMessage]]) -> None:
    """Say the neighbours' part of a tape, each message after what the service says before it."""
    expected = len(harness.received)

    def caught_up() -> bool:
        return len(harness.received) >= expected

    for number, section in enumerate(sections):
        for published in section:
            if published.publisher == harness.name:
                expected += 1
            elif published.publisher in harness.peers:
                harness.until(caught_up, f"section {number} of the tape")
                harness.peers[published.publisher].publish(published.message, published.stream)
    harness.until(caught_up, "the end of the tape")


def recorded_outputs(
    harness: ServiceHarness, sections: Sequence[Sequence[PublishedMessage]], stream: str
) -> list[Message]:
    """What the service under test says on a stream of the tape."""
    return [
        published.message
        for section in sections
        for published in section
        if published.publisher == harness.name and published.stream == stream
    ]


def without_approvals(messages: Sequence[Message]) -> list[Message]:
    """Messages as in every run: the key of approvals is a run's own, the epoch a start's."""
    return [_without_approval(message) for message in messages]


def _without_approval(message: Message) -> Message:
    match message:
        case OrderCommand():
            return msgspec.structs.replace(message, epoch=0, approval="")
        case RiskMinute():
            commands = tuple(
                msgspec.structs.replace(each, epoch=0, approval="") for each in message.commands
            )
            return msgspec.structs.replace(message, commands=commands)
        case _:
            return message
