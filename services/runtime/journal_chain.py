"""How a journal shows damage: every record is linked to the one before it by a CRC-32."""

import zlib
from collections.abc import Iterable

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
