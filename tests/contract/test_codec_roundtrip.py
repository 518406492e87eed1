"""The codec loses nothing: every message type, any value the wire can hold."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain.messages.session import SessionMinute, SessionUpdate, VwapReading
from services.domain.topics import BY_TYPE, TOPICS
from services.runtime.codec import decode, deserializer, encode, serializer
from tests.support.message_shapes import MESSAGES
from tests.support.sample_messages import arbitrary, bare, sample

EVERY_MESSAGE = pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)


@EVERY_MESSAGE
@given(data=st.data())
@settings(
    max_examples=20,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_any_message_comes_back(kind: type[Any], data: st.DataObject) -> None:
    """Encoding and decoding gives an equal message, whatever its values."""
    message = data.draw(arbitrary(kind))
    assert decode(kind, encode(message)) == message


@EVERY_MESSAGE
@pytest.mark.parametrize("variant", range(3))
def test_types_come_back(kind: type[Any], variant: int) -> None:
    """Enums come back as enums and tuples as tuples, all the way down."""
    message = sample(kind, variant)
    assert repr(decode(kind, encode(message))) == repr(message)


@EVERY_MESSAGE
def test_absent_values_come_back_as_defaults(kind: type[Any]) -> None:
    """A message of required fields only reads with every default in place."""
    assert decode(kind, encode(bare(kind))) == bare(kind)


def test_a_family_of_which_nothing_is_known_is_not_sent() -> None:
    """It comes back as the default every reader shares; a known value of it is sent."""
    update = bare(SessionUpdate)
    plain = msgspec.structs.replace(bare(SessionMinute), updates=(update,))
    update = msgspec.structs.replace(update, vwap=VwapReading(eth=1.5))
    known = msgspec.structs.replace(plain, updates=(update,))
    assert len(encode(known)) > len(encode(plain))
    assert decode(SessionMinute, encode(known)) == known
    assert decode(SessionMinute, encode(plain)).updates[0].vwap is plain.updates[0].vwap


@pytest.mark.parametrize("row", TOPICS, ids=lambda row: row.message.__name__)
def test_type_id_and_type_read_alike(row: Any) -> None:
    """The number in a frame's header and the type itself name the same message."""
    payload = encode(sample(row.message, 1))
    assert decode(row.type_id, payload) == decode(row.message, payload)


@EVERY_MESSAGE
def test_equal_messages_have_equal_bytes(kind: type[Any]) -> None:
    """Two messages built apart from the same values have the same bytes."""
    assert encode(sample(kind, 2)) == encode(sample(kind, 2))
    assert encode(sample(kind, 2)) != encode(sample(kind, 3))


@EVERY_MESSAGE
def test_grpc_functions_are_the_codec(kind: type[Any]) -> None:
    """What a generic gRPC handler is given writes and reads as encode and decode do."""
    message = sample(kind, 4)
    assert deserializer(kind)(serializer(kind)(message)) == message


def test_every_row_is_a_type_of_its_own() -> None:
    """No type has two rows, so a type id says exactly what is inside."""
    assert len(BY_TYPE) == len({row.type_id for row in TOPICS}) == len(TOPICS)
