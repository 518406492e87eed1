"""The digest of a report, as a client in another language makes it from the .proto alone."""

import re
from base64 import b32encode
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import pytest
from pitwire.orders.v1 import orders_pb2

from services.domain.identity import report_digest
from services.domain.messages.orders import (
    AccountValues,
    CommandAck,
    Execution,
    OrderUpdate,
    PlatformState,
)
from services.runtime import codec
from tests.support.sample_messages import bare, sample

_PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "client.md"
_KINDS: Final = (CommandAck, OrderUpdate, Execution, AccountValues, PlatformState)


def _texts(message: Any) -> Iterator[str]:
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.is_repeated:
            for member in value:
                yield from _texts(member)
        elif not message.HasField(field.name):
            yield ""
        elif field.message_type is not None:
            yield from _texts(value)
        else:
            yield str(int(value)) if isinstance(value, bool) else str(value)


def _digest(texts: list[str]) -> str:
    name = blake2b("\x1f".join(texts).encode(), digest_size=15).digest()
    return b32encode(name).decode().lower()


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("make", [lambda kind: sample(kind, 1), bare], ids=["all fields", "least"])
def test_a_digest_is_made_from_the_wire_alone(kind: Any, make: Any) -> None:
    """Every kind of report, by the order of the .proto: what the desk compares it with."""
    report = make(kind)
    wire = getattr(orders_pb2, kind.__name__).FromString(codec.encode(report))
    assert _digest([kind.__name__, *_texts(wire)]) == report_digest(report)


def test_the_example_of_the_page_is_right() -> None:
    """A client's author compares with it first."""
    example = re.compile(r"^(AccountValues\|.*?) +-> +(\w+)$", re.MULTILINE)
    ((texts, digest),) = example.findall(_PAGE.read_text("utf-8"))
    assert _digest(texts.split("|")) == digest
