"""Installations side by side: every word reaches its own desk, and a start knows its own."""

import json
import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from services.domain.manifest import Endpoint
from services.domain.messages.risk import Position
from services.domain.units import UnixNanos
from services.launch.ports import addresses_of
from services.runtime.config import ConfigFolder
from tests.support.process_desk import (
    SERVICES,
    Process,
    ProcessDesk,
    in_process,
    journalled,
    live_folder,
    pitwire,
    playback,
    private_folder,
    short_day,
    snapshot,
)
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration


def _written(folder: Path, **changes: object) -> ConfigFolder:
    """Change desk.toml of a folder; gives the folder as it is then."""
    now = UnixNanos(int(1e9))
    desk = msgspec.structs.replace(ConfigFolder(folder, now).desk, **changes)
    (folder / "desk.toml").write_bytes(msgspec.toml.encode(desk))
    return ConfigFolder(folder, now)


def _beside(folder: ConfigFolder, target: Path, **changes: object) -> ConfigFolder:
    """Copy an installation, its ports and all, into a folder of its own."""
    target.mkdir(parents=True)
    for path in folder.path.glob("*.toml"):
        shutil.copy(path, target)
    return _written(target, data_dir="var", **changes)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConfigFolder]:
    """An installation, live and up, that every test leaves as it found it."""
    folder = live_folder(tmp_path_factory.mktemp("first") / "config")
    log = folder.path / "up.log"
    with Process(["services.cli", "up", "-c", str(folder.path)], log) as process:
        wait_until(lambda: "is up, account Sim101, run paper" in process.output, "the desk")
        yield folder
        assert process.popen.poll() is None, process.output
        assert _state(folder) == "ACTIVE"
        assert process.signal(signal.SIGINT) == 0, process.output


def _state(folder: ConfigFolder) -> str:
    found = snapshot(folder, "risk")
    return "" if found is None else str(msgspec.json.decode(found.detail)["state"])


def _epochs(folder: ConfigFolder) -> list[tuple[int, int]]:
    found = [snapshot(folder, name) for name in SERVICES]
    return [(status.epoch, status.pid) for status in found if status is not None]


_OTHERS: dict[str, dict[str, object]] = {
    "the same names": {},
    "another run": {"run": "live"},
    "another account": {"account": "U7"},
}


@pytest.mark.parametrize("flags", [(), ("--colocate",)], ids=["processes", "co-located"])
@pytest.mark.parametrize("names", _OTHERS)
def test_a_second_installation_on_the_same_ports_does_not_start(
    first: ConfigFolder, tmp_path: Path, names: str, flags: tuple[str, ...]
) -> None:
    """It is never up: every port and the desk that holds it, exit 2, no process left behind."""
    second = _beside(first, tmp_path / "second", **_OTHERS[names])
    before = _epochs(first)
    code, printed = pitwire(tmp_path, "up", "-c", second.path, *flags)
    assert (code, "is up" in printed) == (2, False), printed
    for name, endpoint in first.desk.endpoints.items():
        status = snapshot(first, name)
        assert status is not None
        held = f"held by {name} of run paper of account Sim101, process {status.pid}"
        (line,) = (line for line in printed.splitlines() if f"({name}): {held}" in line)
        assert all(address in line for _, address in addresses_of(endpoint))
    assert not list(second.path.rglob("pids.json"))
    assert _epochs(first) == before


def _kept(endpoint: Endpoint, key: str, free: Endpoint) -> Endpoint:
    return msgspec.structs.replace(free, **{key: getattr(endpoint, key)})


@pytest.mark.parametrize(
    ("service", "key", "holder"),
    [
        ("ingest", "http", "ingest of run paper of account Sim101"),
        ("orders", "publish", "orders of run paper of account Sim101"),
        ("risk", "edge", "risk of run paper of account Sim101"),
        ("ingest", "edge", "IngestGateway of run paper of account Sim101"),
        ("orders", "edge", "OrderRouter of run paper of account Sim101"),
        ("state", "replay", "another program, or by a service that does not name its desk"),
    ],
)
def test_one_port_of_another_desk_is_named_with_its_desk(
    first: ConfigFolder, tmp_path: Path, service: str, key: str, holder: str
) -> None:
    """Whichever of the ports was left as it was, by whatever answers there."""
    apart = live_folder(tmp_path / "apart")
    shared = _kept(first.desk.endpoints[service], key, apart.desk.endpoints[service])
    second = _written(apart.path, endpoints={**apart.desk.endpoints, service: shared}, run="b")
    code, printed = pitwire(tmp_path, "up", "-c", second.path)
    address = getattr(shared, key).removeprefix("tcp://")
    assert code == 2, printed
    assert f"{address} ({service}, {key}): held by {holder}" in printed or (
        f"{address} ({service}): held by {holder}" in printed
    ), printed
    assert printed.count("held by") == 1
    assert not list(second.path.rglob("pids.json"))


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>a web server</html>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
        pass


