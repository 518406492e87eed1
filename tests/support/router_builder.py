"""A router under test: drives it, keeps what a journal would keep, starts it again from that."""

from collections.abc import Iterable
from typing import TypeVar, cast

from services.domain.calendar import Calendar
from services.domain.messages.link import Instruction
from services.domain.messages.market import TimeMode
from services.domain.messages.union import Message
from services.domain.topics import BY_TYPE, TopicClass
from services.domain.units import UnixNanos
from services.orders.config import OrdersConfig
from services.orders.router import Router
from tests.support.order_builder import KEY, commands_request, hello, manifest, minute, snapshot

_M = TypeVar("_M")

NO_CALENDAR = cast("Calendar", None)
"""The router takes a calendar like every machine and asks it nothing."""


def router(epoch: int = 1, mode: TimeMode = TimeMode.PLAYBACK) -> Router:
    """A router that has just started."""
    return Router(OrdersConfig(), manifest(mode), NO_CALENDAR, epoch, KEY)


class RouterRun:
    """A router, the time, and its journal."""

    def __init__(self, epoch: int = 1, mode: TimeMode = TimeMode.PLAYBACK) -> None:
        self.router = router(epoch, mode)
        self.now = minute(10)
        self.records: list[tuple[Message, UnixNanos | None]] = []
        """Inputs with their time, durable outputs with None."""

    def send(self, *messages: Message) -> list[Message]:
        """Hand messages over; gives what the router answered."""
        published: list[Message] = []
        for message in messages:
            self.records.append((message, self.now))
            published += self._record(self.router.on_message(message, self.now))
        return published

    def advance(self, until: int) -> list[Message]:
        """Let time pass; fires the timers due by then."""
        published: list[Message] = []
        deadline = self.router.next_deadline()
        while deadline is not None and deadline <= until:
            self.now = max(self.now, deadline)
            published += self._record(self.router.on_timer(self.now))
            deadline = self.router.next_deadline()
        self.now = UnixNanos(max(self.now, until))
        return published

    def link(self) -> "RouterRun":
        """Connect a client, open its stream and show a flat account."""
        self.send(hello(), commands_request(1), snapshot())
        return self

    def restart(self, epoch: int) -> Router:
        """A router that folds this journal."""
        return folded(self.records, epoch)

    def _record(self, outputs: Iterable[Message]) -> list[Message]:
        kept = list(outputs)
        durable = (m for m in kept if BY_TYPE[type(m)].topic_class is TopicClass.DURABLE)
        self.records.extend((message, None) for message in durable)
        return kept


def folded(records: Iterable[tuple[Message, UnixNanos | None]], epoch: int) -> Router:
    """A router that starts from a journal."""
    again = router(epoch)
    for message, now in records:
        if now is None:
            again.fold_output(message)
        else:
            again.fold_input(message, now)
    return again


def of_type(kind: type[_M], messages: Iterable[Message]) -> list[_M]:
    """The messages of one type."""
    return [message for message in messages if isinstance(message, kind)]


def sent_command_ids(messages: Iterable[Message]) -> list[str]:
    """Ids of the commands handed to the client, in order."""
    items = of_type(Instruction, messages)
    return [item.command.command_id for item in items if item.command is not None]


def settled_minutes(messages: Iterable[Message]) -> list[tuple[str, int]]:
    """Groups and stamps settled towards the client, in order."""
    items = of_type(Instruction, messages)
    return [(i.settled.group, i.settled.close_ns) for i in items if i.settled is not None]
