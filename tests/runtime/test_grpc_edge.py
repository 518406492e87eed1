"""The gRPC door: real channels against the real server; the test's own thread is the loop."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import msgspec
import pytest
import zmq

from services.domain.errors import ConfigError
from services.domain.messages.link import CommandsRequest, Instruction, LinkLost
from services.domain.messages.market import FeedAck, FeedBatch, FeedHello, FeedWelcome
from services.domain.messages.risk import BarSettled
from services.domain.services import ServiceRow
from services.domain.units import UnixNanos
from services.launch.private_desk import free_ports
from services.orders.shell import COMMANDS
from services.runtime import codec
from services.runtime.call_queue import Call, CallQueue
from services.runtime.clock import MarketClock
from services.runtime.grpc_edge import GrpcEdge, GrpcService
from services.runtime.journal import Journal
from services.runtime.node import Node, NodeConfig
from tests.support.counting_machine import CountingMachine
from tests.support.feed_builder import calendar
from tests.support.order_builder import commands_request
from tests.support.sample_messages import sample
from tests.support.stream_builder import WALL, RecordingBus, watermark
from tests.support.waiting import PATIENCE_S, wait_until

SERVICE = GrpcService(
    name="pitwire.test.v1.Door",
    unary={"Publish": (FeedBatch, FeedAck), "Hello": (FeedHello, FeedWelcome)},
    stream=("Commands", COMMANDS),
    faults={"Publish": lambda batch: _MALFORMED_TEXT if batch.sequence == MALFORMED else ""},
)
MALFORMED = 99
"""Sequence of a batch that the service finds malformed."""
_MALFORMED_TEXT = "sequence is 99, expected none such"


class Watch:
    """A clock that stands, and counts who looks at it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.looks = 0

    def read(self) -> float:
        """Monotonic seconds."""
        self.looks += 1
        return self.now


class EdgeClient:
    """A server with a node behind it, and the loop's side of both."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.refused: list[str] = []
        self.handover = CallQueue(self._context, "test")
        self.address = f"127.0.0.1:{free_ports(1)[0]}"
        self.edge = GrpcEdge(SERVICE, self.address, self.handover, self.refused.append, clock=clock)
        self.journal = Journal(folder)
        config = NodeConfig(
            name="ingest",
            row=ServiceRow(name="ingest", package=""),
            streams=(),
            fires_early=True,
            date_of=calendar().trade_date_of,
            wall=lambda: WALL,
        )
        self.node = Node(config, CountingMachine(), RecordingBus(), MarketClock(), self.journal)
        self.node.restore()
        self.node.edge = self.edge
        self.edge.start()
        self.channel = grpc.insecure_channel(self.address)

    def calls(self, count: int = 1) -> list[Call]:
        """What clients sent, as the loop takes it."""
        got: list[Call] = []
        end = time.monotonic() + PATIENCE_S
        while len(got) < count:
            assert time.monotonic() < end, f"{len(got)} calls of {count} came"
            self.handover.wake_socket.poll(50)
            got += self.handover.drain()
        return got

    def publish(self, batch: FeedBatch) -> "grpc.Future":
        """A client's call under way."""
        stub = self.channel.unary_unary(
            f"/{SERVICE.name}/Publish", codec.serializer(FeedBatch), codec.deserializer(FeedAck)
        )
        return stub.future(batch, timeout=PATIENCE_S)

    def raw(self, method: str, payload: bytes) -> "grpc.Future":
        """A stranger's call under way."""
        return self.channel.unary_unary(f"/{SERVICE.name}/{method}").future(
            payload, timeout=PATIENCE_S
        )

    def commands(self, client: str, epoch: int = 1, connection: int = 1) -> "Stream":
        """A command stream as a client opens it."""
        stub = self.channel.unary_stream(
            f"/{SERVICE.name}/Commands",
            codec.serializer(CommandsRequest),
            codec.deserializer(Instruction),
        )
        return Stream(stub(commands_request(epoch, client, connection), timeout=60.0))

    def close(self) -> None:
        """The order of a service's end."""
        self.edge.close()
        self.channel.close()
        self.handover.close()
        self.journal.close()
        self._context.destroy(linger=0)


class Stream:
    """A client's side of a command stream, read by a thread of its own."""

    def __init__(self, call: "grpc.Call") -> None:
        self.call = call
        self.items: list[Instruction] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for item in self.call:
                self.items.append(item)
        except grpc.RpcError:
            return

    @property
    def over(self) -> bool:
        """True when the stream has ended, one way or the other."""
        return not self._thread.is_alive()


@pytest.fixture
def edge_client(tmp_path: Path) -> Iterator[EdgeClient]:
    """A server on a free port."""
    made = EdgeClient(tmp_path)
    yield made
    made.close()


def _batch(sequence: int) -> FeedBatch:
    return FeedBatch(client="nt", sequence=sequence, watermark=watermark(sequence))


def _settled(count: int) -> Instruction:
    stamp = msgspec.structs.replace(sample(BarSettled, 0), close_ns=UnixNanos(count))
    return Instruction(epoch=1, client="nt", connection=1, settled=stamp)


