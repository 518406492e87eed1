"""Ids of commands: what was answered first, what is burnt. Pure.

Rule 1: an id is carried out at most once, and answered the same ever after.
Rule 2: an id that was asked for and not known is burnt: it is refused, however late it comes.
Rule 3: ids are kept for the trade date and the one before it, none is dropped for number.
"""

import msgspec

from services.domain.messages.orders import AckStatus
from services.domain.units import UnixNanos
from services.nt_twin.memory.records import Kind, Memory


class FirstAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The first answer to an id, or its tombstone."""

    date: str
    """Trade date."""
    status: AckStatus | None
    """None: it is burnt."""
    is_entry: bool = False
    at_ns: UnixNanos


class CommandIds:
    """The ids of one client."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._answers = dict(memory.load(Kind.ANSWER, FirstAnswer))
        self._date = max((each.date for each in self._answers.values()), default="")

    def answer(self, command_id: str) -> AckStatus | None:
        """Give the first answer; None: it was never answered."""
        known = self._answers.get(command_id)
        return None if known is None else known.status

    def is_burnt(self, command_id: str) -> bool:
        """Whether it was asked for and not known."""
        known = self._answers.get(command_id)
        return known is not None and known.status is None

    def keep_answer(
        self, command_id: str, status: AckStatus, now: UnixNanos, *, is_entry: bool
    ) -> None:
        """Keep the first answer."""
        self._keep(command_id, status, now, is_entry=is_entry)

    def burn(self, command_id: str, now: UnixNanos) -> None:
        """Refuse it from now on."""
        self._keep(command_id, None, now, is_entry=False)

    @property
    def burnt(self) -> tuple[str, ...]:
        """Every burnt id."""
        return tuple(key for key, each in self._answers.items() if each.status is None)

    def entries_since(self, since_ns: int) -> int:
        """Count the entries that were accepted at or after a time."""
        accepted = (each for each in self._answers.values() if each.status is AckStatus.ACCEPTED)
        return sum(each.is_entry and each.at_ns >= since_ns for each in accepted)

    @property
    def entries_today(self) -> int:
        """Count the entries that were accepted on the trade date."""
        accepted = (each for each in self._answers.values() if each.status is AckStatus.ACCEPTED)
        return sum(each.is_entry and each.date == self._date for each in accepted)

    def begin_date(self, date: str) -> tuple[str, ...]:
        """Begin a trade date; gives the ids that are forgotten."""
        if date <= self._date:
            return ()
        last, self._date = self._date, date
        forgotten = tuple(key for key, each in self._answers.items() if each.date < last)
        for key in forgotten:
            del self._answers[key]
            self._memory.drop(Kind.ANSWER, key)
        return forgotten

    def _keep(
        self, command_id: str, status: AckStatus | None, now: UnixNanos, *, is_entry: bool
    ) -> None:
        answer = FirstAnswer(date=self._date, status=status, is_entry=is_entry, at_ns=now)
        self._answers[command_id] = answer
        self._memory.put(Kind.ANSWER, command_id, answer)
