"""A journal's files: a folder per service of a run, or one of all; a file per trade date.

Rule: a run keeps its layout. Which service wrote what last is known inside one file only, so a run
that was begun by separate processes is not gone on with by one for all, nor the other way round.
"""

from pathlib import Path
from typing import Final

from services.domain.errors import ConfigError

FIRST_DATE: Final = "0000-00-00"
"""File for what comes before any message with an event time."""
OPERATOR_EDGE: Final = "operator_edge"
"""File beside a journal: where its service took operators' commands at its last start."""
SHARED: Final = "co-located"
"""Folder of the journal that all services of one process share; no service has such a name."""


def journal_folder(data_dir: str, run: str, service: str) -> Path:
    """Where a service's journal lies: the one of all, where the run has one."""
    shared = Path(data_dir) / run / SHARED
    return shared if shared.exists() else Path(data_dir) / run / service


def refuse_other_layout(folder: Path) -> None:
    """Refuse to begin a journal beside those of the other layout.

    Raises: ConfigError naming both layouts.
    """
    run = folder.parent
    begun = {path.parent for path in run.glob("*/????-??-??.sqlite")}
    shared = run / SHARED
    if folder != shared and shared.exists():
        found, expected = f"one process with one journal, {shared}", "separate processes"
    elif folder == shared and (own := sorted(begun - {shared})):
        found, expected = f"separate processes, {own[0]} and others", "one process"
    else:
        return
    raise ConfigError(
        f"run {run.name} was begun by {found}, expected by {expected}: a run keeps its layout"
    )


def journal_dates(folder: Path) -> list[str]:
    """Trade dates of a service's journal, oldest first."""
    return sorted(p.stem for p in folder.glob("????-??-??.sqlite"))


def move_aside(path: Path) -> None:
    """Keep a damaged file of a date for people, under a name that no start goes on from."""
    for tail in ("-wal", "-shm", ""):
        part = path.with_name(path.name + tail)
        if part.exists():
            part.rename(path.with_name(f"{path.stem}.quarantine{tail}"))
