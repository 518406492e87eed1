"""A publisher's past, page by page, from its journal."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from services.domain.units import UnixNanos
from services.runtime import codec
from services.runtime.bus import FROM_DATE_START, PAGE_MAX, Envelope, ReplayPage
from services.runtime.journal import Role
from services.runtime.journal_files import journal_dates
from services.runtime.journal_sqlite import naming_refusals

_PAGE_BYTES: Final = 1_000_000
_ROWS: Final = (
    "SELECT epoch, sequence, type, at, payload FROM records"
    " WHERE role = 2 AND stream = ? AND sequence > ? ORDER BY sequence LIMIT ?"
)
_CURSOR: Final = "SELECT sequence FROM cursors WHERE service IN ('', ?) AND role = ? AND stream = ?"


class JournalReader:
    """Reads a service's part of its journal files beside their writer; one per thread."""

    def __init__(self, folder: Path, service: str = "") -> None:
        """`service`: its name, of which a folder of its own need not know."""
        self._folder = folder
        self._service = service
        self._open: dict[str, sqlite3.Connection] = {}
        self._starts: dict[tuple[str, str], int] = {}
        self._seen: set[str] = set()

    def page(self, stream: str, after: int) -> ReplayPage:
        """At most PAGE_MAX envelopes above `after`, from as many dates as it takes."""
        with naming_refusals(self._folder):
            return self._page(stream, after)

    def _page(self, stream: str, after: int) -> ReplayPage:
        dates = [date for date in journal_dates(self._folder) if self._readable(date)]
        starts = {date: n for date in dates if (n := self._start(date, stream)) is not None}
        if not starts:
            return ReplayPage(stream, max(after, 0), 0, ())
        if after == FROM_DATE_START:
            after = starts[max(starts)]
        first = max((date for date, n in starts.items() if n <= after), default=min(starts))
        envelopes: list[Envelope] = []
        size = 0
        for date in dates[dates.index(first) :]:
            rows = self._db(date).execute(_ROWS, (stream, after, PAGE_MAX - len(envelopes)))
            for epoch, sequence, type_id, at, payload in rows:
                message = codec.decode(type_id, payload)
                place = stream, epoch, sequence, UnixNanos(at)
                envelopes.append(Envelope(*place, message, payload))
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

    def _readable(self, date: str) -> bool:
        # A file appears before its first transaction; until then it holds nothing.
        if date not in self._seen:
            with suppress(sqlite3.OperationalError):
                if self._db(date).execute("SELECT 1 FROM records").fetchone():
                    self._seen.add(date)
        return date in self._seen

    def _start(self, date: str, stream: str) -> int | None:
        # Where the stream stood when the service began a date in the file; None: it has not.
        if (date, stream) not in self._starts:
            db = self._db(date)
            begun = "SELECT 1 FROM records WHERE role = 0 AND service IN ('', ?)"
            if db.execute(begun, (self._service,)).fetchone() is None:
                return None
            row = db.execute(_CURSOR, (self._service, int(Role.OUTPUT), stream)).fetchone()
            self._starts[date, stream] = 0 if row is None else int(row[0])
        return self._starts[date, stream]

    def _head(self, dates: list[str], stream: str) -> int:
        query = "SELECT MAX(sequence) FROM records WHERE role = 2 AND stream = ?"
        for date in reversed(dates):
            row = self._db(date).execute(query, (stream,)).fetchone()
            head = self._start(date, stream) if row[0] is None else int(row[0])
            if head is not None:
                return head
        return 0

    def _db(self, date: str) -> sqlite3.Connection:
        if date not in self._open:
            uri = (self._folder / f"{date}.sqlite").absolute().as_uri()
            self._open[date] = sqlite3.connect(f"{uri}?mode=ro", uri=True)
        return self._open[date]
