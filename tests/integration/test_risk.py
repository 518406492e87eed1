"""Risk alone: state, a worker and orders played by the test; a human at the operator's door."""

import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest
import zmq

from services.domain.messages.control import Halt, Kill, Resume
from services.domain.messages.risk import (
    Decision,
    OrderCommand,
    Position,
    PositionState,
    StateChanged,
    TradingState,
    Verdict,
)
from services.domain.messages.union import Event, Message
from services.domain.minute_parts import parts_of
from services.domain.units import UnixNanos
from services.runtime.config import ConfigFolder
from services.runtime.operator_edge import send_command
from tests.support.process_desk import playback, private_folder, short_day
from tests.support.service_under_test import (
    PublishedMessage,
    ServiceHarness,
    play_recording,
    record_run,
    recorded_outputs,
    without_approvals,
)
from tests.support.waiting import PATIENCE_S

pytestmark = pytest.mark.integration
PLAY = playback(short_day())
STREAMS = ("decision", "command", "position")
AT = UnixNanos(0)


@pytest.fixture
def folder(tmp_path: Path) -> ConfigFolder:
    """A private desk."""
    return private_folder(tmp_path, PLAY)


@pytest.fixture
def sections(folder: ConfigFolder) -> list[list[PublishedMessage]]:
    """What everybody says on the day."""
    return record_run(folder, PLAY)


@pytest.fixture
def street(folder: ConfigFolder, tmp_path: Path) -> Iterator[ServiceHarness]:
    """Risk among its upstreams."""
    near = ["ingest", "state", "strategies", "orders"]
    with ServiceHarness(folder, "risk", tmp_path / "risk.log", peers=near) as started:
        yield started


def _state(street: ServiceHarness) -> tuple[str, str]:
    detail = msgspec.json.decode(street.status().detail)
    return str(detail["state"]), str(detail["reason"])


def _operator(street: ServiceHarness, command: Kill | Resume) -> str:
    desk = street.manifest.identity
    named = msgspec.structs.replace(command, run=desk.run, account=desk.account)
    ack = send_command(street.manifest.endpoints["risk"].edge, named, PATIENCE_S)
    assert ack is not None
    assert ack.accepted
    return ack.text


def _parts(messages: Iterable[Message]) -> list[Event]:
    return [part for message in messages for part in parts_of(message)]


def _entries(messages: Iterable[Message]) -> list[OrderCommand]:
    return [m for m in _parts(messages) if isinstance(m, OrderCommand) and m.quantity]


def _decisions(street: ServiceHarness) -> list[Decision]:
    return [m for m in _parts(street.messages("command")) if isinstance(m, Decision)]


def test_a_day_is_decided_as_in_one_process(
    street: ServiceHarness, sections: list[list[PublishedMessage]]
) -> None:
    """Fed readings, answers and reports, it decides, commands and books as on MemoryBus."""
    play_recording(street, sections)
    for stream in STREAMS:
        found = without_approvals(street.messages(stream))
        assert found == without_approvals(recorded_outputs(street, sections, stream)), stream
    assert len(_entries(street.messages("command"))) == 1
    closed = [m for m in street.messages("position") if isinstance(m, Position)]
    assert closed[-1].state is PositionState.CLOSED
    detail = msgspec.json.decode(street.status().detail)
    street.until(lambda: _realised(street) == closed[-1].realised, "/status to show the profit")
    assert {limit["code"] for limit in detail["limits"]} >= {"DAILY_LOSS", "TRADES_PER_DAY"}
    street.until(
        lambda: street.metric("pitwire_decisions_total", verdict="APPROVED") == 1, "the count"
    )


def _realised(street: ServiceHarness) -> int:
    return int(msgspec.json.decode(street.status().detail)["realised"])


def test_it_says_why_it_is_not_ready(street: ServiceHarness) -> None:
    """Every upstream by name: state and the worker must be ready, orders too lives before it."""
    street.until(lambda: not street.not_ready(), "risk to be ready")
    street.peers["strategies"].ready = False
    street.until(
        lambda: "strategies: not ready (the test says so)" in street.not_ready(), "the worker"
    )
    street.peers["state"].config_hash = "another"
    street.until(lambda: "state: configuration another" in street.not_ready(), "another folder")
    street.peers["orders"].silent = True
    street.until(lambda: "orders: no heartbeat" in street.not_ready(), "orders to be missed")


