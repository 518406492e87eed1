"""A folder held by one process: who holds it, how it is asked to stop, and who is never killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.domain.errors import ConfigError
from services.domain.units import UnixNanos
from services.runtime.folder_lock import (
    FolderLock,
    Holder,
    end_at_once,
    is_held,
    process_began,
    read_holder,
    request_stop,
)


def test_a_holder_is_known_while_it_holds(tmp_path: Path) -> None:
    """Its note names this process; a second is refused with it; afterwards nothing is left."""
    with FolderLock(tmp_path / "risk") as lock:
        assert is_held(lock.folder)
        found = read_holder(lock.folder)
        assert found is not None
        assert (found.name, found.pid) == ("risk", os.getpid())
        with pytest.raises(
            ConfigError, match=rf"held by another process, risk \(process {os.getpid()}, since"
        ):
            FolderLock(lock.folder)
        assert read_holder(lock.folder) == found
    assert not is_held(lock.folder)
    assert read_holder(lock.folder) is None


def test_a_request_is_for_who_holds_the_folder_now(tmp_path: Path) -> None:
    """It is seen by the holder; one left over from before does not end the next."""
    with FolderLock(tmp_path) as lock:
        assert not lock.stop_requested()
        request_stop(tmp_path)
        assert lock.stop_requested()
    request_stop(tmp_path)
    with FolderLock(tmp_path) as lock:
        assert not lock.stop_requested()


@pytest.mark.integration
@pytest.mark.skipif(not process_began(os.getpid()), reason="no /proc to know a process by")
def test_a_number_given_again_is_not_killed() -> None:
    """A process that has the number of the note but began at another time is a stranger."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        began = process_began(stranger.pid)
        for other in ("", "1", began + "0"):
            note = Holder(name="risk", pid=stranger.pid, began=other, since_ns=UnixNanos(0))
            assert not end_at_once(note)
        assert stranger.poll() is None
        assert end_at_once(
            Holder(name="risk", pid=stranger.pid, began=began, since_ns=UnixNanos(0))
        )
        assert stranger.wait(10) < 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": 1}', "\xff"])
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    """A crash may leave anything; the lock alone says that somebody holds the folder."""
    (tmp_path / "holder.json").write_text(text, "utf-8")
    assert read_holder(tmp_path) is None
