"""A service that may end at any instruction: one machine, its journal, what of it is committed.

Rule 1: as services/runtime/node.py has it: an input and what follows from it are committed
        together, and only then leave; but what answers the bus by an Instruction leaves before.
Rule 2: an input nothing follows from is committed with the next that something follows from.
Rule 3: after an end the journal is folded by a new machine of the next epoch; inputs of the bus
        that were not committed are read again.
Rule 4: the time is progress since the start plus the wall clock of the start, never before what the
        journal holds.
"""

from collections.abc import Callable
from enum import Enum
from typing import TypeAlias

from services.domain.messages.link import Instruction
from services.domain.messages.union import Message
from services.domain.topics import BY_TYPE, TopicClass
from services.domain.units import UnixNanos
from services.orders.router import Router
from services.risk.gate import Gate

_TIMERS_MAX = 100
"""Timers due at one time; more is a loop."""

Row: TypeAlias = tuple[Message | None, UnixNanos | None]
"""An input and its time, a timer without a message, an output without a time."""


class End(Enum):
    """Where in a turn the process ends."""

    BEFORE_COMMIT = 1
    AFTER_COMMIT = 2
    """Committed; nothing that waited for it has left."""


class DurableService:
    """One service; `machine` is its present one."""

    def __init__(
        self,
        name: str,
        build: Callable[[int], Router | Gate],
        tap: Callable[[Message], None],
    ) -> None:
        """`tap` is shown every output at the moment at which the machine makes it."""
        self.name = name
        self._build = build
        self._tap = tap
        self._journal: list[Row] = []
        self._committed = 0
        self._placed: list[tuple[str, Message]] = []
        self._read_committed: dict[str, int] = {}
        self._offset_ns = 0
        self._last_ns = UnixNanos(0)
        self.epoch = 0
        self.machine = build(0)
        self.running = False
        self.paused_until: int | None = None
        """By progress: it does nothing until then."""
        self.ends_at: End | None = None
        """Where its next turn ends it."""
        self.read: dict[str, int] = {}
        """By stream: how many messages it has handled."""
        self.published: dict[str, list[Message]] = {}
        """By stream: what is committed, for its readers."""

    @property
    def is_turning(self) -> bool:
        """Whether it handles what comes."""
        return self.running and self.paused_until is None

    def start(self, progress: int, wall: int) -> None:
        """Begin, or begin again from the journal."""
        self.epoch += 1
        self.machine, self.running, self.ends_at = self._build(self.epoch), True, None
        for message, at in self._journal:
            if at is None and message is not None:
                self.machine.fold_output(message)
            elif message is not None and at is not None:
                self.machine.fold_input(message, at)
        self._offset_ns = wall - progress
        self._offset_ns += max(0, self._last_ns - wall)

    def stop(self) -> None:
        """End at once: what is not committed never was."""
        del self._journal[self._committed :]
        self._placed.clear()
        self.read = dict(self._read_committed)
        self._last_ns = max((at for _, at in self._journal if at is not None), default=UnixNanos(0))
        self.running, self.paused_until, self.ends_at = False, None, None

    def now(self, progress: int) -> UnixNanos:
        """Its own time."""
        return UnixNanos(progress + self._offset_ns)

    def handle(self, message: Message, progress: int, stream: str = "") -> list[Message]:
        """Take a message; gives what has left by the edge. `stream`: of the bus."""
        now = self.now(progress)
        self._journal.append((message, now))
        if stream:
            self.read[stream] = self.read.get(stream, 0) + 1
        return self._turn(list(self.machine.on_message(message, now)), from_bus=bool(stream))

    def fire_due(self, progress: int) -> list[Message]:
        """Fire what is due; gives what has left by the edge."""
        left: list[Message] = []
        now = self.now(progress)
        for _ in range(_TIMERS_MAX):
            deadline = self.machine.next_deadline()
            if not self.running or deadline is None or deadline > now:
                return left
            self._journal.append((None, now))
            left += self._turn(list(self.machine.on_timer(now)), from_bus=False)
        raise AssertionError(f"{self.name}: {_TIMERS_MAX} timers due at {now}")

    def _turn(self, outputs: list[Message], *, from_bus: bool) -> list[Message]:
        edge: list[Message] = []
        for output in outputs:
            self._tap(output)
            row = BY_TYPE[type(output)]
            if row.topic_class is TopicClass.DURABLE:
                self._journal.append((output, None))
                self._placed.append((row.stream, output))
            else:
                edge.append(output)
        handed: list[Message] = []
        while from_bus and edge and isinstance(edge[0], Instruction):
            handed.append(edge.pop(0))
        if self.ends_at is End.BEFORE_COMMIT:
            self.stop()
            return handed
        if outputs:
            self._commit()
        if self.ends_at is End.AFTER_COMMIT:
            self.stop()
            return handed
        return handed + edge

    def _commit(self) -> None:
        self._committed = len(self._journal)
        self._read_committed = dict(self.read)
        for stream, message in self._placed:
            self.published.setdefault(stream, []).append(message)
        self._placed.clear()
