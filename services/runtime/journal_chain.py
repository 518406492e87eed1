"""How a journal shows damage: every record is linked to the one before it by a CRC-32."""

import sqlite3
import zlib
from collections.abc import Iterable
from typing import Final

from services.domain.errors import JournalError

MARKS: Final = "SELECT n, service, stream, sequence FROM records WHERE role = 0"
"""Where dates begin, as the index has them."""
_ROWS: Final = (
    "SELECT n, service, role, stream, epoch, sequence, type, at, payload, chain"
    " FROM records ORDER BY n"
)
CursorRow = tuple[str, int, str, int, int]
"""Where a stream stands: service, role, stream, epoch, sequence."""
_RecordRow = tuple[int, str, int, str, int, int, int, int, bytes]


def crc_of(rows: Iterable[CursorRow]) -> int:
    """The CRC-32 of cursors, in whatever order they come."""
    return zlib.crc32(repr(sorted(rows, key=repr)).encode())


def link(chain: int, row: _RecordRow) -> int:
    """The link of a record, from that of the record before; 0 before the first."""
    n, service, role, stream, epoch, sequence, type_id, at, payload = row
    head = f"{n}|{service}|{role}|{stream}|{epoch}|{sequence}|{type_id}|{at}|".encode()
    return zlib.crc32(payload, zlib.crc32(head, chain))


def check_chain(db: sqlite3.Connection) -> tuple[int, int]:
    """Check every record of a file; gives the last one's number and link, 0 and 0 of none.

    Raises: JournalError naming what breaks the chain.
    """
    last, last_chain, marks = 0, 0, []
    for *columns, chain in db.execute(_ROWS):
        row = tuple(columns)
        whole = isinstance(row[8], bytes)  # a damaged type byte makes it text
        if not whole or row[0] != last + 1 or chain != link(last_chain, row):
            raise JournalError(f"record {row[0]} after {last} breaks the chain")
        last, last_chain = row[0], chain
        if row[2] == 0:
            marks.append((row[0], row[1], row[3], row[5]))
    if marks != sorted(db.execute(MARKS)):
        raise JournalError(f"{len(marks)} dates begun, not those of the index")
    return last, last_chain