def test_a_call_is_answered_after_the_commit(edge_client: EdgeClient) -> None:
    """The client hears nothing until the journal has its batch."""
    future = edge_client.publish(_batch(1))
    for call in edge_client.calls():
        edge_client.node.handle_call(call.message, call)
    assert not future.done()
    edge_client.node.flush()
    ack = future.result()
    assert ack == FeedAck(client="nt", sequence=1, accepted=0, duplicates=0)


def test_an_answer_can_wait_for_what_the_call_led_to(edge_client: EdgeClient) -> None:
    """In one process with others: instructions first, the bar's own answer when they are gone."""
    edge_client.edge.defers_replies = True
    future = edge_client.publish(_batch(1))
    for call in edge_client.calls():
        edge_client.node.handle_call(call.message, call)
    edge_client.node.flush()
    edge_client.handover.wake_socket.poll(50)
    assert not future.done()
    edge_client.edge.send_deferred()
    assert future.result().sequence == 1
    edge_client.edge.send_deferred()


def test_an_instruction_is_unsent_until_its_stream_takes_it(edge_client: EdgeClient) -> None:
    """The loop sees that a thread has not come for it yet, and that one has."""
    stream = edge_client.commands("nt")
    wait_until(lambda: bool(edge_client.edge.connected()), "the stream never opened")
    assert not edge_client.edge.has_unsent
    edge_client.edge.send(_settled(1), None)
    wait_until(lambda: not edge_client.edge.has_unsent, "nobody came for the instruction")
    wait_until(lambda: bool(stream.items), "the instruction never arrived")


def test_calls_of_several_clients_are_answered_each_its_own(edge_client: EdgeClient) -> None:
    """Replies go to the call that asked, whatever the order."""
    futures = {n: edge_client.publish(_batch(n)) for n in range(1, 6)}
    for call in edge_client.calls(5):
        edge_client.node.handle_call(call.message, call)
    edge_client.node.flush()
    assert {n: future.result().sequence for n, future in futures.items()} == {
        n: n for n in range(1, 6)
    }


@pytest.mark.parametrize("method", ["Publish", "Hello", "Commands"])
@pytest.mark.parametrize("junk", [b"\xff" * 40, b"", b"GET / HTTP/1.1\r\n\r\n", bytes(1000)])
def test_foreign_bytes_are_refused_and_counted(
    edge_client: EdgeClient, method: str, junk: bytes
) -> None:
    """INVALID_ARGUMENT says what was expected; the next real call is served."""
    if method == "Commands":
        error = _stream_error(edge_client, junk)
    else:
        error = edge_client.raw(method, junk).exception()
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert len(edge_client.refused) == 1
    assert error.details() == edge_client.refused[0]
    assert edge_client.handover.drain() == []
    future = edge_client.publish(_batch(1))
    for call in edge_client.calls():
        edge_client.node.handle_call(call.message, call)
    edge_client.node.flush()
    assert future.result().sequence == 1


def _stream_error(edge_client: EdgeClient, junk: bytes) -> grpc.RpcError:
    stub = edge_client.channel.unary_stream(f"/{SERVICE.name}/Commands")
    with pytest.raises(grpc.RpcError) as caught:
        list(stub(junk, timeout=PATIENCE_S))
    return caught.value


def test_another_message_of_ours_is_refused(edge_client: EdgeClient) -> None:
    """A hello sent to Publish is no batch."""
    error = edge_client.raw("Publish", codec.encode(sample(FeedHello, 0))).exception()
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_an_unknown_method_is_refused_by_name(edge_client: EdgeClient) -> None:
    """The library itself says UNIMPLEMENTED; nothing reaches the loop."""
    error = edge_client.raw("Sell", b"").exception()
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert edge_client.handover.drain() == []


def test_an_instruction_goes_to_its_client_only(edge_client: EdgeClient) -> None:
    """Two clients, two streams; the opening of each is told to the machine."""
    first, second = edge_client.commands("nt"), edge_client.commands("other")
    opened = {call.message for call in edge_client.calls(2)}
    assert opened == {
        commands_request(),
        commands_request(client="other"),
    }
    edge_client.edge.send(_settled(1), None)
    edge_client.edge.send(_settled(2), None)
    wait_until(lambda: [i for i in first.items if i.settled] == [_settled(1), _settled(2)], "order")
    assert not [i for i in second.items if i.settled]
    assert sorted(edge_client.edge.connected()) == ["nt", "other"]


def test_an_instruction_for_nobody_is_dropped(edge_client: EdgeClient) -> None:
    """Without a stream there is nobody to send to; the machine knows from LinkLost."""
    edge_client.edge.send(_settled(1), None)
    assert edge_client.edge.connected() == ()


