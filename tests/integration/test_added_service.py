"""A service of one's own: a folder and a row of desk.toml, and it is a service like any other."""

import json
import os
import re
import signal
from pathlib import Path

import msgspec
import pytest

from services.runtime.config import ConfigFolder
from services.runtime.service_status import ServiceStatus
from tests.support.process_desk import (
    Process,
    altered,
    drive,
    in_process,
    pitwire,
    playback,
    private_folder,
    short_day,
    snapshot,
)
from tests.support.waiting import wait_until

PACKAGE = "tests.support.toy_service"
ROW = f"""
[[service]]
name = "toy"
package = "{PACKAGE}"
after = "state"
reads = ["market"]
"""
STAMPS = short_day()[-60:]
CONTRACT = "NQ 03-26"
BARS = sum(bar.contract == CONTRACT for _, bars in STAMPS for bar in bars)


@pytest.fixture
def folder(tmp_path: Path) -> ConfigFolder:
    """The shipped configuration, a row and a file of the toy added, on free ports."""
    base = altered(tmp_path / "base", "desk.toml", "[endpoints.ingest]", f"{ROW}[endpoints.ingest]")
    (base / "toy.toml").write_text(f'contract = "{CONTRACT}"\n')
    return private_folder(tmp_path / "run", playback(STAMPS), base=base)


@pytest.mark.integration
def test_it_runs_beside_the_others(folder: ConfigFolder, tmp_path: Path) -> None:
    """`up` starts it, it reads its stream, `status` shows it, killed it comes back as it was."""
    up = Process(["services.cli", "up", "-c", str(folder.path)], tmp_path / "up.log")
    with up:
        wait_until(lambda: "is up, account" in up.output, "the desk to be up")
        drive(folder, playback(STAMPS))
        wait_until(lambda: _count(folder) == BARS, "the toy to have read the day")
        _, words = pitwire(tmp_path, "status", "-c", folder.path)
        assert re.search(r"│ toy +│ yes ", words), words
        assert re.search(rf"bars counted +│ {BARS} ", words), words
        manifest = folder.manifest()
        pids = json.loads((Path(manifest.data_dir) / manifest.run / "logs/pids.json").read_text())
        assert list(pids) == ["ingest", "state", "toy", "strategies", "risk", "orders"]
        os.kill(pids["toy"], signal.SIGKILL)
        wait_until(lambda: "toy ended with -9, started again" in up.output, "its supervisor")
        wait_until(lambda: _status(folder).epoch == 2 and _count(folder) == BARS, "its recovery")
        assert up.signal(signal.SIGINT) == 0, up.output


def test_it_runs_in_one_process_too(folder: ConfigFolder) -> None:
    """The same row puts it into a desk without processes, and changes nothing of the others."""
    with_it = in_process(folder, playback(STAMPS))
    desk = msgspec.structs.replace(folder.desk, service=())
    (folder.path / "desk.toml").write_bytes(msgspec.toml.encode(desk))
    without = in_process(ConfigFolder(folder.path, STAMPS[0][0]), playback(STAMPS))
    assert with_it == without


def _status(folder: ConfigFolder) -> ServiceStatus:
    return snapshot(folder, "toy") or ServiceStatus(service="toy")


def _count(folder: ConfigFolder) -> int:
    detail = msgspec.json.decode(_status(folder).detail)
    return detail["bars_counted"] if detail else 0
