"""Every message's bytes are the committed ones.

`python -m tests.support.golden` writes them anew; its docstring says when that is right.
"""

from typing import Any

import pytest

from services.runtime.codec import decode, encode
from tests.support import golden
from tests.support.message_shapes import MESSAGES

EVERY_MESSAGE = pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)


@EVERY_MESSAGE
def test_bytes_are_golden(kind: type[Any]) -> None:
    """The encoder writes exactly the bytes kept, for the fullest and the barest message."""
    assert tuple(map(encode, golden.golden_messages(kind))) == golden.read(kind)


@EVERY_MESSAGE
def test_golden_bytes_read(kind: type[Any]) -> None:
    """Bytes of an earlier build (an old journal) read as the message they were made from."""
    full, least = golden.read(kind)
    assert (decode(kind, full), decode(kind, least)) == golden.golden_messages(kind)


def test_nothing_else_is_golden() -> None:
    """There is one file per message and none for a message that is gone."""
    assert {path.stem for path in golden.FOLDER.iterdir()} == {kind.__name__ for kind in MESSAGES}