def test_another_program_on_a_port_is_named(tmp_path: Path) -> None:
    """A web server where ingest shows its status, a silent one on NinjaTrader's port."""
    folder = live_folder(tmp_path / "desk")
    ingest = folder.desk.endpoints["ingest"]
    host, _, port = ingest.http.rpartition(":")
    edge_host, _, edge_port = ingest.edge.rpartition(":")
    server = HTTPServer((host, int(port)), _Page)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    with socket.create_server((edge_host, int(edge_port))):
        code, printed = pitwire(tmp_path, "up", "-c", folder.path)
    server.shutdown()
    server.server_close()
    assert code == 2, printed
    for address, key in ((ingest.http, "http"), (ingest.edge, "edge")):
        assert f"{address} (ingest, {key}): held by another program" in printed
    assert not list(folder.path.rglob("pids.json"))


def test_status_and_doctor_tell_another_desk_from_their_own(
    first: ConfigFolder, tmp_path: Path
) -> None:
    """What answers is another's: named by run and account, nothing of it shown as ours, exit 1."""
    second = _beside(first, tmp_path / "second", run="live", account="U7")
    code, printed = pitwire(tmp_path, "status", "-c", second.path)
    assert code == 1, printed
    assert "run live · account U7" in printed
    flat = " ".join(printed.replace("│", " ").split())
    for name in SERVICES:
        assert f"another desk's {name} answers here: run paper of account Sim101" in flat
    assert "DAILY_LOSS" not in printed
    code, printed = pitwire(tmp_path, "limits", "-c", second.path)
    assert code == 1, printed
    assert "another desk's risk answers here: run paper of account Sim101" in printed
    assert "limits as configured for run live of account U7" in " ".join(printed.split())
    code, printed = pitwire(tmp_path, "doctor", "-c", second.path, "--json")
    found = json.loads(printed)
    assert (code, found["run"], found["account"]) == (1, "live", "U7")
    (services,) = (each for each in found["findings"] if each["check"] == "services")
    assert "risk: another desk answers, run paper of account Sim101" in services["found"]
    assert found["sent_to_risk"].startswith(
        "NOT confirmed: the desk on this port is run paper of account Sim101"
    )
    assert _state(first) == "ACTIVE"
    code, printed = pitwire(tmp_path, "status", "-c", first.path)
    assert "another desk" not in printed


_WORDS: dict[str, tuple[str, ...]] = {
    "kill": ("kill", "--reason", "wrong desk"),
    "kill --flatten": ("kill", "--flatten"),
    "resume": ("resume", "--reason", "wrong desk", "--yes"),
    "tighten": ("limits", "tighten", "trades_per_day", "1"),
    "doctor": ("doctor",),
}


@pytest.mark.parametrize("names", ["another run", "another account"])
def test_a_word_from_another_folder_changes_nothing(
    first: ConfigFolder, tmp_path: Path, names: str
) -> None:
    """Refused with whose desk it is, exit 1; the desk is as before and has journalled nothing."""
    second = _beside(first, tmp_path / "second", **_OTHERS[names])
    before = snapshot(first, "risk")
    assert before is not None
    for word in _WORDS.values():
        code, printed = pitwire(tmp_path, *word, "-c", second.path)
        flat = " ".join(printed.split())
        assert code == 1, printed
        assert "NOT confirmed: the desk on this port is run paper of account Sim101" in flat
    after = snapshot(first, "risk")
    assert after is not None
    assert (after.handled, after.heads) == (before.handled, before.heads)
    assert _state(first) == "ACTIVE"


