"""The codec refuses what is not a message: never a guess, never a default that was not meant."""

from importlib import import_module
from typing import Any

import msgspec
import pytest

from services.domain.errors import DecodeError
from services.domain.messages.link import Instruction
from services.domain.messages.market import (
    DeltaSource,
    FeedBatch,
    FeedCarry,
    MarketMinute,
)
from services.domain.messages.risk import Alert, LedgerMark, OrderCommand, RiskMinute
from services.domain.messages.session import SessionMinute
from services.domain.topics import TOPICS, TopicClass
from services.runtime.codec import Undecodable, decode, deserializer, encode
from tests.support.message_shapes import MESSAGES, unwrap
from tests.support.sample_messages import bare, sample

EVERY_MESSAGE = pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
UNKNOWN_FIELD = bytes.fromhex("fa7f01ff")
"""Field 2047 with one byte in it; no message of ours goes that far."""
STRICT = [
    row.message
    for row in TOPICS
    if row.topic_class is TopicClass.EDGE or row.message in {OrderCommand, RiskMinute}
]


def _wire(kind: type[Any], payload: bytes) -> Any:
    owner = kind.__module__.rpartition(".")[2]
    module = import_module(f"pitwire.{owner}.v1.{owner}_pb2")
    return getattr(module, kind.__name__).FromString(payload)


def _required(kind: type[Any]) -> list[str]:
    hints = {field.name: field for field in msgspec.structs.fields(kind)}
    return [
        name for name, field in hints.items() if field.required and not unwrap(field.type).repeated
    ]


REQUIRED = [(kind, name) for kind in MESSAGES for name in _required(kind)]


@pytest.mark.parametrize(
    ("kind", "name"), REQUIRED, ids=lambda part: getattr(part, "__name__", part)
)
def test_missing_required_field_is_refused(kind: type[Any], name: str) -> None:
    """A field without a default that is not on the wire is named, and nothing is read."""
    wire = _wire(kind, encode(sample(kind, 0)))
    wire.ClearField(name)
    with pytest.raises(DecodeError, match=f"{kind.__name__} is not complete: .*'{name}'"):
        decode(kind, wire.SerializeToString())


@EVERY_MESSAGE
def test_empty_payload_is_refused_unless_nothing_is_required(kind: type[Any]) -> None:
    """No bytes are a message only where every field may be absent."""
    if not _required(kind):
        assert decode(kind, b"") == bare(kind)
        return
    with pytest.raises(DecodeError, match="is not complete"):
        decode(kind, b"")


@EVERY_MESSAGE
def test_foreign_bytes_are_refused(kind: type[Any]) -> None:
    """Bytes that are not protobuf are refused with their number."""
    with pytest.raises(DecodeError, match=f"{kind.__name__} of 13 bytes is not protobuf"):
        decode(kind, b"GET / HTTP/1\r")


@EVERY_MESSAGE
def test_damage_never_raises_anything_else(kind: type[Any]) -> None:
    """Any one bit of a payload flipped, or any cut: a message or a DecodeError, never a crash."""
    payload, read = encode(sample(kind, 0)), deserializer(kind)
    for place, byte in enumerate(payload):
        before, after = payload[:place], payload[place + 1 :]
        flipped = [before + bytes([byte ^ 1 << bit]) + after for bit in range(8)]
        assert all(isinstance(read(each), (kind, Undecodable)) for each in (before, *flipped))


@pytest.mark.parametrize("number", [0, -1, 5, 2_000_000_000])
def test_enum_value_nobody_knows_is_refused(number: int) -> None:
    """UNSPECIFIED and numbers outside the enum are refused, with what is known."""
    wire = _wire(MarketMinute, encode(sample(MarketMinute, 0)))
    wire.bars[0].delta_source = number
    expected = f"Bar.delta_source is {number}, expected a DeltaSource of 1 to {len(DeltaSource)}"
    with pytest.raises(DecodeError, match=expected):
        decode(MarketMinute, wire.SerializeToString())


def test_bad_value_deep_inside_is_refused() -> None:
    """A refusal in a nested message refuses the whole."""
    wire = _wire(FeedBatch, encode(sample(FeedBatch, 0)))
    wire.bars[1].ClearField("close_ns")
    with pytest.raises(DecodeError, match=r"Bar is not complete: .*'close_ns'"):
        decode(FeedBatch, wire.SerializeToString())


def test_incomplete_nested_range_is_refused() -> None:
    """Half a range is no range."""
    wire = _wire(SessionMinute, encode(sample(SessionMinute, 0)))
    wire.updates[0].opening.ib.ClearField("high")
    with pytest.raises(DecodeError, match=r"Range is not complete: .*'high'"):
        decode(SessionMinute, wire.SerializeToString())


@pytest.mark.parametrize("name", ["client", "sequence"])
def test_half_a_couple_is_refused(name: str) -> None:
    """A client without its sequence, or the reverse, is refused."""
    wire = _wire(FeedCarry, encode(sample(FeedCarry, 0)))
    wire.client_sequences[0].ClearField(name)
    with pytest.raises(DecodeError, match=r"FeedCarry\.client_sequences lacks client or sequence"):
        decode(FeedCarry, wire.SerializeToString())


@pytest.mark.parametrize("kind", STRICT, ids=lambda kind: kind.__name__)
def test_unknown_field_is_refused_where_money_is_at_stake(kind: type[Any]) -> None:
    """A client's message or a command with something we would not read is refused."""
    payload = encode(sample(kind, 0)) + UNKNOWN_FIELD
    with pytest.raises(DecodeError, match=f"{kind.__name__} has 4 bytes of unknown fields"):
        decode(kind, payload)


def test_unknown_field_of_a_nested_command_is_refused() -> None:
    """The check reaches the command inside the instruction."""
    wire = _wire(Instruction, encode(sample(Instruction, 0)))
    wire.command.MergeFromString(UNKNOWN_FIELD)
    with pytest.raises(DecodeError, match="Instruction has 4 bytes of unknown fields"):
        decode(Instruction, wire.SerializeToString())


@pytest.mark.parametrize(
    "kind", [kind for kind in MESSAGES if kind not in STRICT], ids=lambda kind: kind.__name__
)
def test_unknown_field_of_a_newer_publisher_is_passed_over(kind: type[Any]) -> None:
    """Between our own services a field added later does not stop an older reader."""
    message = sample(kind, 0)
    assert decode(kind, encode(message) + UNKNOWN_FIELD) == message


def test_wrong_wire_type_is_refused() -> None:
    """A field with our number and another type is no field of ours: an alert is no mark."""
    with pytest.raises(DecodeError, match="LedgerMark is not complete"):
        decode(LedgerMark, encode(sample(Alert, 0)))


@pytest.mark.parametrize("type_id", [0, -1, 9, 65_535])
def test_unknown_type_id_is_refused(type_id: int) -> None:
    """A number that is no row of the topics table is named."""
    with pytest.raises(DecodeError, match=f"type id is {type_id}, expected a row"):
        decode(type_id, b"")


def test_grpc_reader_gives_a_value_instead_of_raising() -> None:
    """A handler can count and answer INVALID_ARGUMENT: the text says what was wrong."""
    read = deserializer(FeedBatch)(b"\xff")
    assert read == Undecodable("FeedBatch of 1 bytes is not protobuf")


def test_message_without_a_required_value_is_never_written() -> None:
    """What could not be read again is a bug of ours and stops before it is committed."""
    broken = msgspec.structs.replace(sample(MarketMinute, 0), close_ns=None)
    with pytest.raises(AssertionError, match="MarketMinute lacks a field"):
        encode(broken)
