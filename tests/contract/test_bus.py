"""One contract for both buses: they may lose, and what was lost comes back from the journal.

Every test runs over memory and over real ZeroMQ sockets with the real replay server; the publisher
commits to a real journal before it publishes, as Bus rule 1 says.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import pytest
import zmq

from services.domain.messages.union import Message
from services.runtime.bus import (
    FROM_DATE_START,
    PAGE_MAX,
    RECEIVE_MAX,
    Bus,
    Delivery,
    Envelope,
    ReplayPage,
    topic_of,
)
from services.runtime.frame import pack
from services.runtime.inbox import Inbox
from services.runtime.journal import Cursor, Record, Role
from services.runtime.zmq_bus import FRAMES_MAX, ZmqBus
from tests.support.bus_harness import (
    BusHarness,
    Context,
    MemoryBusHarness,
    ZmqBusHarness,
    endpoint,
    free_endpoint,
)
from tests.support.stream_builder import WALL, clock, envelope, sequences
from tests.support.waiting import PATIENCE_S


@pytest.fixture(params=["memory", "zmq"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BusHarness]:
    """A publisher over either bus."""
    made = MemoryBusHarness(tmp_path) if request.param == "memory" else ZmqBusHarness(tmp_path)
    yield made
    made.close()


def _say(
    rig: BusHarness,
    numbers: Sequence[int],
    *,
    stream: str = "market",
    lost: Collection[int] = (),
) -> None:
    for number in numbers:
        message = clock(number)
        epoch = rig.journal.epoch
        rig.journal.append(Record(Role.OUTPUT, stream, epoch, number, WALL, message))
        rig.journal.commit()
        if number not in lost:
            rig.publisher.publish(Envelope(stream, epoch, number, WALL, message))


def _until(bus: Bus, enough: Callable[[list[Delivery]], bool]) -> list[Delivery]:
    got: list[Delivery] = []
    end = time.monotonic() + PATIENCE_S
    while not enough(got):
        assert time.monotonic() < end, f"only {len(got)} deliveries came"
        got += bus.receive(0.1)
    return got


def _receive(bus: Bus, count: int) -> list[Delivery]:
    return _until(bus, lambda got: len(got) >= count)


def _page(bus: Bus, stream: str, after: int) -> ReplayPage:
    bus.request_replay(stream, after)
    got = _until(bus, lambda got: any(isinstance(d, ReplayPage) for d in got))
    return next(d for d in got if isinstance(d, ReplayPage))


def _heal(bus: Bus, inbox: Inbox, head: int) -> list[Envelope]:
    handed: list[Envelope] = []
    inbox.on_head(head, 1)
    end = time.monotonic() + PATIENCE_S
    while not inbox.synced:
        assert time.monotonic() < end, f"stuck at {inbox.applied}"
        if inbox.replay_due(time.monotonic_ns()):
            bus.request_replay(inbox.stream, inbox.applied)
        for delivery in bus.receive(0.1):
            if isinstance(delivery, ReplayPage):
                handed += inbox.on_page(delivery)
            else:
                handed += inbox.on_envelope(delivery)
    return handed


def test_what_is_published_arrives_in_order_and_unaltered(rig: BusHarness) -> None:
    """Order, place and message of every envelope; nothing is invented."""
    consumer = rig.join("market")
    _say(rig, range(1, 101))
    got = _receive(consumer, 100)
    assert sequences(got) == list(range(1, 101))
    for number, delivery in enumerate(got, start=1):
        assert isinstance(delivery, Envelope)
        place = (delivery.stream, delivery.epoch, delivery.sent_ns)
        assert place == ("market", rig.journal.epoch, WALL)
        assert delivery.message == clock(number)
    assert consumer.receive(0.05) == []


def test_every_subscriber_gets_the_whole_stream(rig: BusHarness) -> None:
    """Publishing is to all, whoever else listens."""
    first, second = rig.join("market"), rig.join("market")
    _receive_rest(first)
    _say(rig, [1, 2, 3])
    assert sequences(_receive(first, 3)) == [1, 2, 3]
    assert sequences(_receive(second, 3)) == [1, 2, 3]


def _receive_rest(bus: Bus) -> None:
    while bus.receive(0.05):
        pass


def test_receive_is_bounded(rig: BusHarness) -> None:
    """One call never gives more than RECEIVE_MAX, and the rest stays in order."""
    consumer = rig.join("market")
    _say(rig, range(1, 2 * RECEIVE_MAX + 11))
    sizes: list[int] = []
    got: list[Delivery] = []
    end = time.monotonic() + PATIENCE_S
    while len(got) < 2 * RECEIVE_MAX + 10:
        assert time.monotonic() < end
        batch = consumer.receive(0.1)
        sizes.append(len(batch))
        got += batch
    assert max(sizes) <= RECEIVE_MAX
    assert sequences(got) == list(range(1, 2 * RECEIVE_MAX + 11))


def test_a_turn_arrives_as_its_single_messages_would(rig: BusHarness) -> None:
    """Any number on any streams at once: each stream whole, in order, within the bound."""
    market, worker = rig.join("market"), rig.join("candidate.a")
    counts = {"market": 2 * RECEIVE_MAX + 11, "candidate.a": 5}
    epoch = rig.journal.epoch
    turn = [
        Envelope(stream, epoch, number, WALL, clock(number))
        for number in range(1, max(counts.values()) + 1)
        for stream, count in counts.items()
        if number <= count
    ]
    rig.publisher.publish_all(turn)
    for bus, (stream, count) in zip((market, worker), counts.items(), strict=True):
        got: list[Delivery] = []
        end = time.monotonic() + PATIENCE_S
        while len(got) < count:
            assert time.monotonic() < end
            batch = bus.receive(0.1)
            assert len(batch) <= RECEIVE_MAX
            got += batch
        assert sequences(got) == list(range(1, count + 1))
        assert {d.stream for d in got} == {stream}
        assert bus.receive(0.05) == []


def test_a_damaged_frame_does_not_take_its_neighbours_along() -> None:
    """Three frames of one message, the second with a flipped bit: it is refused, two arrive."""
    context: Context = zmq.Context()
    stranger = context.socket(zmq.PUB)
    port = stranger.bind_to_random_port("tcp://127.0.0.1")
    refused: list[str] = []
    peers = {"ingest": endpoint(publish=f"tcp://127.0.0.1:{port}")}
    bus = ZmqBus(
        context, bind=free_endpoint(), peers=peers, streams=["market"], on_refused=refused.append
    )
    parts = [part for number in (1, 2, 3) for part in pack(envelope(number))]
    parts[5] = bytes([parts[5][0] ^ 1, *parts[5][1:]])
    got: list[Delivery] = []
    end = time.monotonic() + PATIENCE_S
    while not refused:
        assert time.monotonic() < end
        stranger.send_multipart(parts)
        got += bus.receive(0.05)
    assert "CRC-32" in refused[0]
    assert sequences(got)[:2] == [1, 3]
    bus.close()
    stranger.close(linger=0)
    context.destroy(linger=0)


def test_a_subscription_is_a_whole_stream_and_no_prefix(rig: BusHarness) -> None:
    """The consumer of worker `a` hears nothing of worker `ab`."""
    consumer = rig.join("candidate.a")
    _say(rig, [1, 2], stream="candidate.ab")
    _say(rig, [1], stream="candidate.a")
    got = _receive(consumer, 1)
    assert [(d.stream, d.sequence) for d in got if isinstance(d, Envelope)] == [("candidate.a", 1)]
    assert consumer.receive(0.05) == []


def test_nothing_comes_to_who_did_not_subscribe(rig: BusHarness) -> None:
    """A consumer of candidates hears no bars."""
    consumer = rig.join("candidate.a")
    _say(rig, [1, 2])
    assert consumer.receive(0.05) == []


def test_a_page_begins_after_what_was_asked(rig: BusHarness) -> None:
    """`after` is exclusive, the head is the last committed sequence, the rows are whole."""
    consumer = rig.join("market")
    _say(rig, range(1, 11))
    page = _page(consumer, "market", 7)
    assert (page.stream, page.after, page.head) == ("market", 7, 10)
    assert [(e.sequence, e.message) for e in page.envelopes] == [(n, clock(n)) for n in (8, 9, 10)]
    assert {(e.stream, e.epoch, e.sent_ns) for e in page.envelopes} == {("market", 1, WALL)}


def test_a_page_of_a_stream_that_has_nothing_is_empty(rig: BusHarness) -> None:
    """A consumer that starts before its publisher said anything is answered too."""
    consumer = rig.join("market")
    for after in (FROM_DATE_START, 0):
        page = _page(consumer, "market", after)
        assert (page.after, page.head, page.envelopes) == (0, 0, ())


def test_a_page_is_bounded_and_the_next_one_goes_on(rig: BusHarness) -> None:
    """A long past comes in pages of PAGE_MAX."""
    consumer = rig.join("market")
    _say(rig, range(1, PAGE_MAX + 6))
    _receive(consumer, PAGE_MAX + 5)
    first = _page(consumer, "market", 0)
    assert [e.sequence for e in first.envelopes] == list(range(1, PAGE_MAX + 1))
    assert first.head == PAGE_MAX + 5
    second = _page(consumer, "market", PAGE_MAX)
    assert [e.sequence for e in second.envelopes] == list(range(PAGE_MAX + 1, PAGE_MAX + 6))


def test_a_page_goes_over_two_trade_dates(rig: BusHarness) -> None:
    """The past of a consumer that missed a date change is one row of sequences."""
    consumer = rig.join("market")
    _say(rig, range(1, 5))
    _roll(rig, "2026-02-06", 4)
    _say(rig, range(5, 8))
    _roll(rig, "2026-02-09", 7)
    _say(rig, range(8, 10))
    assert [e.sequence for e in _page(consumer, "market", 2).envelopes] == [3, 4, 5, 6, 7, 8, 9]
    page = _page(consumer, "market", 7)
    assert ([e.sequence for e in page.envelopes], page.head) == ([8, 9], 9)


def test_from_date_start_begins_with_the_date_in_force(rig: BusHarness) -> None:
    """A consumer without a past is told where the newest trade date begins."""
    consumer = rig.join("market")
    _say(rig, range(1, 5))
    _roll(rig, "2026-02-06", 4)
    page = _page(consumer, "market", FROM_DATE_START)
    assert (page.after, page.head, page.envelopes) == (4, 4, ())
    _say(rig, range(5, 8))
    page = _page(consumer, "market", FROM_DATE_START)
    assert (page.after, page.head) == (4, 7)
    assert [e.sequence for e in page.envelopes] == [5, 6, 7]


def _roll(rig: BusHarness, date: str, head: int) -> None:
    rig.journal.roll(date, {}, {"market": Cursor(rig.journal.epoch, head)}, ())


def test_a_late_joiner_is_healed_in_order(rig: BusHarness) -> None:
    """What was published before somebody joined comes by pages, then live frames go on."""
    _say(rig, range(1, PAGE_MAX + 40))
    consumer = rig.join("market")
    _say(rig, range(PAGE_MAX + 40, PAGE_MAX + 50))
    inbox = Inbox("market", FROM_DATE_START, 0)
    handed = _heal(consumer, inbox, PAGE_MAX + 49)
    assert sequences(handed) == list(range(1, PAGE_MAX + 50))


@pytest.mark.parametrize("lost", [{1}, {7, 8, 9}, {20}, set(range(1, 21))], ids=str)
def test_loss_in_memory_is_healed(tmp_path: Path, lost: set[int]) -> None:
    """Whatever the bus loses, head, middle, tail or all, is handed on once and in order."""
    rig = MemoryBusHarness(tmp_path)
    consumer = rig.join("market")
    _say(rig, range(1, 21), lost=lost)
    handed = _heal(consumer, Inbox("market", 0, 0), 20)
    assert sequences(handed) == list(range(1, 21))
    rig.close()


JUNK: tuple[tuple[bytes, ...], ...] = (
    (b"market:junk",),
    (b"market:a", b"b"),
    (b"market:NQ 03-26", b"PTWR" + bytes(64), b"payload"),
    (b"market:a", b"b", b"c", b"d"),
    (b"market:" + b"x" * 60_000, b"", b""),
    (b"market:a", b"b", b"c") * (FRAMES_MAX + 1),
)


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_foreign_frames_are_dropped_and_counted(junk: tuple[bytes, ...]) -> None:
    """A stranger on the publisher's port: each of his frames is refused, ours go on."""
    context: Context = zmq.Context()
    stranger = context.socket(zmq.PUB)
    port = stranger.bind_to_random_port("tcp://127.0.0.1")
    refused: list[str] = []
    peers = {"ingest": endpoint(publish=f"tcp://127.0.0.1:{port}")}
    bus = ZmqBus(
        context, bind=free_endpoint(), peers=peers, streams=["market"], on_refused=refused.append
    )
    end = time.monotonic() + PATIENCE_S
    while not refused:
        assert time.monotonic() < end
        stranger.send_multipart(junk)
        assert bus.receive(0.05) == []
    assert "expected" in refused[0] or "header has" in refused[0]
    bus.close()
    stranger.close(linger=0)
    context.destroy(linger=0)


