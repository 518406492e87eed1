"""The bus frame `[topic][header][payload]`: origin and integrity, before protobuf sees a byte.

Header, 68 bytes, little-endian, no padding:

| bytes | field | meaning |
|---|---|---|
| 4 | magic | `PTWR` |
| 2 | version | schema version, 1 |
| 2 | type id | a row of `domain/topics.py` |
| 32 | stream | ASCII, zero padded |
| 4 | epoch | boot epoch of the publisher |
| 8 | sequence | in the stream; never resets |
| 8 | sent_ns | publisher's clock, UTC nanoseconds, signed |
| 4 | length | of the payload, bytes |
| 4 | CRC-32 | over topic, header with this field zero, payload |

Rule 1: a frame that fails any check is refused whole; nothing of it is used.
Rule 2: checks go from the outside in, so that the text names the first thing that is wrong.
"""

import struct
from collections.abc import Sequence
from typing import Final
from zlib import crc32

import msgspec

from services.domain.errors import DecodeError
from services.domain.topics import BY_ID
from services.domain.units import UnixNanos

FRAME_MAX: Final = 1024 * 1024
"""Largest frame, bytes, all three parts together: a minute of a hundred contracts with their price
ladders, ten times what a desk has."""
VERSION: Final = 1
"""Schema version; raised when the meaning of a header or message changes."""

_MAGIC: Final = b"PTWR"
_HEADER: Final = struct.Struct("<4sHH32sIQqII")
_STREAM_MAX: Final = 32
_CRC_BYTES: Final = 4
_NO_CRC: Final = bytes(_CRC_BYTES)
_PARTS: Final = 3


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One message on its way, still encoded."""

    topic: str
    """`<stream>:<contract or type>`, ASCII; what ZeroMQ filters by."""
    stream: str
    """Whose sequence this is, ASCII, at most 32 characters."""
    epoch: int
    """Boot epoch of the publisher."""
    sequence: int
    """Position in the stream, from 1; a live message carries 0 or its own count."""
    sent_ns: UnixNanos
    """Publisher's clock when it left, UTC nanoseconds."""
    type_id: int
    """Row of `domain/topics.py`."""
    payload: bytes
    """What `codec.encode` made."""


def pack(frame: Frame) -> tuple[bytes, bytes, bytes]:
    """Write a frame as the three parts of a ZeroMQ message."""
    topic, stream, payload = (
        frame.topic.encode("ascii"),
        frame.stream.encode("ascii"),
        frame.payload,
    )
    assert 0 < len(stream) <= _STREAM_MAX, f"stream {frame.stream!r} is not 1 to 32 characters"
    assert frame.type_id in BY_ID, f"type id {frame.type_id} is not in the topics table"
    size = len(topic) + _HEADER.size + len(payload)
    assert size <= FRAME_MAX, f"frame of type {frame.type_id} has {size} bytes, {FRAME_MAX} at most"
    blank = _HEADER.pack(
        _MAGIC,
        VERSION,
        frame.type_id,
        stream,
        frame.epoch,
        frame.sequence,
        frame.sent_ns,
        len(payload),
        0,
    )
    crc = crc32(payload, crc32(blank, crc32(topic)))
    return topic, blank[:-_CRC_BYTES] + crc.to_bytes(_CRC_BYTES, "little"), payload


def unpack(parts: Sequence[bytes]) -> Frame:
    """Check the parts of a ZeroMQ message and read them as a frame.

    Raises: DecodeError, naming what was found and what was expected.
    """
    topic, header, payload = _checked_shape(parts)
    magic, version, type_id, stream, epoch, sequence, sent_ns, length, crc = _HEADER.unpack(header)
    if magic != _MAGIC:
        raise DecodeError(f"frame magic is {magic!r}, expected {_MAGIC!r}")
    if version != VERSION:
        raise DecodeError(f"frame schema version is {version}, expected {VERSION}")
    if length != len(payload):
        raise DecodeError(f"frame payload has {len(payload)} bytes, header has {length}")
    computed = crc32(payload, crc32(_NO_CRC, crc32(header[:-_CRC_BYTES], crc32(topic))))
    if crc != computed:
        raise DecodeError(f"frame CRC-32 is {computed:08x}, header has {crc:08x}")
    if type_id not in BY_ID:
        raise DecodeError(f"frame type id is {type_id}, expected a row of the topics table")
    return Frame(
        topic=_ascii("topic", topic),
        stream=_ascii("stream", stream.rstrip(b"\0")),
        epoch=epoch,
        sequence=sequence,
        sent_ns=UnixNanos(sent_ns),
        type_id=type_id,
        payload=payload,
    )


def _checked_shape(parts: Sequence[bytes]) -> tuple[bytes, bytes, bytes]:
    if len(parts) != _PARTS:
        raise DecodeError(f"frame has {len(parts)} parts, expected {_PARTS}")
    size = sum(map(len, parts))
    if size > FRAME_MAX:
        raise DecodeError(f"frame has {size} bytes, expected at most {FRAME_MAX}")
    topic, header, payload = parts
    if len(header) != _HEADER.size:
        raise DecodeError(f"frame header has {len(header)} bytes, expected {_HEADER.size}")
    return topic, header, payload


def _ascii(name: str, raw: bytes) -> str:
    # A zero byte inside a name would end it early for some readers and not for others.
    if not raw or not raw.isascii() or b"\0" in raw:
        raise DecodeError(f"frame {name} is {raw!r}, expected ASCII text")
    return raw.decode("ascii")
