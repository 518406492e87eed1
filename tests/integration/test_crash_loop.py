"""A service that dies again and again: it stays down, and the desk is halted (spec F75)."""

import json
import os
import signal
from pathlib import Path

import msgspec
import pytest

from tests.support.process_desk import Process, live_folder, snapshot
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration


def test_a_service_that_dies_again_and_again_halts_the_desk(tmp_path: Path) -> None:
    """A signal leaves no time for a halt: the supervisor that gives up writes it."""
    folder = live_folder(tmp_path / "desk")
    pids = folder.path / "var" / folder.desk.run / "logs" / "pids.json"
    killed: set[int] = set()

    def halted() -> bool:
        found = snapshot(folder, "risk")
        detail = None if found is None else msgspec.json.decode(found.detail)
        return detail is not None and detail["reason"].startswith("state: stays down after 4 start")

    with Process(["services.cli", "up", "-c", str(folder.path)], tmp_path / "up.log") as desk:

        def kills() -> bool:
            text = pids.read_text("utf-8")
            pid = json.loads(text)["state"] if text.endswith("}") else 0
            if pid and pid not in killed:
                killed.add(pid)
                os.kill(pid, signal.SIGKILL)
            return "state stays down" in desk.output

        wait_until(lambda: "is up, account" in desk.output, "the desk to be up")
        wait_until(kills, "the supervisor to give up")
        assert len(killed) == 4
        wait_until(halted, "the desk to be halted")
        assert desk.signal(signal.SIGINT) == 0
