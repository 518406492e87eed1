"""Orders alone: risk played by the test before it, a gRPC client behind it."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from msgspec.structs import replace

from services.domain.messages.link import (
    ClientHello,
    ClientWelcome,
    Instruction,
    Report,
    ReportAck,
    ReportBatch,
    SnapshotAck,
    SnapshotPage,
)
from services.domain.messages.orders import (
    AccountSnapshot,
    AckStatus,
    CommandAck,
    Execution,
    HeldPosition,
    LinkState,
    LinkStatus,
)
from services.domain.messages.risk import Action, RiskMinute
from services.domain.messages.union import Message
from services.runtime import codec
from services.runtime.call_queue import REPLY_WAIT_S
from tests.support.order_builder import (
    ORDERS,
    ack,
    bar_settled,
    batch,
    command,
    commands_request,
    fill,
    hello,
    snapshot,
)
from tests.support.process_desk import playback, private_folder, short_day
from tests.support.service_under_test import GrpcClient, ServiceHarness

pytestmark = pytest.mark.integration


@pytest.fixture
def street(tmp_path: Path) -> Iterator[ServiceHarness]:
    """Orders beside risk."""
    folder = private_folder(tmp_path, playback(short_day()))
    with ServiceHarness(folder, "orders", tmp_path / "orders.log", peers=["risk"]) as started:
        yield started


def _client(street: ServiceHarness) -> GrpcClient:
    return GrpcClient(street.manifest.endpoints["orders"].edge, "link.v1.OrderRouter")


def _greet(client: GrpcClient, word: ClientHello) -> ClientWelcome:
    welcome = client.call("Hello", word, ClientWelcome)
    assert isinstance(welcome, ClientWelcome)
    return welcome


def _report(client: GrpcClient, reports: ReportBatch) -> int:
    answer = client.call("Report", reports, ReportAck)
    assert isinstance(answer, ReportAck)
    return answer.last_report_sequence


def _show(client: GrpcClient, page: SnapshotPage) -> SnapshotAck:
    answer = client.call("Snapshot", page, SnapshotAck)
    assert isinstance(answer, SnapshotAck)
    return answer


def _item(street: ServiceHarness, client: GrpcClient) -> Instruction:
    street.until(lambda: not client.items.empty(), "an instruction")
    return client.items.get_nowait()


def _reports(street: ServiceHarness) -> list[Message]:
    # Without the words on the link, which the first tests look at.
    return [m for m in street.messages("report") if not isinstance(m, LinkStatus | AccountSnapshot)]


def _links(street: ServiceHarness) -> list[LinkState]:
    return [m.state for m in street.messages("report") if isinstance(m, LinkStatus)]


def test_commands_go_to_the_client_and_reports_come_back(street: ServiceHarness) -> None:
    """Not ready without a client; then a command, the end of a stamp, an answer and a fill."""
    assert "no NinjaTrader on the order link" in street.not_ready()
    risk = street.peers["risk"]
    with _client(street) as door:
        welcome = _greet(door, hello())
        assert (welcome.accepted, welcome.epoch, welcome.last_report_sequence) == (True, 1, 0)
        door.listen(commands_request())
        assert _show(door, snapshot()).accepted
        street.until(lambda: not street.not_ready(), "orders to be ready")
        entry, end = street.approved(command("c1")), bar_settled(10)
        risk.publish(RiskMinute(commands=(entry,), settled=end))
        assert _item(street, door).command == entry
        assert _item(street, door).settled == end
        told = batch(ack(1, "c1"), fill(2, "c1"))
        assert _report(door, told) == 2
        assert _report(door, told) == 2
        assert _report(door, batch(fill(4, "c1", execution_id="e9"))) == 2
        street.until(lambda: len(_reports(street)) >= 2, "both reports")
    assert _reports(street) == [ack(1, "c1"), fill(2, "c1")]
    assert _links(street)[:2] == [LinkState.DOWN, LinkState.RECONCILED]
    street.until(
        lambda: "no NinjaTrader on the order link" in street.not_ready(), "the lost client"
    )
    street.until(lambda: _links(street)[-1] is LinkState.DOWN, "the lost link to be said")
    again = street.replayed("report")
    street.until(lambda: len(street.received) >= len(again), "what was replayed to be heard too")
    assert [e.message for e in again] == [e.message for e in street.received[: len(again)]]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"account": "Live9"}, "account is Live9, the desk trades Sim101"),
        ({"run": "other"}, "client has the memory of run other, this is run it"),
    ],
)
def test_a_wrong_client_is_told_why(
    street: ServiceHarness, changes: dict[str, str | int], reason: str
) -> None:
    """Another account, or the memory of another run: refused, and shown on the bus."""
    with _client(street) as door:
        welcome = _greet(door, hello(**changes))
        assert (welcome.accepted, welcome.reason) == (False, reason)
        street.until(lambda: bool(_links(street)), "a word on the link")
    assert _links(street) == [LinkState.DOWN]
    assert street.not_ready()


def test_a_position_nobody_knows_is_a_mismatch(street: ServiceHarness) -> None:
    """The account holds what the desk never bought: said, and no entry leaves."""
    with _client(street) as door:
        assert _greet(door, hello()).accepted
        door.listen(commands_request())
        assert _show(door, snapshot(positions=(HeldPosition(ORDERS, 2),))).accepted
        street.until(lambda: len(_links(street)) >= 2, "a word on the link")
        assert _links(street)[1:] == [LinkState.MISMATCH]
        entry = street.approved(command("c1"))
        minute = RiskMinute(commands=(entry,), settled=bar_settled(10))
        street.peers["risk"].publish(minute)
        item = _item(street, door)
        assert item.command is None
        assert item.settled == bar_settled(10)


def test_what_is_not_ours_is_refused_and_counted(street: ServiceHarness) -> None:
    """Foreign bytes at both methods, on risk's PUB and at the replay socket: counts, no more."""
    with _client(street) as door:
        for method in ("Hello", "Report"):
            assert door.call_refused(method, b"\xff\xff\xff") is grpc.StatusCode.INVALID_ARGUMENT
        street.until(lambda: "risk" not in street.not_ready(), "risk to be heard")
        street.peers["risk"].send(b"command:MNQ", b"BUY", b"1000")
        street.send_garbage()
        street.until(
            lambda: street.metric("pitwire_refused_total", reason="undecodable") == 4,
            "four to be counted",
        )
        assert _greet(door, hello()).accepted


