"""A trader looks into a journal with a database viewer while the desk trades, and leaves it open.

A viewer gets the lock of a running desk in the instant between two transactions alone: the one here
tries without a pause until it does.
"""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from services.nt_twin.client import TwinClient
from tests.support.process_desk import (
    ROOT,
    ProcessDesk,
    export,
    in_process,
    journalled,
    playback,
    private_folder,
    short_day,
    snapshot,
)

pytestmark = pytest.mark.integration

_DATE = "2026-03-03"
_LOCKED = "is locked by another program: close it"


class _Viewer:
    """Opens a service's journal once it is there; keeps the reasons the service gives meanwhile."""

    def __init__(self, desk: ProcessDesk, service: str, seconds: float) -> None:
        self._folder = desk.folder
        self._service = service
        self._seconds = seconds
        manifest = desk.folder.manifest()
        self._file = Path(manifest.data_dir) / manifest.run / service / f"{_DATE}.sqlite"
        self._process: subprocess.Popen[str] | None = None
        self.reason = ""

    def look(self, _: TwinClient) -> None:
        """After every word of the client."""
        if self._process is None and self._file.exists():
            viewer = ["-m", "tests.support.database_viewer", str(self._file), str(self._seconds)]
            self._process = subprocess.Popen(
                [sys.executable, *viewer], cwd=ROOT, stdout=subprocess.PIPE, text=True
            )
        if self._process is not None and not self.reason:
            status = snapshot(self._folder, self._service)
            found = () if status is None else status.reasons
            self.reason = next((reason for reason in found if _LOCKED in reason), "")

    def words(self) -> list[str]:
        """What it wrote until it ended."""
        assert self._process is not None
        return self._process.communicate(timeout=60)[0].split()

    def close(self) -> None:
        """End it where a failed test left it running."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@pytest.mark.parametrize(("service", "seconds"), [("risk", 25.0), ("orders", 7.0)])
def test_a_day_is_played_beside_a_locked_journal(
    tmp_path: Path, service: str, seconds: float
) -> None:
    """In the middle of the day the journal is locked: the service is not ready and says why.

    None starts again, and the files of the day are those of a desk that nobody looked into.
    """
    play = playback(short_day())
    folder = private_folder(tmp_path / "run", play)
    with (
        ProcessDesk(folder, tmp_path / "run") as desk,
        closing(_Viewer(desk, service, seconds)) as viewer,
    ):
        desk.play(play, viewer.look)
        assert viewer.words() == ["locked", "released"]
        assert desk.supervisor.notes == []
    assert viewer.reason == f"journal {_DATE}.sqlite of {service} {_LOCKED}"
    alone = in_process(private_folder(tmp_path / "alone", play), play)
    assert export(journalled(folder), tmp_path / "a") == export(alone, tmp_path / "b")
