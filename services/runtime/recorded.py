"""What a reader has on record of a stream, held against what its publisher publishes again."""

from collections.abc import Callable

from services.domain.errors import DivergedError
from services.domain.messages.union import Message
from services.runtime import codec
from services.runtime.bus import Envelope
from services.runtime.journal import Journal


class Recorded:
    """The record of one input stream in the open date."""

    def __init__(
        self, journal: Journal, stream: str, must_equal: Callable[[Message], object]
    ) -> None:
        """`must_equal`: the part of a message that may not change (domain/services.py)."""
        self._journal = journal
        self._stream = stream
        self._must_equal = must_equal
        self._kept: dict[int, tuple[int, bytes]] = {}
        self.on_difference: Callable[[str], None] = lambda _: None
        """Called with a sentence where a part differs that may: what was applied stands."""

    def read(self, applied: int) -> int:
        """Read the record; gives the sequence before its first, `applied` where it is empty."""
        self._kept = self._journal.inputs(self._stream)
        return min(self._kept, default=applied + 1) - 1

    def compare(self, envelope: Envelope) -> None:
        """Compare a message with the one on record at its sequence.

        Raises: DivergedError, naming both.
        """
        kept = self._kept.pop(envelope.sequence, None)
        if kept is None or kept[1] == envelope.payload:
            return
        again, before = envelope.message, codec.decode(*kept)
        text = (
            f"stream {self._stream}: published again {again!r}, our journal has {before!r}"
            f" at {envelope.sequence}"
        )
        if self._must_equal(again) != self._must_equal(before):
            raise DivergedError(text)
        if again != before:
            self.on_difference(text)
