"""Where a journal lies: one folder per service of a run, one file per trade date."""

from pathlib import Path
from typing import Final

FIRST_DATE: Final = "0000-00-00"
"""File for what comes before any message with an event time."""


def journal_folder(data_dir: str, run: str, service: str) -> Path:
    """Where a service keeps its journal."""
    return Path(data_dir) / run / service


def journal_dates(folder: Path) -> list[str]:
    """Trade dates of a service's journal, oldest first."""
    return sorted(p.stem for p in folder.glob("????-??-??.sqlite"))
