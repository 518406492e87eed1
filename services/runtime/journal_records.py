"""What a journal holds, read by people and exports, beside a running writer.

A file that cannot be read ends the reading: a JournalError where it is damaged, a StorageError
where the disk or another program refuses it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from services.domain.errors import DecodeError, JournalError
from services.runtime.journal import Record, Role
from services.runtime.journal_files import journal_dates
from services.runtime.journal_sqlite import naming_refusals

_COLUMNS: Final = "SELECT role, stream, epoch, sequence, type, at, payload FROM records"
_OF_SERVICE: Final = f"{_COLUMNS} WHERE service IN ('', ?) ORDER BY n"


def read_records(path: Path) -> Iterator[Record]:
    """Every record of one file, for people and exports; reads beside a running writer."""
    with _read_only(path) as db:
        for row in db.execute(f"{_COLUMNS} WHERE role > 0 ORDER BY n"):
            yield Record.read(*row)


def read_service(folder: Path, service: str, date: str = "") -> Iterator[Record]:
    """Every record of a service, or of one of its trade dates, for people and exports.

    A date lies in its own file, or at the head of a later one (rule 6).
    """
    begun = ""
    for each in journal_dates(folder):
        if each < date:
            continue
        with _read_only(folder / f"{each}.sqlite") as db:
            for row in db.execute(_OF_SERVICE, (service,)):
                if row[0] == Role.BEGUN:
                    begun = row[1]
                elif date in ("", begun):
                    yield Record.read(*row)
        if date and begun > date:
            return


@contextmanager
def _read_only(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with (
            naming_refusals(path),
            closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db,
        ):
            yield db
    except (sqlite3.Error, DecodeError) as error:
        raise JournalError(f"journal {path} is damaged: {error}") from error
