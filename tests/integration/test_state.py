"""State alone: a gateway played by the test before it, its own PUB and replay socket behind it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.domain.messages.market import MarketMinute, MinuteKind
from services.domain.messages.session import SessionMinute
from services.runtime.config import ConfigFolder
from tests.support.process_desk import playback, private_folder, short_day
from tests.support.service_under_test import (
    FakePeer,
    ServiceHarness,
    play_recording,
    record_run,
    recorded_outputs,
)

pytestmark = pytest.mark.integration
PLAY = playback(short_day())


@pytest.fixture
def folder(tmp_path: Path) -> ConfigFolder:
    """A private desk."""
    return private_folder(tmp_path, PLAY)


@pytest.fixture
def street(folder: ConfigFolder, tmp_path: Path) -> Iterator[ServiceHarness]:
    """State beside a gateway."""
    with ServiceHarness(folder, "state", tmp_path / "state.log", peers=["ingest"]) as started:
        yield started


def test_a_day_is_read_as_in_one_process(street: ServiceHarness, folder: ConfigFolder) -> None:
    """Fed a gateway's stream, it says what the same machine says on MemoryBus, word for word."""
    sections = record_run(folder, PLAY)
    play_recording(street, sections)
    assert street.messages("session") == recorded_outputs(street, sections, "session")
    minutes = [m for m in street.messages("session") if isinstance(m, SessionMinute)]
    assert all(update.opening.ib is not None for update in minutes[-1].updates)
    assert [e.sequence for e in street.received] == list(range(1, len(street.received) + 1))
    assert [e.message for e in street.replayed("session", 5)][:9] == [
        e.message for e in street.received[5:14]
    ]


def test_it_says_why_it_is_not_ready(street: ServiceHarness) -> None:
    """No heartbeat, another configuration, a gateway that is not ready: each by its name."""
    gateway = street.peers["ingest"]
    street.until(lambda: not street.not_ready(), "state to be ready")
    gateway.ready = False
    street.until(
        lambda: "ingest: not ready (the test says so)" in street.not_ready(), "an unready gateway"
    )
    gateway.ready = True
    gateway.config_hash = "another"
    street.until(lambda: "ingest: configuration another" in street.not_ready(), "other hashes")
    gateway.silent = True
    street.until(lambda: "no heartbeat for more than 1000 ms" in street.not_ready(), "silence")
    gateway.silent = False
    gateway.config_hash = street.manifest.config_hash
    street.until(lambda: not street.not_ready(), "state to be ready again")


def test_a_lost_frame_is_asked_for_and_foreign_bytes_are_dropped(street: ServiceHarness) -> None:
    """A gap is healed by replay before anything is made of what follows; noise is counted."""
    gateway = street.peers["ingest"]
    street.until(lambda: not street.not_ready(), "state to be ready")
    _say(gateway, 0)
    street.until(lambda: len(street.received) >= 4, "the first stamp")
    asked = street.metric("pitwire_replays_total", stream="market")
    _say(gateway, 1, lost=True)
    _say(gateway, 2)
    gateway.send(b"market:MarketMinute", b"\0" * 68, b"noise")
    gateway.send(b"heartbeat:", b"short")

    def closed() -> list[int]:
        return [m.close_ns for m in street.messages("session") if isinstance(m, SessionMinute)]

    street.until(lambda: len(closed()) >= 3, "the gap to be healed")
    assert closed() == [close_ns for close_ns, _ in short_day()[:3]]
    street.until(lambda: street.metric("pitwire_replays_total", stream="market") > asked, "a count")
    assert street.metric("pitwire_gaps_total", stream="market") >= 1
    street.until(
        lambda: street.metric("pitwire_refused_total", reason="undecodable") == 2, "the noise"
    )


def test_a_killed_state_recomputes_and_goes_on(
    street: ServiceHarness, folder: ConfigFolder
) -> None:
    """After kill -9 the next stamp reads as if nothing had been; SIGTERM gives 0."""
    sections = record_run(folder, PLAY)
    play_recording(street, sections[:40])
    before = len(street.received)
    assert street.stop(signal.SIGKILL) == -signal.SIGKILL
    street.start()
    assert street.epoch == 2
    assert street.status().heads == {"session": before}
    play_recording(street, sections[40:])
    assert street.messages("session") == recorded_outputs(street, sections, "session")
    assert [e.sequence for e in street.received] == list(range(1, len(street.received) + 1))
    assert {e.epoch for e in street.received[before:]} == {2}
    assert street.stop(signal.SIGTERM) == 0


def _say(gateway: FakePeer, number: int, *, lost: bool = False) -> None:
    close_ns, bars = short_day()[number]
    message = MarketMinute(
        group="index", kind=MinuteKind.BAR, close_ns=close_ns, bars=bars, report_sequence=0
    )
    if lost:
        gateway.commit_unpublished(message)
    else:
        gateway.publish(message)