def test_a_newer_stream_replaces_the_older(edge_client: EdgeClient) -> None:
    """The older one ends; instructions go to the newer; the link is not told as lost."""
    older = edge_client.commands("nt")
    edge_client.calls()
    newer = edge_client.commands("nt", epoch=2)
    assert [call.message for call in edge_client.calls()] == [commands_request(2)]
    wait_until(lambda: older.over, "the older stream goes on")
    edge_client.edge.send(_settled(1), None)
    wait_until(lambda: _settled(1) in newer.items, "nothing on the newer stream")
    assert _settled(1) not in older.items
    assert edge_client.edge.connected() == ("nt",)
    assert edge_client.handover.drain() == []


def test_a_client_that_goes_away_is_told(edge_client: EdgeClient) -> None:
    """The end of a stream is an input of the machine."""
    stream = edge_client.commands("nt")
    edge_client.calls()
    stream.call.cancel()
    (lost,) = edge_client.calls()
    assert isinstance(lost.message, LinkLost)
    assert lost.message.client == "nt"
    assert edge_client.edge.connected() == ()


@pytest.mark.parametrize("round_", range(5))
def test_a_client_that_goes_away_in_a_burst_is_told(edge_client: EdgeClient, round_: int) -> None:
    """Wherever in the sending the end finds it, the stream is forgotten and LinkLost is said."""
    stream = edge_client.commands("nt")
    edge_client.calls()
    for count in range(1, 2_000):
        edge_client.edge.send(_settled(count), None)
        if count == 50 * (round_ + 1):
            stream.call.cancel()
    (lost,) = edge_client.calls()
    assert isinstance(lost.message, LinkLost)
    assert edge_client.edge.connected() == ()


def test_a_bare_instruction_tells_that_the_desk_lives(tmp_path: Path) -> None:
    """While the loop turns; none when it has not turned for a second, though a thread looks."""
    watch = Watch()
    edge_client = EdgeClient(tmp_path, watch.read)
    stream = edge_client.commands("nt")
    edge_client.calls()
    wait_until(lambda: len(stream.items) > 1, "two heartbeats")
    assert set(stream.items) == {Instruction(epoch=1, client="nt", connection=1)}
    watch.now += 1.0
    edge_client.edge.send(_settled(1), None)
    wait_until(lambda: _settled(1) in stream.items, "what was sent before it")
    looks = watch.looks
    wait_until(lambda: watch.looks > looks + 1, "the stream's thread to look twice")
    edge_client.edge.send(_settled(2), None)
    wait_until(lambda: _settled(2) in stream.items, "what was sent before it")
    assert stream.items[-2:] == [_settled(1), _settled(2)], "the loop is dead, the heartbeat is not"
    edge_client.edge.note_turn()
    wait_until(lambda: stream.items[-1].settled is None, "a heartbeat after the loop came back")
    edge_client.close()


def test_a_full_handover_refuses_at_once(edge_client: EdgeClient) -> None:
    """Overload is said, not queued without end."""
    while edge_client.handover.put(_batch(1)) is not None:
        pass
    error = edge_client.publish(_batch(2)).exception()
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_taken_port_is_named(edge_client: EdgeClient) -> None:
    """Starting a second server on the port is a configuration error that says which."""
    with pytest.raises(ConfigError, match=edge_client.address):
        GrpcEdge(SERVICE, edge_client.address, edge_client.handover, edge_client.refused.append)


def test_closing_ends_streams_and_waits_for_nobody(edge_client: EdgeClient) -> None:
    """A stop does not hang on a client that is connected and silent."""
    stream = edge_client.commands("nt")
    edge_client.calls()
    started = time.monotonic()
    edge_client.edge.close()
    assert time.monotonic() - started < 3.0
    wait_until(lambda: stream.over, "the stream outlives the server")


def test_a_closing_item_is_the_last_of_its_stream(edge_client: EdgeClient) -> None:
    """The reason arrives, the stream ends, and the other stream of the client goes on."""
    older, newer = edge_client.commands("nt"), edge_client.commands("nt", connection=2)
    edge_client.calls(2)
    closing = Instruction(epoch=1, client="nt", connection=1, closing="connected again")
    edge_client.edge.send(closing, None)
    wait_until(lambda: older.over, "the older stream goes on")
    assert older.items[-1] == closing
    (lost,) = edge_client.calls()
    assert isinstance(lost.message, LinkLost)
    assert lost.message.connection == 1
    edge_client.edge.send(msgspec.structs.replace(_settled(1), connection=2), None)
    wait_until(lambda: any(item.settled for item in newer.items), "the newer stream")


def test_a_malformed_request_is_refused_and_counted(edge_client: EdgeClient) -> None:
    """What its service finds malformed never reaches the loop."""
    error = edge_client.raw("Publish", codec.encode(_batch(MALFORMED))).exception()
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert edge_client.refused == ["sequence is 99, expected none such"]
    assert edge_client.handover.drain() == []


def test_a_call_the_loop_never_answered_does_not_hold_the_process_up(
    edge_client: EdgeClient,
) -> None:
    """A fault ended the loop between the call and its answer: the thread is let go at the end."""
    future = edge_client.publish(_batch(1))
    edge_client.calls()
    edge_client.handover.close()
    error = future.exception(timeout=PATIENCE_S)
    assert error.code() is grpc.StatusCode.UNAVAILABLE
