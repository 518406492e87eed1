"""The frame: what a publisher packs comes back, and nothing else ever does."""

import struct
from collections.abc import Iterator, Sequence
from typing import Any
from zlib import crc32

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.errors import DecodeError
from services.domain.messages.control import Halt
from services.domain.messages.market import MarketMinute
from services.domain.topics import BY_ID, BY_TYPE, TOPICS
from services.domain.units import UnixNanos
from services.runtime.bus import Envelope, live
from services.runtime.codec import encode
from services.runtime.frame import FRAME_MAX, pack, unpack
from tests.support.message_shapes import MESSAGES
from tests.support.sample_messages import sample

EVERY_MESSAGE = pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
LAYOUT = "<4sHH32sIQqII"
NAMES = st.text(st.characters(min_codepoint=1, max_codepoint=127), min_size=1, max_size=32)


def _envelope(kind: type[Any]) -> Envelope:
    message, sent_ns = sample(kind, 0), UnixNanos(1_767_000_000_000_000_000)
    return Envelope(BY_TYPE[kind].stream, 7, 123_456_789, sent_ns, message, encode(message))


def _refused(parts: Sequence[bytes]) -> bool:
    try:
        unpack(parts)
    except DecodeError:
        return True
    return False


def _with(parts: Sequence[bytes], place: int, part: bytes) -> tuple[bytes, ...]:
    return (*parts[:place], part, *parts[place + 1 :])


def _forged(topic: bytes = b"market", payload: bytes = b"", **changes: Any) -> tuple[bytes, ...]:
    # A header of the documented layout with a right CRC, whatever else is wrong with it.
    values = {
        "magic": b"PTWR",
        "version": 1,
        "type_id": 16,
        "stream": b"market",
        "epoch": 1,
        "sequence": 1,
        "sent_ns": 1,
        "length": len(payload),
    } | changes
    blank = struct.pack(LAYOUT, *values.values(), 0)
    crc = crc32(topic + blank + payload)
    return topic, struct.pack(LAYOUT, *values.values(), crc), payload


