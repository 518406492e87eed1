"""The command line and a desk of processes: up, status, kill, resume, Ctrl-C, explain."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import msgspec
import pytest

from services.backtest.play import twin_client
from services.domain.calendar import et_text
from services.domain.messages.link import ClientWelcome
from services.domain.messages.market import FeedHello, FeedWelcome
from services.runtime.config import ConfigFolder
from tests.support.order_builder import hello
from tests.support.process_desk import (
    SERVICES,
    Process,
    live_folder,
    pitwire,
    playback,
    service_pids,
    short_day,
    snapshot,
    thin_nights,
    thinned_days,
    write_csv,
)
from tests.support.service_under_test import GrpcClient
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture
def folder(tmp_path: Path) -> ConfigFolder:
    """The configuration as shipped, live, on free ports."""
    return live_folder(tmp_path / "desk")


def _up(folder: ConfigFolder, *flags: str) -> Process:
    arguments = ["services.cli", "up", "-c", str(folder.path), *flags]
    return Process(arguments, folder.path / "up.log")


@contextmanager
def _is_up(folder: ConfigFolder) -> Iterator[Process]:
    with _up(folder) as process:
        wait_until(lambda: "is up, account Sim101" in process.output, "the desk to be up")
        yield process
        if process.popen.poll() is None:
            assert process.signal(signal.SIGINT) == 0, process.output


@pytest.fixture
def desk(folder: ConfigFolder) -> Iterator[Process]:
    """A desk of the test's own, up."""
    with _is_up(folder) as process:
        yield process


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> ConfigFolder:
    """Of the shared desk."""
    return live_folder(tmp_path_factory.mktemp("shared") / "desk")


@pytest.fixture(scope="module")
def shared(shared_folder: ConfigFolder) -> Iterator[Process]:
    """A desk, up, for tests that leave it as they found it."""
    with _is_up(shared_folder) as process:
        yield process


def _status(folder: ConfigFolder, tmp_path: Path) -> tuple[int, str]:
    return pitwire(tmp_path, "status", "-c", folder.path)


def test_a_folder_broken_under_a_running_desk_stops_one_service(
    desk: Process, folder: ConfigFolder, tmp_path: Path
) -> None:
    """A worker that dies then stays down and is named; risk, and with it every exit, lives on.

    Why it stays down is there for `status` too.
    """
    logs = folder.path / "var" / folder.desk.run / "logs"
    pids = json.loads((logs / "pids.json").read_text())
    file = folder.path / "strategies.toml"
    file.write_text(file.read_text() + "\n[edge_fade.typo]\n")
    os.kill(pids["strategies"], signal.SIGKILL)
    wait_until(lambda: "strategies stays down" in desk.output, "the supervisor's word")
    os.kill(pids["risk"], 0)
    file.write_text(file.read_text().replace("[edge_fade.typo]", ""))
    _, words = _status(folder, tmp_path)
    assert "stays down: " in words, words
    assert "typo" in words
    assert desk.signal(signal.SIGINT) == 0


def test_a_desk_without_ninjatrader_says_so(
    desk: Process, folder: ConfigFolder, tmp_path: Path
) -> None:
    """`status` shows who is not ready and why, exit 1; a playback client is refused in words."""
    code, words = _status(folder, tmp_path)
    assert code == 1, words
    assert "no NinjaTrader on the feed link" in words
    assert "no NinjaTrader on the order link" in words
    assert "account Sim101" in words
    assert "DAILY_LOSS" in words
    play = playback(short_day())
    feed_hello = twin_client(folder, play).next_output()
    assert isinstance(feed_hello, FeedHello)
    edges = {name: folder.desk.endpoints[name].edge for name in ("ingest", "orders")}
    with GrpcClient(edges["ingest"], "market.v1.IngestGateway") as door:
        feed_hello = msgspec.structs.replace(feed_hello, client="player")
        welcome = door.call("Hello", feed_hello, FeedWelcome)
    assert (welcome.accepted, welcome.reason) == (
        False,
        "client player declares playback, this desk runs live",
    )
    with GrpcClient(edges["orders"], "link.v1.OrderRouter") as door:
        answer = door.call("Hello", hello(), ClientWelcome)
    assert (answer.accepted, answer.reason) == (False, "mode is PLAYBACK, the desk runs LIVE")
    assert desk.signal(signal.SIGINT) == 0
    assert desk.output.rstrip().endswith("stopped")
    _stopped_in_order(folder.path / "var" / folder.desk.run / "logs")
    code, words = _status(folder, tmp_path)
    assert (code, words.count("no answer; is it running?")) == (1, len(SERVICES)), words


