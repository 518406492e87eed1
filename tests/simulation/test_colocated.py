"""A co-located desk is one journal and one transaction a turn, and reads like separate processes.

Compared are the CSV files of a run and what `explain` says of its days.
"""

import itertools
import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import msgspec
import pytest
import zmq

from services.backtest.playback_input import Playback
from services.domain.calendar import et_text
from services.domain.client_name import client_text
from services.domain.messages.control import Heartbeat, Kill
from services.domain.messages.market import MarketMinute
from services.domain.messages.union import Message
from services.domain.topics import published
from services.domain.units import UnixNanos
from services.launch.http_client import get
from services.nt_twin.client import TwinClient
from services.review.day.sources import DayQuery, read_day
from services.review.trace.day import day_trace
from services.review.trace.minute import minute_trace
from services.runtime.approval_key import FILE
from services.runtime.bus import FROM_DATE_START, Envelope
from services.runtime.config import ConfigFolder
from services.runtime.inbox import Inbox
from services.runtime.journal import Role
from services.runtime.journal_files import SHARED, journal_folder
from services.runtime.journal_records import read_service
from services.runtime.queued_commands import queue_command
from services.runtime.zmq_bus import ZmqBus
from tests.support.bus_harness import free_endpoint
from tests.support.process_desk import (
    Process,
    ProcessDesk,
    drive,
    export,
    in_process,
    journalled,
    pitwire,
    playback,
    private_folder,
    short_day,
    snapshot,
    thinned_days,
)
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.simulation, pytest.mark.integration]
DATES = ("2026-03-03", "2026-03-04")
TRADE_AND_NIGHT = (
    *short_day(),
    *[s for s in thinned_days() if et_text(s[0])[:16] > f"{DATES[0]} 18:00"][:40],
)
"""A trade of one date and the beginning of the next."""


def _up(folder: ConfigFolder, log: Path) -> Process:
    return Process(["services.cli", "up", "--colocate", "--config", str(folder.path)], log)


def _answers(folder: ConfigFolder) -> bool:
    return snapshot(folder, "orders") is not None


def _played(folder: ConfigFolder, play: Playback, tmp_path: Path) -> int:
    """Play to the end; gives the commits of the loop."""
    with _up(folder, tmp_path / "desk.log") as desk:
        wait_until(partial(_answers, folder), "the desk to start")
        drive(folder, play)
        wait_until(lambda: _commits(folder) >= (play.total or 0), "every minute to be counted")
        commits = _commits(folder)
        assert desk.signal(signal.SIGTERM) == 0, desk.output
    return commits


def _commits(folder: ConfigFolder) -> int:
    page = get(folder.desk.endpoints["ingest"].http, "/metrics").body.decode()
    (line,) = (x for x in page.splitlines() if x.startswith("pitwire_commit_seconds_count"))
    return round(float(line.split()[-1]))


def _explained(folder: ConfigFolder, run: Path) -> list[bytes]:
    found = []
    for date in DATES:
        query = DayQuery(date=date, config=folder.path, runs=run.parent, run=run)
        record, _ = read_day(query)
        # The hello was said before the first date; the second knows of it all the same.
        assert client_text(record.client_version) == "the stand-in"
        stamps = {candidate.close_ns for candidate in record.candidates.values()}
        stamps |= {each.close_ns for each in next(iter(record.updates.values()))[::40]}
        traces = [minute_trace(record, UnixNanos(stamp)) for stamp in sorted(stamps)]
        found.append(msgspec.json.encode([repr(day_trace(record)), *map(repr, traces)]))
    return found


def test_explain_reads_it_like_five(tmp_path: Path) -> None:
    """Two days with a change of the trade date: every answer of both layouts is the same."""
    play = playback(TRADE_AND_NIGHT)
    apart, together = (private_folder(tmp_path / name, play) for name in ("apart", "together"))
    with ProcessDesk(apart, tmp_path / "apart") as desk:
        desk.play(play)
    _played(together, play, tmp_path)
    assert _explained(together, tmp_path / "together") == _explained(apart, tmp_path / "apart")
    run = tmp_path / "together" / "journal" / play.label
    assert sorted(path.name for path in run.iterdir()) == [FILE, SHARED]
    assert export(journalled(together), tmp_path / "1") == export(journalled(apart), tmp_path / "2")


def test_a_minute_is_one_transaction(tmp_path: Path) -> None:
    """The calls of a client are counted, and so are the commits: none has more than one."""
    play = playback(short_day())
    folder = private_folder(tmp_path, play)
    commits = _played(folder, play, tmp_path)
    calls = sum(
        record.stream == "edge" and record.role is Role.INPUT
        for name in ("ingest", "orders")
        for record in read_service(tmp_path / "journal" / play.label / SHARED, name)
    )
    assert len(short_day()) <= commits <= calls < len(short_day()) + 20