def _flips(part: bytes) -> Iterator[bytes]:
    for bit in range(len(part) * 8):
        changed = bytearray(part)
        changed[bit // 8] ^= 1 << (bit % 8)
        yield bytes(changed)


@EVERY_MESSAGE
def test_frame_comes_back(kind: type[Any]) -> None:
    """Unpacking what was packed gives an equal envelope, its bytes at hand."""
    envelope = _envelope(kind)
    assert unpack(pack(envelope)) == envelope
    assert unpack(pack(msgspec.structs.replace(envelope, payload=None))) == envelope


@given(
    st.builds(
        msgspec.structs.replace,
        st.sampled_from([_envelope(kind) for kind in MESSAGES]),
        stream=NAMES,
        epoch=st.integers(0, (1 << 32) - 1),
        sequence=st.integers(0, (1 << 64) - 1),
        sent_ns=st.integers(-(1 << 63), (1 << 63) - 1),
    )
)
@settings(max_examples=100, deadline=None, database=None)
def test_any_frame_comes_back(envelope: Envelope) -> None:
    """The whole range of every header field survives."""
    assert unpack(pack(envelope)) == envelope


def test_header_is_the_documented_one() -> None:
    """Bytes and order of the header are those of the table in the module, CRC included."""
    message = sample(MarketMinute, 0)
    type_id = BY_TYPE[MarketMinute].type_id
    parts = _forged(b"market:MarketMinute", encode(message), type_id=type_id)
    assert pack(Envelope("market", 1, 1, UnixNanos(1), message)) == parts


@EVERY_MESSAGE
def test_every_flipped_bit_is_refused(kind: type[Any]) -> None:
    """One bit changed anywhere, in any of the three parts, is noticed."""
    parts = pack(_envelope(kind))
    passed = [
        (place, number)
        for place, part in enumerate(parts)
        for number, changed in enumerate(_flips(part))
        if not _refused(_with(parts, place, changed))
    ]
    assert passed == []


@EVERY_MESSAGE
def test_every_truncation_is_refused(kind: type[Any]) -> None:
    """A part cut short anywhere, or a part missing, is noticed."""
    parts = pack(_envelope(kind))
    passed = [
        (place, length)
        for place, part in enumerate(parts)
        for length in range(len(part))
        if not _refused(_with(parts, place, part[:length]))
    ]
    assert passed == []
    assert all(_refused(parts[:count]) for count in range(3))


@EVERY_MESSAGE
def test_concatenation_is_refused(kind: type[Any]) -> None:
    """Two frames in one, or one frame in one part, is no frame."""
    parts = pack(_envelope(kind))
    assert _refused(parts + parts)
    assert _refused([b"".join(parts)])
    assert all(_refused(_with(parts, place, parts[place] * 2)) for place in range(3))
    # Moved boundaries leave the joined bytes equal; the fixed header still shows them.
    topic, header, payload = parts
    assert _refused((topic[:-1], topic[-1:] + header, payload))
    assert _refused((topic, header + payload[:1], payload[1:]))


@pytest.mark.parametrize("row", TOPICS, ids=lambda row: row.message.__name__)
def test_another_type_id_is_refused(row: Any) -> None:
    """A payload whose header says another known type fails the CRC."""
    parts = pack(_envelope(row.message))
    for other in BY_ID.keys() - {row.type_id}:
        header = parts[1][:6] + other.to_bytes(2, "little") + parts[1][8:]
        assert _refused(_with(parts, 1, header))


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((), "frame has 0 parts, expected 3"),
        ((b"", b"", b"", b""), "frame has 4 parts, expected 3"),
        ((b"a", b"b" * 67, b""), "frame header has 67 bytes, expected 68"),
        ((b"a", b"GET " * 17, b""), "frame magic is b'GET ', expected b'PTWR'"),
        (_forged(version=2), "frame schema version is 2, expected 1"),
        (_forged(length=1), "frame payload has 0 bytes, header has 1"),
        (_forged(type_id=9), "frame type id is 9, expected a row of the topics table"),
        (_forged(topic=b"m\xe4rket"), r"frame topic is b'm\\xe4rket', expected ASCII text"),
        (_forged(topic=b""), "frame topic is b'', expected ASCII text"),
        (_forged(stream=b"m\xe4"), r"frame stream is b'm\\xe4', expected ASCII text"),
        (_forged(stream=b""), "frame stream is b'', expected ASCII text"),
        (_forged(stream=b"a\0b"), r"frame stream is b'a\\x00b', expected ASCII text"),
        (
            _forged(payload=bytes(FRAME_MAX)),
            f"frame has {FRAME_MAX + 74} bytes, expected at most {FRAME_MAX}",
        ),
    ],
)
def test_refusal_says_what_was_found_and_expected(parts: tuple[bytes, ...], text: str) -> None:
    """Each check has its own words; the CRC is right in all of these."""
    with pytest.raises(DecodeError, match=text):
        unpack(parts)


def test_wrong_crc_is_shown_beside_the_computed_one() -> None:
    """A damaged payload of the right length is told by both numbers."""
    topic, header, _ = _forged(payload=b"a")
    with pytest.raises(DecodeError, match=r"frame CRC-32 is [0-9a-f]{8}, header has [0-9a-f]{8}"):
        unpack((topic, header, b"b"))


def test_largest_frame_passes() -> None:
    """A frame of exactly the largest size is packed and read."""
    halt = Halt(service="risk", reason="x" * 60_000, at_ns=UnixNanos(1))
    room = FRAME_MAX - sum(map(len, pack(live(halt, 1, UnixNanos(1)))))
    largest = msgspec.structs.replace(halt, reason=halt.reason + "x" * room)
    parts = pack(live(largest, 1, UnixNanos(1)))
    assert sum(map(len, parts)) == FRAME_MAX
    assert unpack(parts).message == largest


@pytest.mark.parametrize(
    "change",
    [
        {"stream": ""},
        {"stream": "x" * 33},
        {"payload": bytes(FRAME_MAX)},
    ],
    ids=["no stream", "long stream", "too large"],
)
def test_frame_nobody_could_read_is_never_packed(change: dict[str, Any]) -> None:
    """What the other side must refuse is a bug on ours."""
    with pytest.raises(AssertionError):
        pack(msgspec.structs.replace(_envelope(MarketMinute), **change))
