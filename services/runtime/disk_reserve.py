"""Disk space that is kept for exits: a file of the run, given back when the disk is full.

A full disk must not keep a position open. What a desk decides it journals first, so exits need
room, and so does a kill. Live, the first service of a run allocates a file beside its journals.

Rule 1: entries need more than that file: with less than the margin free, or without a whole file,
        the service is not ready (`shortage`, looked at with every heartbeat).
Rule 2: a write that finds no room takes the file away and is tried once more. Only a write: a sync
        that failed is never repeated, since what it was to put on the disk may be lost.
Rule 3: it is allocated anew once the disk has room for it and for the margin.
"""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

RESERVE_BYTES: Final = 64 * 1024**2
"""What all services of a desk write in 280 minutes of the costliest kind, 234 kB, an entry with its
answers. Of the usual kind, 54 kB, it lasts 1,200 minutes. Counted in separate processes, where each
commit is a page of every table: tests/integration/test_full_disk.py."""
MARGIN_BYTES: Final = 16 * 1024**2
"""Free besides the reserve, or entries stop: seconds of whatever fills the disk."""
_FULL_BYTES: Final = 1024**2
"""A start and a new date write files of some hundred kilobytes."""
_MB: Final = 1024**2
_RETRY_S: Final = 10.0
"""After an allocation that failed."""


class DiskReserve:
    """The reserve of a run, as one service sees it."""

    def __init__(self, run_folder: Path, size: int = RESERVE_BYTES) -> None:
        """`size`: bytes."""
        self._folder = run_folder
        self._path = run_folder / "reserve"
        self._size = size
        self._margin = min(MARGIN_BYTES, size)
        self._low = False
        self._tried_s: float | None = None

    def shortage(self) -> str:
        """Why entries must stop, in a sentence that stays the same; empty: there is room."""
        try:
            free = shutil.disk_usage(self._folder).free
            if not self._is_whole() and not self._allocate(free):
                return (
                    f"disk of {self._folder} is short: {self._text(self._size + self._margin)} free"
                    " expected, entries wait, exits have what is left"
                )
        except OSError as error:
            return f"disk of {self._folder} cannot be looked at: {error.strerror}"
        # Twice the margin ends it: one that is passed to and fro is not sampled each time.
        self._low = free < (2 * self._margin if self._low else self._margin)
        if not self._low:
            return ""
        return (
            f"disk of {self._folder} is short: less than {self._text(self._margin)} free besides"
            f" the reserve of {self._text(self._size)} for exits"
        )

    @staticmethod
    def _text(size: int) -> str:
        return f"{size / _MB:g} MB"

    def _is_whole(self) -> bool:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return False
        # A copy of the folder may have made it sparse.
        blocks = getattr(found, "st_blocks", None)
        return found.st_size >= self._size and (blocks is None or 512 * blocks >= self._size)

    def _allocate(self, free: int) -> bool:
        now_s = time.monotonic()
        waits = self._tried_s is not None and now_s - self._tried_s < _RETRY_S
        if waits or free < self._size + self._margin:
            return False
        self._tried_s = now_s
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                _fill(handle, self._size)
            finally:
                os.close(handle)
        except OSError:
            self.release()
            return False
        self._tried_s = None
        return True

    def release(self) -> None:
        """Give the room to whoever writes next."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def release_where_full(self) -> None:
        """The same before files are made, where there is no room for them."""
        with suppress(OSError):
            if shutil.disk_usage(self._folder).free < _FULL_BYTES:
                self.release()


def _fill(handle: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
        return
    block = b"\0" * _MB
    for _ in range(0, size, _MB):
        os.write(handle, block)
