"""A stop is on disk before anybody is asked: kills and halts that risk did not hear."""

import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from services.domain.messages.control import Halt, Kill, Resume
from services.domain.units import UnixNanos
from services.runtime.config import ConfigFolder
from services.runtime.journal import Role
from services.runtime.journal_files import FIRST_DATE
from services.runtime.journal_records import read_service
from services.runtime.operator_edge import send_command
from tests.support.process_desk import (
    Process,
    pitwire,
    playback,
    private_folder,
    short_day,
)
from tests.support.service_under_test import ServiceHarness
from tests.support.waiting import PATIENCE_S

pytestmark = pytest.mark.integration


@pytest.fixture
def folder(tmp_path: Path) -> ConfigFolder:
    """A private desk."""
    return private_folder(tmp_path, playback(short_day()))


@pytest.fixture
def risk(folder: ConfigFolder, tmp_path: Path) -> Iterator[ServiceHarness]:
    """Risk among upstreams that are played."""
    near = ["ingest", "state", "strategies", "orders"]
    with ServiceHarness(folder, "risk", tmp_path / "risk.log", peers=near) as started:
        yield started


def _run(folder: ConfigFolder) -> Path:
    manifest = folder.manifest()
    return Path(manifest.data_dir) / manifest.run


def _state(risk: ServiceHarness) -> tuple[str, str]:
    detail = msgspec.json.decode(risk.status().detail)
    return str(detail["state"]), str(detail["reason"])


def _resume(risk: ServiceHarness) -> str:
    desk = risk.manifest.identity
    resume = Resume(
        operator="ann", reason="seen", at_ns=UnixNanos(1), run=desk.run, account=desk.account
    )
    ack = send_command(risk.manifest.endpoints["risk"].edge, resume, PATIENCE_S)
    assert ack is not None
    return ack.text


def _inputs(folder: ConfigFolder, kind: type[Kill | Halt]) -> list[Kill | Halt]:
    records = read_service(_run(folder) / "risk", "risk")
    return [r.message for r in records if r.role is Role.INPUT and isinstance(r.message, kind)]


def _signal(risk: ServiceHarness, number: int) -> None:
    assert risk.process is not None
    risk.process.popen.send_signal(number)


def test_a_kill_of_a_risk_that_hangs_and_dies_holds_at_its_next_start(
    risk: ServiceHarness, folder: ConfigFolder, tmp_path: Path
) -> None:
    """Today an unanswered kill is gone: the next start trades."""
    _signal(risk, signal.SIGSTOP)
    code, printed = pitwire(tmp_path, "kill", "--reason", "hangs", "-c", folder.path)
    assert code == 1
    assert "risk is running but did not answer" in printed
    assert risk.stop(signal.SIGKILL) == -signal.SIGKILL
    risk.start()
    state, reason = _state(risk)
    assert (state, reason.rpartition(" ")[2]) == ("KILLED", "hangs")
    assert len(_inputs(folder, Kill)) == 1
    risk.until(lambda: not list((_run(folder) / "control").iterdir()), "the file to go")
    assert _resume(risk) == "ACTIVE"
    assert risk.stop(signal.SIGKILL) == -signal.SIGKILL
    risk.start()
    assert _state(risk)[0] == "ACTIVE"


def test_a_kill_of_a_risk_that_hangs_is_obeyed_when_it_turns_again(
    risk: ServiceHarness, folder: ConfigFolder, tmp_path: Path
) -> None:
    """It comes over the socket and from the disk then, and a resume holds against both."""
    _signal(risk, signal.SIGSTOP)
    assert pitwire(tmp_path, "kill", "--reason", "hangs", "-c", folder.path)[0] == 1
    _signal(risk, signal.SIGCONT)
    risk.until(lambda: _state(risk)[0] == "KILLED", "the kill")
    risk.until(lambda: not list((_run(folder) / "control").iterdir()), "the file to go")
    assert _resume(risk) == "ACTIVE"
    assert risk.stop(signal.SIGTERM) == 0
    risk.start()
    assert _state(risk)[0] == "ACTIVE"


def test_an_answered_kill_leaves_no_file(
    risk: ServiceHarness, folder: ConfigFolder, tmp_path: Path
) -> None:
    """Acknowledged, it is on record: what waited on disk goes, and it is obeyed once."""
    code, printed = pitwire(tmp_path, "kill", "--reason", "drill", "-c", folder.path)
    assert (code, "KILLED" in printed) == (0, True), printed
    risk.until(lambda: not list((_run(folder) / "control").iterdir()), "the file to go")
    assert _resume(risk) == "ACTIVE"
    risk.until(lambda: _state(risk)[0] == "ACTIVE", "/status to follow")


def _fail_at_start(folder: ConfigFolder, tmp_path: Path) -> None:
    journal = _run(folder) / "orders"
    journal.mkdir()
    (journal / f"{FIRST_DATE}.sqlite").write_bytes(b"no database " * 1_000)
    with Process(["services.orders", str(folder.path)], tmp_path / "orders.log") as orders:
        assert orders.wait() == 1, orders.output


def test_a_service_that_fails_at_its_own_start_halts_a_desk_that_runs(
    risk: ServiceHarness, folder: ConfigFolder, tmp_path: Path
) -> None:
    """Today its halt is a frame, and it ends before it has a socket to publish it on."""
    _fail_at_start(folder, tmp_path)
    risk.until(lambda: _state(risk)[0] == "HALTED", "the halt")
    assert _state(risk)[1].startswith("orders: journal ")
    assert len(_inputs(folder, Halt)) == 1
    assert _resume(risk) == "ACTIVE"


def test_a_service_that_fails_at_its_own_start_halts_a_desk_that_is_down(
    risk: ServiceHarness, folder: ConfigFolder, tmp_path: Path
) -> None:
    """Risk reads it at its next start, and a restart after that folds it."""
    assert risk.stop(signal.SIGKILL) == -signal.SIGKILL
    _fail_at_start(folder, tmp_path)
    for _ in range(2):
        risk.start()
        state, reason = _state(risk)
        assert (state, "damaged, moved aside" in reason) == ("HALTED", True)
        assert risk.stop(signal.SIGKILL) == -signal.SIGKILL
    assert len(_inputs(folder, Halt)) == 1


def test_a_fault_of_risk_itself_halts_its_next_start(
    risk: ServiceHarness, folder: ConfigFolder
) -> None:
    """Nobody hears the halt that risk publishes: it is for its own next start."""
    run = _run(folder)
    assert risk.stop(signal.SIGTERM) == 0
    newest = max((run / "risk").glob("????-??-??.sqlite"))
    content = newest.read_bytes()
    newest.write_bytes(b"no database " * 1_000)
    with Process(["services.risk", str(folder.path)], run / "risk-fault.log") as failed:
        assert failed.wait() == 1, failed.output
    next((run / "risk").glob("*.quarantine")).unlink()
    for left in (run / "risk").glob("*.quarantine-*"):
        left.unlink()
    newest.write_bytes(content)
    risk.start()
    state, reason = _state(risk)
    assert state == "HALTED"
    assert reason.startswith("risk: journal ")
