"""Which processes hold the folders of a run: a desk that is up, or what is left of one.

Process numbers are no proof: after a crash of the host they belong to other programs. What counts
is the lock that a running process holds (services/runtime/folder_lock.py).
"""

from pathlib import Path
from typing import Final

from services.domain.errors import ConfigError
from services.runtime.folder_lock import is_held, read_holder
from services.runtime.journal_files import SHARED

SUPERVISOR: Final = "supervisor"
"""Folder of a run that the process which keeps its services up holds."""


def held_folders(run_folder: Path) -> list[Path]:
    """The folders below a run's that a process holds now, by name."""
    return [path.parent for path in sorted(run_folder.rglob("lock")) if is_held(path.parent)]


def holder_text(folder: Path) -> str:
    """Who holds a folder, for people."""
    found = read_holder(folder)
    return f"{folder.name} (it left no note of its process)" if found is None else found.text


def refuse_running(run_folder: Path, config: Path) -> None:
    """Refuse a run's folder while a process holds a part of it.

    Raises: ConfigError naming each process, since when, and how to end them.
    """
    held = held_folders(run_folder)
    if not held:
        return
    names = {folder.name for folder in held}
    is_up = bool(names & {SUPERVISOR, SHARED})
    what = "this desk is up" if is_up else "services of a desk that is gone remain"
    who = ", ".join(map(holder_text, held))
    raise ConfigError(
        f"{run_folder}: {what}: {who}; `pitwire down --config {config}` ends"
        f" {'it' if is_up else 'them'} in order"
    )