def test_a_killed_router_goes_on_where_it_was(street: ServiceHarness) -> None:
    """After kill -9 an unanswered exit leaves again, an answered entry does not; SIGTERM: 0."""
    risk = street.peers["risk"]
    entry = street.approved(command("c1"))
    way_out = street.approved(command("x1", Action.EXIT, position_id="c1"))
    with _client(street) as door:
        _greet(door, hello())
        door.listen(commands_request())
        _show(door, snapshot())
        risk.publish(entry)
        assert _item(street, door).command == entry
        assert _report(door, batch(ack(1, "c1"), fill(2, "c1"))) == 2
        risk.publish(way_out)
        assert _item(street, door).command == way_out
        street.until(lambda: len(_reports(street)) >= 2, "both reports")
    assert street.stop(signal.SIGKILL) == -signal.SIGKILL
    street.start()
    assert street.epoch == 2
    with _client(street) as door:
        word = hello(connection=2, last_report_sequence=2, highest_epoch=1)
        welcome = _greet(door, word)
        assert (welcome.accepted, welcome.epoch, welcome.last_report_sequence) == (True, 2, 2)
        assert welcome.requested == ()
        door.listen(commands_request(2, connection=2))
        item = _item(street, door)
        assert (item.epoch, item.command) == (2, way_out)
        assert _report(door, batch(ack(3, "x1", AckStatus.ACCEPTED), connection=2)) == 3
        street.until(lambda: len(_reports(street)) >= 3, "the answer")
    assert isinstance(_reports(street)[0], CommandAck)
    assert isinstance(_reports(street)[1], Execution)
    # What a start says before its readers are back is not heard, and is in the replay.
    again = {e.sequence: e.message for e in street.replayed("report")}
    assert list(again) == list(range(1, len(again) + 1))
    heard = [e for e in street.received if e.sequence in again]
    assert [again[e.sequence] for e in heard] == [e.message for e in heard]
    epochs = [e.epoch for e in street.received]
    assert epochs == sorted(epochs)
    assert epochs[-1] == 2
    assert street.stop(signal.SIGTERM) == 0


def test_a_malformed_report_is_refused_at_the_edge_and_counted(street: ServiceHarness) -> None:
    """No body, or two: INVALID_ARGUMENT, and the router goes on with the next good one."""
    street.until(lambda: "risk" not in street.not_ready(), "orders to be up")
    with _client(street) as door:
        _greet(door, hello())
        door.listen(commands_request())
        two = Report(ack=ack(1, "c1"), execution=fill(1, "c1"))
        for report in (Report(), two, Report(), two):
            payload = codec.encode(replace(batch(), reports=(report,)))
            assert door.call_refused("Report", payload) is grpc.StatusCode.INVALID_ARGUMENT
        street.until(
            lambda: street.metric("pitwire_refused_total", reason="undecodable") == 4, "the count"
        )
        assert _show(door, snapshot()).accepted
        street.until(lambda: LinkState.RECONCILED in _links(street), "the link")


def test_a_router_older_than_its_clients_memory_ends_at_once(street: ServiceHarness) -> None:
    """With that sentence, and without the ten seconds for which its gRPC threads would wait."""
    street.until(lambda: "risk" not in street.not_ready(), "orders to be up")
    with _client(street) as door:
        begun = time.monotonic()
        refused = door.call_refused("Hello", codec.encode(hello(highest_epoch=9)))
        assert refused is grpc.StatusCode.UNAVAILABLE
        assert street.process is not None
        assert street.process.wait() == 1
        assert time.monotonic() - begun < REPLY_WAIT_S
    assert "client nt has obeyed router epoch 9, this one is 1" in street.process.output


def test_a_second_connection_replaces_the_first_and_tells_it(street: ServiceHarness) -> None:
    """The second connection of a name replaces the first, which reads why on its own stream."""
    with _client(street) as door, _client(street) as other:
        _greet(door, hello())
        door.listen(commands_request())
        _show(door, snapshot())
        _greet(other, hello(connection=2))
        street.until(lambda: not door.items.empty(), "the reason")
        closed = door.items.get_nowait()
        assert (closed.closing, closed.replaced_by) == (
            "client nt connected again as connection 2",
            2,
        )