def test_foreign_replay_requests_are_counted_and_survived(tmp_path: Path) -> None:
    """Bytes that are no request get no answer; the next real request gets its page."""
    rig = ZmqBusHarness(tmp_path)
    _say(rig, [1, 2])
    consumer = rig.join("market")
    with zmq.Context() as context, context.socket(zmq.DEALER) as stranger:
        stranger.setsockopt(zmq.LINGER, 1_000)
        stranger.connect(rig.peers["ingest"].replay)
        for parts in ((b"",), (b"REPLAY1", b"market"), (b"REPLAY1", b"market", b"12345678", b"")):
            stranger.send_multipart(parts)
        stranger.send_multipart((b"REPLAY1", b"\xff\xfe", bytes(8)))
        assert stranger.poll(5_000), "a stream nobody has is answered with an empty page"
    assert len(rig.refused) == 3
    assert [e.sequence for e in _page(consumer, "market", 0).envelopes] == [1, 2]
    rig.close()


@pytest.mark.parametrize(
    "junk",
    [
        (b"x",),
        (b"PAGE1", b"market", bytes(8), bytes(8), b"x", b"y", b"z"),
        (b"PAGE1", b"market", b"1", b"2", b"3"),
        (b"PAGE2", b"market", bytes(8), bytes(8)),
    ],
    ids=range(4),
)
def test_foreign_pages_are_dropped_and_counted(junk: tuple[bytes, ...]) -> None:
    """A stranger behind the replay port: his page is refused, the loop goes on."""
    context: Context = zmq.Context()
    stranger = context.socket(zmq.ROUTER)
    port = stranger.bind_to_random_port("tcp://127.0.0.1")
    refused: list[str] = []
    peers = {"ingest": endpoint(replay=f"tcp://127.0.0.1:{port}")}
    bus = ZmqBus(
        context, bind=free_endpoint(), peers=peers, streams=["market"], on_refused=refused.append
    )
    bus.request_replay("market", 0)
    identity = stranger.recv_multipart()[0]
    stranger.send_multipart((identity, *junk))
    end = time.monotonic() + PATIENCE_S
    while not refused:
        assert time.monotonic() < end
        assert bus.receive(0.05) == []
    bus.close()
    stranger.close(linger=0)
    context.destroy(linger=0)


def test_a_message_without_contract_has_its_type_as_topic_detail() -> None:
    """The part behind the colon is for people; subscriptions go by the part before it."""
    message: Message = clock(1)
    assert topic_of(Envelope("market", 1, 1, WALL, message)) == "market:MarketMinute"