def test_a_desk_that_is_up_is_not_started_again(
    shared: Process, shared_folder: ConfigFolder, tmp_path: Path
) -> None:
    """A second `up` names its processes, never says that it is up; the first goes on."""
    code, words = pitwire(tmp_path, "up", "-c", shared_folder.path)
    pids = (shared.popen.pid, *service_pids(shared_folder.path))
    assert (code, "this desk is up: " in words) == (2, True), words
    assert [pid for pid in pids if f"(process {pid}, since 20" not in words] == [], words
    assert f"`pitwire down --config {shared_folder.path}`" in words
    assert "is up, account" not in words
    assert (shared_folder.path / "var" / shared_folder.desk.run / "logs" / "pids.json").exists()
    assert shared.popen.poll() is None


def test_kill_and_resume_reach_a_running_desk(
    shared: Process, shared_folder: ConfigFolder, tmp_path: Path
) -> None:
    """A kill is answered when it is journalled and shows in `status`; a resume lifts it."""
    assert shared.popen.poll() is None
    word = ("-c", shared_folder.path, "--reason", "news at ten")
    code, words = pitwire(tmp_path, "kill", *word)
    assert (code, "KILLED" in words, "news at ten" in words) == (0, True, True), words
    wait_until(lambda: "news at ten" in _detail(shared_folder), "the status to follow")
    code, words = pitwire(tmp_path, "resume", "-c", shared_folder.path, "--reason", "news are out")
    assert (code, "nothing changed" in words) == (1, True), words  # it has to be said twice
    again = ("-c", shared_folder.path, "--reason", "news are out", "--yes")
    code, words = pitwire(tmp_path, "resume", *again)
    assert code == 0, words
    wait_until(lambda: "news at ten" not in _detail(shared_folder), "the status to follow")


def test_a_strategy_is_stopped_and_freed_by_name(
    shared: Process, shared_folder: ConfigFolder, tmp_path: Path
) -> None:
    """One strategy is off and the desk goes on; a name or account nobody has is refused."""
    assert shared.popen.poll() is None
    word = ("-c", shared_folder.path, "--strategy", "edge_fade")
    code, words = pitwire(tmp_path, "kill", *word, "--reason", "odd fills")
    assert (code, "edge_fade is killed; the desk is ACTIVE" in words) == (0, True), words
    wait_until(
        lambda: "STRATEGY_KILLED edge_fade" in _detail(shared_folder), "the status to follow"
    )
    code, words = pitwire(tmp_path, "kill", "-c", shared_folder.path, "--strategy", "edge_fate")
    assert (code, "edge_fate is not a strategy of this desk" in words) == (1, True), words
    code, words = pitwire(tmp_path, "kill", "-c", shared_folder.path, "--account", "Sim999")
    assert (code, "the desk on this port is run paper of account Sim101" in words) == (
        1,
        True,
    ), words
    code, words = pitwire(tmp_path, "resume", *word, "--reason", "looked", "--yes")
    assert (code, "edge_fade is active" in words) == (0, True), words


def _detail(folder: ConfigFolder) -> str:
    found = snapshot(folder, "risk")
    return "" if found is None else bytes(found.detail).decode()


def test_a_kill_without_risk_holds_from_its_start(folder: ConfigFolder, tmp_path: Path) -> None:
    """Nobody runs: the kill is latched, the desk starts KILLED, twice; resume needs risk."""
    code, words = pitwire(tmp_path, "kill", "-c", folder.path)  # nobody has to find words first
    assert (code, "queued and applied first at its next start" in words) == (0, True), words
    code, words = pitwire(tmp_path, "resume", "-c", folder.path, "--reason", "why not", "--yes")
    assert (code, "nothing changed" in words) == (1, True), words
    for _ in range(2):
        with _risk(folder, tmp_path) as risk:
            wait_until(lambda: "stopped by hand" in _detail(folder), "the kill to hold")
            assert risk.signal(signal.SIGTERM) == 0


