"""Faults of files and disks in words: the path, the cause, a full disk by that name."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from services.domain.errors import StorageError

_FULL: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_ROOM_BYTES: Final = 65_536
"""Less than this is a full disk."""


def os_error_text(error: OSError, path: Path | None = None) -> str:
    """The path that is to be written, or else the file the error names, and what the cause is."""
    named = path or error.filename
    where = os.fsdecode(named) if isinstance(named, str | bytes | Path) else "a file"
    if error.errno in _FULL:
        return f"disk full: {where} cannot be written"
    if isinstance(error, FileExistsError):
        return f"{where}: is a file, expected a folder"
    verb = "" if path is None else " cannot be written"
    return f"{where}{verb}: {error.strerror or error}"


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Name the path for whatever the system refuses inside.

    Raises: StorageError.
    """
    try:
        yield
    except (BrokenPipeError, TimeoutError):
        raise  # of a reader that has gone, of a lock somebody holds: not of a disk
    except OSError as error:
        raise StorageError(os_error_text(error, path)) from error


def is_full(path: Path) -> bool:
    """Whether the disk of a path, which need not exist yet, has no room left."""
    import shutil  # a kill loads this module, and needs no shutil

    there = next((each for each in (path, *path.absolute().parents) if each.exists()), None)
    try:
        return there is not None and shutil.disk_usage(there).free < _ROOM_BYTES
    except OSError:
        return False


def require_writable_folder(folder: Path) -> None:
    """Make a folder and write in it, before work that would otherwise be done for nothing.

    Raises: StorageError naming the path and the cause.
    """
    import tempfile

    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # Permissions alone mean little: to root, on a read-only or a full disk.
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0" * 4096)


def require_writable_file(path: Path) -> None:
    """Make a file's folder and see that the file can be written there; what it holds stays.

    Raises: StorageError naming the path and the cause.
    """
    if path.is_dir():
        raise StorageError(f"{path}: is a folder, expected the name of a file")
    require_writable_folder(path.parent)
    if path.exists():
        with storing(path), path.open("ab"):
            pass
