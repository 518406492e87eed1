"""What no trade date owns: `desk.sqlite` beside a journal, the epoch of its starts among it.

Rule 1: a start's epoch is above every epoch of the journal itself, not only above the one kept
        here: readers compare epochs, and one that was given before would hide a restart.
Rule 2: the epoch is kept before anything is journalled under it. A journal that holds a higher one
        shows that this file was lost, or that an older copy was put back. What else it held (the
        limits of the last allowed start) is unknown then: `loss` is the sentence, kept until
        whoever decides has journalled it (`settle_loss`), however often the service ends before.
"""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, TypeAlias

UNDATED_FILE: Final = "desk.sqlite"
_Naming: TypeAlias = AbstractContextManager[None]
_EPOCH: Final = "epoch"
_LOSS: Final = "loss"
_UNRECORDED_STARTS: Final = 100
"""Starts beyond those in the journal that a lost file may have counted: refused, or ended before
their first commit."""
_OWN_EPOCHS: Final = "SELECT max(epoch) FROM records WHERE role IN (0, 2, 5)"
"""Of a date's file: its marks, outputs and boots. An input has its publisher's."""


class UndatedStore:
    """Keys and values in `desk.sqlite`, the folder held by the caller."""

    def __init__(
        self, db: sqlite3.Connection, path: Path, refusals: Callable[[Path], _Naming]
    ) -> None:
        """`refusals`: names what the disk refuses of a file."""
        self._db = db
        self._path = path
        self._refusals = refusals
        self.loss = self.get(_LOSS) or ""
        """Why what it held is not known, in a sentence; empty: it is."""

    def get(self, key: str) -> str | None:
        """An undated value (epoch, limits of the last start)."""
        row = self._db.execute("SELECT value FROM kv WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def put(self, key: str, value: str) -> None:
        """Keep an undated value, on disk before this returns."""
        with self._refusals(self._path):
            self._db.execute("INSERT OR REPLACE INTO kv VALUES (?, ?)", (key, value))

    def raise_epoch(self, newest: sqlite3.Connection, older: Iterable[sqlite3.Connection]) -> int:
        """Raise the epoch above every one of the journal and keep it; gives it.

        `newest`: the file of the newest date; `older`: the other ones, opened only after a loss.
        """
        kept = int(self.get(_EPOCH) or 0)
        recorded = _epoch_of(newest)
        if kept < recorded:
            text = f"{self._path} was lost or is an older copy: it has epoch {kept}, the journal"
            self.loss = f"{text} {recorded}; the limits of the last start are not known"
            self.put(_LOSS, self.loss)
        if self.loss:
            kept = max(kept, recorded, *map(_epoch_of, older)) + _UNRECORDED_STARTS
        self.put(_EPOCH, str(kept + 1))
        return kept + 1

    def settle_loss(self) -> None:
        """Forget a loss that has been journalled by whoever decides."""
        self.put(_LOSS, "")
        self.loss = ""

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def _epoch_of(db: sqlite3.Connection) -> int:
    return int(db.execute(_OWN_EPOCHS).fetchone()[0] or 0)
