"""A publisher's past, page by page, from its journal."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from services.domain.units import UnixNanos
from services.runtime import codec
from services.runtime.bus import FROM_DATE_START, PAGE_MAX, Envelope, ReplayPage
from services.runtime.journal import BEGUN, Role
from services.runtime.journal_files import journal_dates

_PAGE_BYTES: Final = 1_000_000
_ROWS: Final = (
    "SELECT epoch, sequence, type, at, payload FROM records"
    " WHERE role = 2 AND stream = ? AND sequence > ? ORDER BY sequence LIMIT ?"
)


class JournalReader:
    """Reads a service's journal files beside their writer; one per thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, sqlite3.Connection] = {}
        self._starts: dict[tuple[str, str], int] = {}
        self._seen: set[str] = set()

    def page(self, stream: str, after: int) -> ReplayPage:
        """At most PAGE_MAX envelopes above `after`, from as many dates as it takes."""
        dates = [date for date in journal_dates(self._folder) if self._begun(date)]
        if not dates:
            return ReplayPage(stream, max(after, 0), 0, ())
        if after == FROM_DATE_START:
            after = self._start(dates[-1], stream)
        envelopes: list[Envelope] = []
        size = 0
        for date in self._dates_after(dates, stream, after):
            rows = self._db(date).execute(_ROWS, (stream, after, PAGE_MAX - len(envelopes)))
            for epoch, sequence, type_id, at, payload in rows:
                message = codec.decode(type_id, payload)
                envelopes.append(Envelope(stream, epoch, sequence, UnixNanos(at), message))
                size += len(payload)
                if size > _PAGE_BYTES:
                    break
            if len(envelopes) >= PAGE_MAX or size > _PAGE_BYTES:
                break
        return ReplayPage(stream, after, self._head(dates, stream), tuple(envelopes))

    def close(self) -> None:
        """Close every file."""
        for db in self._open.values():
            db.close()
        self._open.clear()

    def _dates_after(self, dates: list[str], stream: str, after: int) -> list[str]:
        begun = [index for index, date in enumerate(dates) if self._start(date, stream) <= after]
        return dates[begun[-1] if begun else 0 :]

    def _begun(self, date: str) -> bool:
        # A file appears before its first transaction; until then it holds nothing.
        if date not in self._seen:
            query = "SELECT 1 FROM cursors WHERE role = ?"
            with suppress(sqlite3.OperationalError):
                if self._db(date).execute(query, (BEGUN,)).fetchone():
                    self._seen.add(date)
        return date in self._seen

    def _start(self, date: str, stream: str) -> int:
        key = (date, stream)
        if key not in self._starts:
            query = "SELECT sequence FROM cursors WHERE role = ? AND stream = ?"
            row = self._db(date).execute(query, (int(Role.OUTPUT), stream)).fetchone()
            self._starts[key] = 0 if row is None else int(row[0])
        return self._starts[key]

    def _head(self, dates: list[str], stream: str) -> int:
        query = "SELECT MAX(sequence) FROM records WHERE role = 2 AND stream = ?"
        row = self._db(dates[-1]).execute(query, (stream,)).fetchone()
        return self._start(dates[-1], stream) if row[0] is None else int(row[0])

    def _db(self, date: str) -> sqlite3.Connection:
        if date not in self._open:
            uri = (self._folder / f"{date}.sqlite").absolute().as_uri()
            self._open[date] = sqlite3.connect(f"{uri}?mode=ro", uri=True)
        return self._open[date]