def _risk(folder: ConfigFolder, tmp_path: Path) -> Process:
    return Process(["services.risk", str(folder.path)], tmp_path / "risk.log")


def _stopped_in_order(logs: Path) -> None:
    stops = []
    for name in SERVICES:
        last = json.loads((logs / f"{name}.log").read_text("utf-8").splitlines()[-1])
        assert last["event"] == "stopped", (name, last)
        stops.append(last["timestamp"])
    assert stops == sorted(stops)
    assert not (logs / "pids.json").exists()


def test_all_in_one_process_stops_on_ctrl_c(folder: ConfigFolder) -> None:
    """`up --colocate` serves every port and ends with 0."""
    with _up(folder, "--colocate") as process:
        wait_until(partial(_answers, folder), "every service to answer")
        assert process.signal(signal.SIGINT) == 0, process.output
    assert "Traceback" not in process.output


def _answers(folder: ConfigFolder) -> bool:
    return all(snapshot(folder, name) is not None for name in SERVICES)


@pytest.mark.parametrize("moment", ["starting", "playing"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_replay_can_be_stopped_at_any_moment(tmp_path: Path, moment: str, number: int) -> None:
    """Ctrl-C, SIGTERM, a closed terminal: every process is stopped, one line is said, exit 130."""
    files = write_csv(tmp_path / "bars", thinned_days())
    arguments = ["services.cli", "replay", "--processes", *map(str, files)]
    arguments += ["--runs", str(tmp_path / "runs")]
    with Process(arguments, tmp_path / "replay.log") as process:
        wait_until(lambda: len(service_pids(tmp_path)) > 0, "the services to start")
        (run,) = (tmp_path / "runs").iterdir()
        folder = ConfigFolder(run / "config", short_day()[0][0])
        if moment == "playing":
            wait_until(lambda: _handled(folder) > 50, "some bars")
        pids = service_pids(tmp_path)
        assert process.signal(number) == 130, process.output
        assert process.output.rstrip().endswith("pitwire: interrupted")
    assert "Traceback" not in process.output
    assert [pid for pid in pids if _alive(pid)] == []
    if moment == "playing":
        _stopped_in_order(run / "logs")


def _handled(folder: ConfigFolder) -> int:
    found = snapshot(folder, "orders")
    return 0 if found is None else found.handled


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the platform has no named pipes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_replay_in_one_process_can_be_stopped(tmp_path: Path, number: int) -> None:
    """Ctrl-C, SIGTERM, a closed terminal: one line, exit 130.

    However quick the machine, the run is not over: its rows go into a pipe that holds fewer.
    """
    files = write_csv(tmp_path / "bars", thinned_days())
    arguments = ["services.cli", "replay", *map(str, files)]
    arguments += ["--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "csv")]
    (tmp_path / "csv").mkdir()
    os.mkfifo(tmp_path / "csv" / "bars.csv")
    with Process(arguments, tmp_path / "replay.log") as process:
        with (tmp_path / "csv" / "bars.csv").open("rb") as rows:
            assert rows.readline().startswith(b"close_utc,")
            process.popen.send_signal(number)
            rows.read()  # it may write what it still holds
        assert process.wait() == 130, process.output
    assert process.output.rstrip().endswith("pitwire: interrupted")
    assert "Traceback" not in process.output


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run as `replay` makes it, a traded day and the first minutes of the next; its folder."""
    tmp_path = tmp_path_factory.mktemp("replayed")
    evening = [s for s in thinned_days() if et_text(s[0])[:13] == "2026-03-03 18"]
    files = write_csv(tmp_path / "bars", (*short_day(), *evening))
    config = thin_nights(tmp_path / "config")
    code, words = pitwire(tmp_path, "replay", *files, "--runs", tmp_path / "runs", "-c", config)
    assert code == 0, words
    assert "opening_range_reversal" in words
    return tmp_path / "runs"


def test_a_day_with_a_trade_is_explained(replayed: Path, tmp_path: Path) -> None:
    """The session, each stretch without a trade and its reason, the entry from ask to fill."""
    code, words = pitwire(tmp_path, "explain", "2026-03-03", "--runs", replayed)
    assert code == 0, words
    for text in (
        "IB ",
        "outside regular hours",
        "candidate OR Reversal SHORT 25008.75",
        "approved: OR_REVERSAL_SHORT SHORT",
        "opening_range_reversal SHORT 1 MNQ 03-26 at 25008.50",
        "opening_range_reversal TARGET at 24873.75",
    ):
        assert text in " ".join(words.split()), text


def test_a_journalled_day_is_drawn(replayed: Path, tmp_path: Path) -> None:
    """The chart reads the same journals as explain and holds the trade."""
    out = tmp_path / "day.html"
    code, words = pitwire(tmp_path, "chart", "2026-03-03", "--runs", replayed, "--out", out)
    assert (code, "1 trade, 1 candidate" in words) == (0, True), words
    assert "SHORT 25008.50" in out.read_text("utf-8")


def test_a_stamp_is_explained(replayed: Path, tmp_path: Path) -> None:
    """One stamp: every check with its numbers; a stamp without an entry says why not."""
    code, words = pitwire(tmp_path, "explain", "2026-03-03", "9:46", "--runs", replayed)
    assert code == 0, words
    for text in (
        "opening_range_reversal signals SHORT MNQ 03-26",
        "APPROVED opening_range_reversal",
        "DAILY_LOSS",
        "ENTER_SHORT 1 MNQ 03-26",
        "the stand-in: ACCEPTED",
        "sold 1 MNQ 03-26 at 25008.50, entry",
        "opening_range_reversal TARGET at 24873.75",
    ):
        assert text in " ".join(words.split()), text
    code, words = pitwire(tmp_path, "explain", "2026-03-03", "09:40", "--runs", replayed)
    assert code == 0, words
    assert "edge_fade: no trade, before_window:" in words


def test_a_day_without_trades_or_without_journal_is_explained(
    replayed: Path, tmp_path: Path
) -> None:
    """Quiet minutes are told stretch by stretch; a date nobody played has nothing, exit 2."""
    code, words = pitwire(tmp_path, "explain", "2026-03-04", "--runs", replayed)
    assert code == 0, words
    assert "outside regular hours" in words
    assert "no strategy gave an entry signal on this date" in words
    code, words = pitwire(tmp_path, "explain", "2026-03-05", "--runs", replayed)
    assert (code, "no journal has anything for 2026-03-05" in words) == (2, True), words
    assert "2026-03-03 to 2026-03-04, 2 trade dates" in words.replace("\n", " "), words


def test_an_evening_stamp_is_of_the_evening_before(replayed: Path, tmp_path: Path) -> None:
    """18:01 of a trade date is the day before; a minute without a bar is said to have none."""
    code, words = pitwire(tmp_path, "explain", "2026-03-04", "18:01", "--runs", replayed)
    assert code == 0, words
    assert "2026-03-03 18:01 ET" in words
    assert "overnight, O 2" in words
    code, words = pitwire(tmp_path, "explain", "2026-03-03", "17:30", "--runs", replayed)
    assert (code, "no bar closed in this minute" in words) == (0, True), words


def test_the_run_that_wrote_the_date_last_is_explained(replayed: Path, tmp_path: Path) -> None:
    """A desk that traded the date after a replay of it is the one that is told of, and back."""
    (run,) = replayed.iterdir()
    desk = tmp_path / "desk"
    shutil.copytree(run, desk)
    (desk / "journal" / run.name).rename(desk / "journal" / "mine")
    file = desk / "config" / "desk.toml"
    file.write_text(file.read_text("utf-8").replace(f'run = "{run.name}"', 'run = "mine"'))
    question = ("explain", "2026-03-03", "09:46", "--runs", replayed, "-c", desk / "config")
    for at, told in ((2e9, "run mine,"), (1e9, f"run {run.name},")):
        for path in (desk / "journal").rglob("2026-*"):
            os.utime(path, (at, at))
        code, words = pitwire(tmp_path, *question)
        assert (code, told in words) == (0, True), words
