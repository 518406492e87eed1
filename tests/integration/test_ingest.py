"""Ingest alone: a gRPC client before it, its PUB and its replay socket behind it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import grpc
import msgspec
import pytest

from services.backtest.play import twin_client
from services.domain.messages.market import (
    Bar,
    FaultKind,
    FeedAck,
    FeedBatch,
    FeedFault,
    FeedHello,
    FeedWelcome,
    MarketMinute,
    TimeMode,
    Watermark,
)
from services.domain.messages.union import Message
from services.domain.units import Ticks, UnixNanos
from tests.support.process_desk import playback, private_folder, short_day
from tests.support.service_under_test import GrpcClient, ServiceHarness

pytestmark = pytest.mark.integration
STAMPS = short_day()[-20:]


@pytest.fixture
def street(tmp_path: Path) -> Iterator[ServiceHarness]:
    """Ingest, started."""
    folder = private_folder(tmp_path, playback(STAMPS))
    with ServiceHarness(folder, "ingest", tmp_path / "ingest.log") as started:
        yield started


def _client(street: ServiceHarness) -> GrpcClient:
    return GrpcClient(street.manifest.endpoints["ingest"].edge, "market.v1.IngestGateway")


def _hello(street: ServiceHarness) -> FeedHello:
    hello = twin_client(street.folder, playback(STAMPS)).next_output()
    assert isinstance(hello, FeedHello)
    return hello


def _batch(sequence: int, number: int | None = None) -> FeedBatch:
    close_ns, bars = STAMPS[sequence - 1 if number is None else number]
    clock = Watermark(now_ns=close_ns, report_sequence=0)
    return FeedBatch(client="twin", sequence=sequence, bars=bars, watermark=clock)


def _welcome(street: ServiceHarness, client: GrpcClient) -> FeedWelcome:
    welcome = client.call("Hello", _hello(street), FeedWelcome)
    assert isinstance(welcome, FeedWelcome)
    return welcome


def _publish(client: GrpcClient, batch: FeedBatch) -> FeedAck:
    ack = client.call("Publish", batch, FeedAck)
    assert isinstance(ack, FeedAck)
    return ack


def _minute(message: Message) -> tuple[UnixNanos, tuple[Bar, ...]]:
    assert isinstance(message, MarketMinute)
    return message.close_ns, message.bars


def test_a_feed_goes_in_by_grpc_and_out_by_the_bus(street: ServiceHarness) -> None:
    """Without a client it is not ready; then each minute is published, in order, once."""
    assert "no NinjaTrader on the feed link" in street.not_ready()
    with _client(street) as door:
        assert _welcome(street, door).accepted
        street.until(lambda: not street.not_ready(), "ingest to be ready")
        for sequence in (1, 2, 3):
            ack = _publish(door, _batch(sequence))
            assert (ack.accepted, ack.duplicates, ack.refused) == (3, 0, ())
        street.until(lambda: len(street.received) >= 3, "three minutes")
        again = _publish(door, _batch(3))
        assert (again.accepted, again.duplicates) == (0, 3)
    assert [_minute(m) for m in street.messages("market")] == list(STAMPS[:3])
    assert [e.sequence for e in street.received] == [1, 2, 3]
    assert [(e.sequence, e.message) for e in street.replayed("market", 1)] == [
        (e.sequence, e.message) for e in street.received[1:]
    ]
    street.until(
        lambda: street.metric("pitwire_published_total", type="MarketMinute") == 3, "the count"
    )


def test_a_conflict_is_named_and_the_feed_goes_on(street: ServiceHarness) -> None:
    """Other values for a stamp: the first wins, the fault is published and blocks entries."""
    with _client(street) as door:
        _welcome(street, door)
        _publish(door, _batch(1))
        first = STAMPS[0][1][0]
        other = msgspec.structs.replace(first, high=Ticks(first.high + 4))
        ack = _publish(door, FeedBatch(client="twin", sequence=2, bars=(other,)))
        assert [bar.kind for bar in ack.refused] == [FaultKind.CONFLICT]
        assert _publish(door, _batch(3, 1)).accepted == 3
    street.until(lambda: len(street.received) >= 3, "two minutes and a fault")
    (fault,) = (m for m in street.messages("market") if isinstance(m, FeedFault))
    assert fault.kind is FaultKind.CONFLICT
    assert fault.blocks_entries
    assert fault.contract == first.contract
    minutes = [m for m in street.messages("market") if isinstance(m, MarketMinute)]
    assert minutes[0].bars[0] == first


def test_what_is_not_ours_is_refused_and_counted(street: ServiceHarness) -> None:
    """Foreign bytes at the gRPC door and at the replay socket leave a count and nothing else."""
    with _client(street) as door:
        assert (
            door.call_refused("Publish", b"\xff\x00GET / HTTP") is grpc.StatusCode.INVALID_ARGUMENT
        )
        assert door.call_refused("Nonsense", b"") is grpc.StatusCode.UNIMPLEMENTED
        street.send_garbage()
        street.until(
            lambda: street.metric("pitwire_refused_total", reason="undecodable") == 2,
            "both to be counted",
        )
        live = msgspec.structs.replace(_hello(street), mode=TimeMode.LIVE)
        refusal = door.call("Hello", live, FeedWelcome)
        assert not refusal.accepted
        assert refusal.reason == "client twin declares live, this desk runs playback"
        stranger = door.call("Publish", _batch(1), FeedAck)
        assert (stranger.accepted, len(stranger.refused)) == (0, 3)
        assert _welcome(street, door).accepted
        assert _publish(door, _batch(1)).accepted == 3


def test_a_killed_ingest_goes_on_where_it_was(street: ServiceHarness) -> None:
    """After kill -9: higher epoch, next sequence, a batch sent again is known; SIGTERM: 0."""
    with _client(street) as door:
        _welcome(street, door)
        _publish(door, _batch(1))
        _publish(door, _batch(2))
    street.until(lambda: len(street.received) >= 2, "two minutes")
    assert street.stop(signal.SIGKILL) == -signal.SIGKILL
    street.start()
    assert street.epoch == 2
    assert street.status().heads == {"market": 2}
    with _client(street) as door:
        welcome = _welcome(street, door)
        assert welcome.last_sequence == 2
        assert {last.close_ns for last in welcome.last_bars} == {STAMPS[1][0]}
        assert _publish(door, _batch(2)).duplicates == 3
        assert _publish(door, _batch(3)).accepted == 3
    street.until(lambda: len(street.received) >= 3, "the third minute")
    assert [(e.epoch, e.sequence) for e in street.received[2:]] == [(2, 3)]
    assert [e.sequence for e in street.replayed("market")] == [1, 2, 3]
    assert street.stop(signal.SIGTERM) == 0
