"""How far a playback run came, kept beside its journals: playing, finished, interrupted, failed.

Rule: it is written now and then and at the end. A run that plays by its record while nobody holds
      its journals ended without a word: it was killed, or the machine went down.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec

from services.domain.calendar import et_text
from services.domain.units import UnixNanos
from services.launch.journal_lock import held_folders

_FILE: Final = "playback.json"
_WRITTEN_EVERY_S: Final = 1.0


class RunState(Enum):
    """Where a run stands."""

    PLAYING = "playing"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it was last written down."""

    run: str
    state: RunState
    minutes: int = 0
    """Played so far."""
    total: int | None = None
    """Minutes of the files; None: not known."""
    reached: str = ""
    """Stamp of the last minute, New York; empty before the first."""

    @property
    def text(self) -> str:
        """How far it came, for a sentence: `12,345 of 71,192 minutes, to 2025-01-14 10:31 ET`."""
        of = "" if self.total is None else f" of {self.total:,}"
        reached = f", to {self.reached}" if self.reached else ""
        return f"{self.minutes:,}{of} minutes{reached}"


def read_record(config: Path) -> RunRecord | None:
    """Give the record of the run that a configuration folder belongs to; None: of no playback."""
    try:
        return msgspec.json.decode((config.parent / _FILE).read_bytes(), type=RunRecord)
    except (OSError, msgspec.MsgspecError):
        return None


def state_text(config: Path, record: RunRecord) -> str:
    """Give where a run stands and how far it came: `finished: 1,380 of 1,380 minutes, to …`."""
    state = record.state.value
    if record.state is RunState.PLAYING and not held_folders(config.parent):
        state = "ended without a word"
    return f"{state}: {record.text}"


@contextmanager
def recorded(run_folder: Path, run: str) -> Iterator[Callable[[int, int | None, UnixNanos], None]]:
    """Write down how far a run is: call it at every step with minutes, total and the clock."""
    path = run_folder / _FILE
    last: tuple[int, int | None, UnixNanos] = (0, None, UnixNanos(0))
    written = 0.0

    def write(state: RunState) -> None:
        minutes, total, now_ns = last
        reached = et_text(now_ns) if minutes else ""
        record = RunRecord(run=run, state=state, minutes=minutes, total=total, reached=reached)
        text, part = msgspec.json.encode(record), path.with_suffix(".part")
        try:
            part.write_bytes(text)
            part.replace(path)
        except OSError:
            path.write_bytes(text)  # a full disk still has the room that the last one took

    def note(minutes: int, total: int | None, now_ns: UnixNanos) -> None:
        nonlocal last, written
        last = minutes, total, now_ns
        if time.monotonic() - written >= _WRITTEN_EVERY_S:
            written = time.monotonic()
            write(RunState.PLAYING)

    state = RunState.FAILED
    try:
        write(RunState.PLAYING)
        yield note
        state = RunState.FINISHED
    except KeyboardInterrupt:
        state = RunState.INTERRUPTED
        raise
    finally:
        with suppress(OSError):  # a disk that is full has ended the run; that is what counts
            write(state)