def test_killed_at_any_commit_it_goes_on(tmp_path: Path) -> None:
    """SIGKILL before a commit, between it and what leaves, and between instruction and answer."""
    play = playback(TRADE_AND_NIGHT)
    folder = private_folder(tmp_path, play)
    moments = ("before", "after", "leaving") * 2
    points = [(moment, random.randint(2, 35)) for moment in moments]
    desks: list[Process] = []
    with ExitStack() as stack:

        def start(client: TwinClient | None = None) -> None:
            del client
            if desks and desks[-1].popen.poll() is None:
                return
            assert not desks or desks[-1].popen.returncode == -signal.SIGKILL, desks[-1].output
            moment, number = points[len(desks)] if len(desks) < len(points) else ("never", 0)
            arguments = ["tests.support.killed_desk", str(folder.path), moment, str(number)]
            desks.append(Process(arguments, tmp_path / f"{len(desks)}.log"))
            stack.enter_context(desks[-1])

        start()
        wait_until(partial(_answers, folder), "the desk to start")
        drive(folder, play, start)
    assert len(desks) > 4, points
    expected = in_process(private_folder(tmp_path / "memory", play), play)
    found = export(journalled(folder), tmp_path / "1")
    assert found == export(expected, tmp_path / "2"), points


class Reader:
    """A reader in a process of its own: it loses what it is told to, and asks for it again."""

    def __init__(self, folder: ConfigFolder, stream: str, publisher: str) -> None:
        peer = folder.desk.endpoints[publisher]
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._bus = ZmqBus(
            self._context,
            bind=free_endpoint(),
            peers={publisher: peer},
            streams=(stream,),
            on_refused=pytest.fail,
        )
        self.inbox = Inbox(stream, FROM_DATE_START, 0)
        self._publisher = publisher
        self.lost = itertools.cycle((False, False, True))
        """Whether the next frame is lost."""
        self.messages: list[Message] = []

    def turn(self) -> None:
        """One turn of its loop."""
        ready: list[Envelope] = []
        for delivery in self._bus.receive(0.0):
            message = delivery.message if isinstance(delivery, Envelope) else None
            if isinstance(message, Heartbeat):
                heads = message.heads if message.service == self._publisher else ()
                for head in heads:
                    if head.stream == self.inbox.stream:
                        self.inbox.on_head(head.sequence, message.epoch)
            elif not isinstance(delivery, Envelope):
                ready += self.inbox.on_page(delivery)
            elif delivery.stream == self.inbox.stream and not next(self.lost):
                ready += self.inbox.on_envelope(delivery)
        self.messages += [envelope.message for envelope in ready]
        if self.inbox.replay_due(time.monotonic_ns()):
            self._bus.request_replay(self.inbox.stream, self.inbox.applied)

    def close(self) -> None:
        """Let go of the sockets."""
        self._bus.close()
        self._context.destroy(linger=0)


@pytest.fixture
def readers(tmp_path: Path) -> Iterator[tuple[ConfigFolder, list[Reader]]]:
    """A folder and a reader of every durable stream of the desk that is a minute's."""
    folder = private_folder(tmp_path, playback(short_day()))
    wanted = (("market", "ingest"), ("session", "state"), ("command", "risk"))
    found = [Reader(folder, *each) for each in wanted]
    yield folder, found
    for reader in found:
        reader.close()


def test_a_reader_outside_heals_its_gaps(
    readers: tuple[ConfigFolder, list[Reader]], tmp_path: Path
) -> None:
    """Every third frame is lost: in the end each has every message of its stream, in order."""
    (folder, outside), play = readers, playback(short_day())

    def step(client: TwinClient) -> None:
        del client
        for reader in outside:
            reader.turn()

    def whole() -> bool:
        for reader in outside:
            reader.turn()
        return all(r.messages == _kept(folder, r.inbox.stream) for r in outside)

    with _up(folder, tmp_path / "desk.log") as desk:
        wait_until(partial(_answers, folder), "the desk to start")
        drive(folder, play, step)
        wait_until(whole, "the readers to have everything")
        assert all(reader.inbox.replays > 1 for reader in outside)
        assert desk.signal(signal.SIGTERM) == 0, desk.output
    assert sum(isinstance(m, MarketMinute) for m in outside[0].messages) >= len(short_day())


def _kept(folder: ConfigFolder, stream: str) -> list[Message]:
    manifest = folder.manifest()
    (name,) = (n for n in manifest.flow if stream in published(manifest.service_of(n).name, n))
    keep = journal_folder(manifest.data_dir, manifest.run, name)
    return [
        record.message
        for record in read_service(keep, name)
        if record.role is Role.OUTPUT and record.stream == stream and record.message is not None
    ]


def test_a_run_is_not_gone_on_with_in_the_other_layout(tmp_path: Path) -> None:
    """Each refuses what the other has begun, naming both; a kill queued before the start counts."""
    play = playback(short_day())
    folder = private_folder(tmp_path, play)
    kill = Kill(operator="o", reason="r", flatten=False, at_ns=UnixNanos(1))
    queue_command(tmp_path / "journal" / play.label, kill)
    with _up(folder, tmp_path / "desk.log") as desk:
        wait_until(partial(_answers, folder), "the desk to start")
        assert desk.signal(signal.SIGTERM) == 0, desk.output
    kept = tmp_path / "journal" / play.label
    assert [path.name for path in kept.iterdir() if any(path.glob("0*.sqlite"))] == [SHARED]
    found = journal_folder(str(tmp_path / "journal"), play.label, "risk")
    assert [r.message for r in read_service(found, "risk") if isinstance(r.message, Kill)] == [kill]
    log = tmp_path / "risk.log"
    with Process(["services.risk", str(folder.path)], log) as risk:
        assert risk.wait() == 2
        assert "was begun by one process with one journal" in risk.output
    code, words = pitwire(tmp_path, "up", "--config", folder.path)
    assert (code, "was begun by one process with one journal" in words) == (2, True), words
