"""The one idea: a machine takes typed messages and a time, and gives typed messages. Nothing else.

Rule 1: no clock, socket, file, log or randomness inside; `now` is handed in and never goes back.
Rule 2: the same inputs in the same order with the same times give the same outputs, always.
Rule 3: outputs are returned in the order in which they must be published.
Rule 4: `carry()` is asked at the end of a trade date: what the machine needs to go on with one
        date's journal. It comes back through `on_message` as the first input of that journal.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

from services.domain.messages.union import Message
from services.domain.units import UnixNanos


class Machine(Protocol):
    """The logic of a service; recovers by recomputing its journalled inputs."""

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Take one message; give what follows from it."""
        ...

    def next_deadline(self) -> UnixNanos | None:
        """When `on_timer` is due, if ever."""
        ...

    def on_timer(self, now: UnixNanos) -> Iterable[Message]:
        """Act on a deadline that has passed."""
        ...

    def carry(self) -> Iterable[Message]:
        """What crosses into a new trade date."""
        ...


@runtime_checkable
class Folding(Protocol):
    """A machine that never re-decides: after a restart it folds its own journal instead.

    Inputs and outputs are handed over in journal order; `fold_input` must change the state exactly
    as `on_message` did, short of what the outputs hold, and `fold_output` does the rest.
    """

    def fold_input(self, message: Message, now: UnixNanos) -> None:
        """Take an input that was handled before the restart."""
        ...

    def fold_output(self, message: Message) -> None:
        """Take an output that was committed before the restart."""
        ...


@runtime_checkable
class Ordering(Protocol):
    """A machine of several streams that knows whose next message comes first (catch_up.py)."""

    def first_of(self, waiting: Mapping[str, Message], at_end: frozenset[str]) -> str | None:
        """Stream of the message that is due among the next of each; None: more must come first.

        `at_end`: streams of which nothing more can come before what waits.
        """
        ...
