"""What a test adds to the processes of a desk whose host may lose power; nothing that ships knows.

Beside each journal folder stands a file with the lengths of its files at the last sync: SQLite only
appends to its WAL between two checkpoints, so cutting a file to that length is the loss. And where
a file named by KILL_AT stands, the next commit of orders that holds a command of risk is its end:
handed over, not committed.
"""

import json
import os
import runpy
import signal
from pathlib import Path
from typing import Any

from services.domain.messages.risk import RiskMinute
from services.runtime.codec import decode
from services.runtime.journal import Journal

KILL_AT = "PITWIRE_TEST_KILL_AT"


def _remember(journal: Journal) -> None:
    folder = journal.folder
    files = [*folder.glob("????-??-??.sqlite"), *folder.glob("????-??-??.sqlite-wal")]
    lengths = {path.name: path.stat().st_size for path in files}
    beside = folder.with_name(f"{folder.name}.synced")
    beside.with_suffix(".new").write_text(json.dumps({"date": journal.date, "lengths": lengths}))
    beside.with_suffix(".new").replace(beside)


def _end_here(journal: Journal) -> bool:
    armed = Path(os.environ.get(KILL_AT, ""))
    if journal.folder.name != "orders" or not armed.is_file():
        return False
    rows = [decode(row[5], row[7]) for row in journal._rows if row[5]]  # noqa: SLF001
    if not any(isinstance(message, RiskMinute) and message.commands for message in rows):
        return False
    armed.unlink()
    return True


def _watch() -> None:
    open_, write = Journal.__init__, Journal.commit
    dates: dict[int, str] = {}

    def opened(journal: Journal, folder: Path) -> None:
        open_(journal, folder)
        dates[id(journal)] = journal.date
        _remember(journal)

    def written(journal: Journal, cursors: Any = (), *, sync: bool = False) -> None:
        known = dates.get(id(journal))
        if known not in {None, journal.date}:
            _remember(journal)  # the date before was put into its file, synced
            dates[id(journal)] = journal.date
        if _end_here(journal):
            os.kill(os.getpid(), signal.SIGKILL)
        write(journal, cursors, sync=sync)
        if sync and known is not None:
            _remember(journal)

    Journal.__init__ = opened  # type: ignore[method-assign,assignment]
    Journal.commit = written  # type: ignore[method-assign,assignment]


def _leash() -> None:
    # Only the first sitecustomize of a path is imported, and the leash is one.
    path = Path(__file__).parent.parent / "leashed" / "sitecustomize.py"
    runpy.run_path(str(path), run_name="sitecustomize")


if __name__ == "sitecustomize":
    _leash()
    _watch()
