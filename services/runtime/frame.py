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

from services.domain.errors import DecodeError
from services.domain.topics import BY_ID, BY_TYPE
from services.domain.units import UnixNanos
from services.runtime import codec
from services.runtime.bus import Envelope, topic_of

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


def pack(envelope: Envelope) -> tuple[bytes, bytes, bytes]:
    """Write an envelope as the three parts of a ZeroMQ message."""
    topic, stream = topic_of(envelope).encode("ascii"), envelope.stream.encode("ascii")
    payload = codec.encode(envelope.message) if envelope.payload is None else envelope.payload
    type_id = BY_TYPE[type(envelope.message)].type_id
    assert 0 < len(stream) <= _STREAM_MAX, f"stream {envelope.stream!r} is not 1 to 32 characters"
    size = len(topic) + _HEADER.size + len(payload)
    assert size <= FRAME_MAX, f"frame of type {type_id} has {size} bytes, {FRAME_MAX} at most"
    place = stream, envelope.epoch, envelope.sequence, envelope.sent_ns
    blank = _HEADER.pack(_MAGIC, VERSION, type_id, *place, len(payload), 0)
    crc = crc32(payload, crc32(blank, crc32(topic)))
    return topic, blank[:-_CRC_BYTES] + crc.to_bytes(_CRC_BYTES, "little"), payload


def unpack(parts: Sequence[bytes]) -> Envelope:
    """Check the parts of a ZeroMQ message and read them as an envelope.

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
    _ascii("topic", topic)
    place = _ascii("stream", stream.rstrip(b"\0")), epoch, sequence, UnixNanos(sent_ns)
    return Envelope(*place, codec.decode(type_id, payload), payload)


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