def test_a_human_stops_and_resumes_the_desk(
    street: ServiceHarness, sections: list[list[PublishedMessage]]
) -> None:
    """A kill refuses the day's entry by name and holds over kill -9; a resume lifts it."""
    word = Kill(operator="ann", reason="lunch", flatten=False, at_ns=AT)
    assert _operator(street, word) == "KILLED ann: lunch"
    street.until(lambda: bool(street.messages("position")), "the state to be said")
    said = [m for m in street.messages("position") if isinstance(m, StateChanged)]
    assert [(m.state, m.reason) for m in said] == [(TradingState.KILLED, "ann: lunch")]
    assert street.stop(signal.SIGKILL) == -signal.SIGKILL
    street.start()
    assert _state(street) == ("KILLED", "ann: lunch")
    _feed_inputs(street, sections)
    street.until(lambda: bool(_decisions(street)), "the decision")
    (decision,) = _decisions(street)
    assert (decision.verdict, decision.code) == (Verdict.REFUSED, "KILLED")
    assert _entries(street.messages("command")) == []
    assert _operator(street, Resume(operator="ann", reason="back", at_ns=AT)) == "ACTIVE"
    street.until(lambda: _state(street)[0] == "ACTIVE", "/status to follow")


def _feed_inputs(street: ServiceHarness, sections: list[list[PublishedMessage]]) -> None:
    # Without the entry the client's reports of it never come.
    for section in sections:
        entered = bool(_entries(said.message for said in section))
        for said in section:
            if said.publisher in street.peers:
                street.peers[said.publisher].publish(said.message, said.stream)
        if entered:
            return


def test_what_is_not_an_operator_is_dropped_and_counted(street: ServiceHarness) -> None:
    """Noise at the operator's door and on an upstream's PUB is counted; a kill still works."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.setsockopt(zmq.LINGER, 0)
        socket.connect(street.manifest.endpoints["risk"].edge)
        socket.send_multipart([b"control:operator", b"\0" * 68, b"KILL"])
        street.peers["orders"].send(b"report:", b"noise", b"")
        street.until(
            lambda: street.metric("pitwire_refused_total", reason="undecodable") == 2, "both counts"
        )
        assert not socket.poll(0)
    word = Kill(operator="ann", reason="noise", flatten=True, at_ns=AT)
    assert _operator(street, word).startswith("KILLED ann: noise; flatten commanded: ")


def test_last_words_of_another_service_halt_the_desk(street: ServiceHarness) -> None:
    """A Halt on an upstream's PUB stops entries, with its words; a human resumes."""
    street.until(lambda: not street.not_ready(), "risk to be ready")
    halt = Halt(service="strategies", reason="ValueError: boom", at_ns=AT)
    street.peers["strategies"].publish_live(halt)
    street.until(lambda: _state(street)[0] == "HALTED", "the halt")
    assert _state(street) == ("HALTED", "strategies: ValueError: boom")
    assert _operator(street, Resume(operator="ann", reason="fixed", at_ns=AT)) == "ACTIVE"


def test_a_lost_desk_sqlite_starts_the_desk_halted(street: ServiceHarness) -> None:
    """Today the start forgets the limits of the last one without a sentence, and repeats an epoch.

    The halt is on record: it holds over a kill -9, and once a human has lifted it it stays lifted.
    """
    before = street.epoch
    assert street.stop(signal.SIGTERM) == 0
    run = Path(street.manifest.data_dir) / street.manifest.run
    for path in (run / "risk").glob("desk.sqlite*"):
        path.unlink()
    street.start()
    assert street.epoch > before
    state, reason = _state(street)
    assert state == "HALTED"
    assert "desk.sqlite was lost or is an older copy" in reason
    assert "limits of the last start are not known" in reason
    assert street.stop(signal.SIGKILL) == -signal.SIGKILL
    street.start()
    assert _state(street) == (state, reason)
    assert _operator(street, Resume(operator="ann", reason="seen", at_ns=AT)) == "ACTIVE"
    assert street.stop(signal.SIGKILL) == -signal.SIGKILL
    street.start()
    assert _state(street)[0] == "ACTIVE"


def test_a_killed_risk_folds_and_goes_on(
    street: ServiceHarness, sections: list[list[PublishedMessage]]
) -> None:
    """After kill -9 while a position is open nothing is decided twice; SIGTERM gives 0."""
    entered = next(
        number for number, s in enumerate(sections) if _entries([said.message for said in s])
    )
    play_recording(street, sections[: entered + 3])
    before = len(street.received)
    assert street.stop(signal.SIGKILL) == -signal.SIGKILL
    street.start()
    assert street.epoch == 2
    detail = msgspec.json.decode(street.status().detail)
    assert [position["state"] for position in detail["positions"]] == ["OPEN"]
    play_recording(street, sections[entered + 3 :])
    for stream in STREAMS:
        found = without_approvals(street.messages(stream))
        assert found == without_approvals(recorded_outputs(street, sections, stream)), stream
        numbers = [e.sequence for e in street.received if e.stream == stream]
        assert numbers == list(range(1, len(numbers) + 1))
    assert {e.epoch for e in street.received[before:]} == {2}
    assert street.stop(signal.SIGTERM) == 0