def test_whose_files_were_edited_still_kills_the_own_desk(
    first: ConfigFolder, tmp_path: Path
) -> None:
    """A folder that no longer loads: the kill arrives, the change is shown; so does the resume."""
    second = _beside(first, tmp_path / "second")
    broken = second.path / "strategies.toml"
    broken.write_text(f"{broken.read_text('utf-8')}\n[[edge_fade", "utf-8")
    desk = second.path / "desk.toml"
    desk.write_text(f"{desk.read_text('utf-8')}\nhalf a line =", "utf-8")
    code, printed = pitwire(tmp_path, "kill", "-c", second.path, "--reason", "edited")
    assert code == 0, printed
    assert "KILLED" in printed
    assert "changed since that desk started" in printed
    assert "does not parse" in printed
    wait_until(lambda: _state(first) == "KILLED", "the kill to hold")
    code, printed = pitwire(tmp_path, "resume", "-c", first.path, "--reason", "seen", "--yes")
    assert code == 0, printed
    assert "changed since" not in printed
    wait_until(lambda: _state(first) == "ACTIVE", "the resume to hold")


def test_a_start_is_not_taken_for_up_by_another_desk(tmp_path: Path) -> None:
    """A desk that comes up on the ports while ours starts: ours ends with 2 and names it."""
    folder = live_folder(tmp_path / "ours")
    run_folder = tmp_path / "other"
    other = _beside(folder, run_folder / "config")
    from services.launch.supervisor import Supervisor

    ours = Supervisor(folder.path, folder.manifest(), tmp_path / "logs")
    with ProcessDesk(other, run_folder):
        try:
            ours.start()
            with pytest.raises(Exception, match=r"held by .* of run paper of account Sim101"):
                ours.wait_live()
        finally:
            pids = ours.pids()
            ours.stop()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def _together(*calls: Callable[[], object]) -> None:
    with ThreadPoolExecutor(len(calls)) as pool:
        for done in [pool.submit(call) for call in calls]:
            done.result()


def test_two_installations_trade_the_same_day_at_once(tmp_path: Path) -> None:
    """On other ports: each as alone, and every word in the middle of it reaches its own."""
    plays = {name: playback(short_day(), name) for name in ("left", "right")}
    folders = {name: private_folder(tmp_path / name, play) for name, play in plays.items()}
    folders["right"] = _written(folders["right"].path, account="Playback101")
    expected = [m for m in in_process(folders["left"], plays["left"]) if isinstance(m, Position)]
    shown: list[str] = []

    def in_the_middle(_: object) -> None:
        # Once, while both play: the left desk gets a kill, the right one a resume.
        if shown:
            return
        word = ("--strategy", "edge_fade", "--reason", "left only")
        code, printed = pitwire(tmp_path, "kill", "-c", folders["left"].path, *word)
        assert (code, "run left of account Sim101" in printed) == (0, True), printed
        wait_until(lambda: "left only" in _latches(folders["left"]), "the left desk's status")
        code, printed = pitwire(tmp_path, "resume", "-c", folders["right"].path, *word, "--yes")
        assert (code, "run right of account Playback101" in printed) == (0, True), printed
        shown.append(_latches(folders["right"]))
        assert "left only" in _latches(folders["left"])

    with ExitStack() as up:
        desks = {n: up.enter_context(ProcessDesk(f, tmp_path / n)) for n, f in folders.items()}
        _together(
            lambda: desks["left"].play(plays["left"], in_the_middle),
            lambda: desks["right"].play(plays["right"]),
        )
    assert shown == [""]
    for name, folder in folders.items():
        code, printed = pitwire(tmp_path, "explain", "2026-03-03", "--run", tmp_path / name)
        assert code == 0, printed
        day = f"run {name}, trade date 2026-03-03, account {folder.desk.account}"
        assert printed.startswith(day)
        found = [m for m in journalled(folder) if isinstance(m, Position)]
        assert [_trade(m) for m in found] == [_trade(m) for m in expected], name
        assert {m.account for m in found} == {folder.desk.account}


def _trade(position: Position) -> tuple[object, ...]:
    return position.state, position.side, position.quantity, position.realised


def _latches(folder: ConfigFolder) -> str:
    found = snapshot(folder, "risk")
    return "" if found is None else " ".join(msgspec.json.decode(found.detail)["latches"])
