"""A strategy worker alone: state and risk played by the test, its own PUB and replay socket."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.domain.messages.strategy import Evaluated
from services.runtime.config import ConfigFolder
from tests.support.process_desk import playback, private_folder, short_day
from tests.support.service_under_test import (
    PublishedMessage,
    ServiceHarness,
    play_recording,
    record_run,
    recorded_outputs,
)

pytestmark = pytest.mark.integration
PLAY = playback(short_day())
STREAM = "candidate.strategies"


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
    """The worker of both strategies beside state and risk."""
    log = tmp_path / "strategies.log"
    with ServiceHarness(folder, "strategies", log, peers=["state", "risk"]) as started:
        yield started


def test_a_day_is_judged_as_in_one_process(
    street: ServiceHarness, sections: list[list[PublishedMessage]]
) -> None:
    """Fed sessions and positions, both strategies answer as on MemoryBus, the entry included."""
    play_recording(street, sections)
    answers = street.messages(STREAM)
    assert answers == recorded_outputs(street, sections, STREAM)
    assert len(answers) == len(short_day())
    assert any(isinstance(m, Evaluated) and any(a.candidates for a in m.answers) for m in answers)
    again = street.replayed(STREAM, 10)
    assert [e.message for e in again] == answers[10 : 10 + len(again)]


def test_it_says_why_it_is_not_ready(street: ServiceHarness) -> None:
    """State must be ready; risk, later in the flow, must only live."""
    state, risk = street.peers.values()
    risk.ready = False
    street.until(lambda: not street.not_ready(), "the worker to be ready")
    state.ready = False
    street.until(lambda: "state: not ready (the test says so)" in street.not_ready(), "state")
    risk.silent = True
    street.until(lambda: "risk: no heartbeat" in street.not_ready(), "risk to be missed")


def test_a_gap_is_healed_and_noise_is_counted(
    street: ServiceHarness, sections: list[list[PublishedMessage]]
) -> None:
    """A lost update is asked for before anything is judged; foreign frames change nothing."""
    state = street.peers["state"]
    play_recording(street, sections[:3])
    section = [said for said in sections[3] if said.publisher == "state"]
    state.commit_unpublished(section[0].message)
    state.send(b"session:NQ 03-26", b"PTWR", b"")
    for said in section[1:]:
        state.publish(said.message)
    expected = [m for part in sections[:4] for m in recorded_outputs(street, [part], STREAM)]
    street.until(lambda: len(street.received) >= len(expected), "the gap to be healed")
    assert street.messages(STREAM) == expected
    street.until(
        lambda: street.metric("pitwire_refused_total", reason="undecodable") == 1, "the noise"
    )


def test_a_killed_worker_recomputes_and_goes_on(
    street: ServiceHarness, sections: list[list[PublishedMessage]]
) -> None:
    """After kill -9 while its position is open it manages that position; SIGTERM gives 0."""
    entered = next(
        number
        for number, section in enumerate(sections)
        if any(
            isinstance(s.message, Evaluated) and any(a.candidates for a in s.message.answers)
            for s in section
        )
    )
    play_recording(street, sections[: entered + 3])
    before = len(street.received)
    assert street.stop(signal.SIGKILL) == -signal.SIGKILL
    street.start()
    assert street.epoch == 2
    assert street.status().heads == {STREAM: before}
    play_recording(street, sections[entered + 3 :])
    assert street.messages(STREAM) == recorded_outputs(street, sections, STREAM)
    assert [e.sequence for e in street.received] == list(range(1, len(street.received) + 1))
    assert {e.epoch for e in street.received[before:]} == {2}
    assert street.stop(signal.SIGTERM) == 0
