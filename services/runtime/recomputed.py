"""What a machine makes of its journal's inputs again, held against the outputs on record.

A machine that recomputes must come to what it published before, one by one. Outputs of another
configuration are not compared: with it the decisions may change.
"""

from collections.abc import Iterable

from services.domain.errors import DivergedError
from services.domain.messages.union import Message
from services.domain.topics import BY_TYPE, TopicClass
from services.runtime.journal import Record


class Recomputed:
    """The durable outputs of the last input, of which the record must follow."""

    def __init__(self, name: str, config_hash: str) -> None:
        self._name = name
        self._config_hash = config_hash
        self._comparable = True
        self._expected: list[Message] = []

    def begin_run(self, boot: Record) -> None:
        """Go on with the outputs of another start of the service."""
        self.check_all_matched(boot)
        self._comparable = boot.stream == self._config_hash

    def expect(self, outputs: Iterable[Message]) -> None:
        """Take what an input gave; that of the input before must have been on record."""
        durable = [m for m in outputs if BY_TYPE[type(m)].topic_class is TopicClass.DURABLE]
        self._expected = durable if self._comparable else []

    def match(self, record: Record) -> None:
        """Compare an output on record with the next one expected.

        Raises: DivergedError, naming both.
        """
        if not self._comparable:
            return
        again = self._expected.pop(0) if self._expected else None
        if again != record.message:
            raise DivergedError(
                f"{self._name}: recomputed {again!r}, journal has {record.message!r}"
                f" at {record.stream} {record.sequence}"
            )

    def check_all_matched(self, record: Record | None) -> None:
        """See that nothing is expected any more before a record, or before the end.

        Raises: DivergedError, naming the output that is not on record.
        """
        if self._expected:
            where = "the end" if record is None else f"{record.stream} {record.sequence}"
            raise DivergedError(
                f"{self._name}: recomputed {self._expected[0]!r}, "
                f"journal has nothing before {where}"
            )
