"""What the client keeps on its own disk: small records by kind and key. Pure.

Whoever owns a record writes it when it changes; nothing is on disk before `commit`, and nothing
that follows from a record leaves the client before that. So a client that is killed at any
instruction goes on from its last commit: what it had not sent then, nobody has seen.

Rule 1: a record that cannot be written is kept and tried again; until it is written no entry is
        taken. What reduces risk does not wait for a disk.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

Record = TypeVar("Record", bound=msgspec.Struct)


class Kind(StrEnum):
    """What a record is of."""

    LINK = "link"
    """Report stream, connection and run."""
    EPOCH = "epoch"
    """Highest router epoch obeyed."""
    NUMBERING = "numbering"
    """Last report number, and that report."""
    REPORT = "report"
    """A report that is not acknowledged, by number."""
    ANSWER = "answer"
    """First answer to a command, or its tombstone, by id."""
    ENTRY = "entry"
    """Newest report of an entry order, by command id."""
    FILL = "fill"
    """An execution of the trade date, by id."""
    DATE = "date"
    """The trade date of those executions."""
    SEEN = "seen"
    """Id of an execution that has counted."""
    POSITION = "position"
    """A position with its orders."""
    FLATTEN = "flatten"
    """Flattens of a contract, by contract."""
    ACCOUNT = "account"
    """Net positions and the state of the platform."""


class Memory(Protocol):
    """A store of records."""

    @property
    def fault(self) -> str:
        """Why records are not on disk; empty: they are."""
        ...

    def load(self, kind: Kind, shape: type[Record]) -> Iterable[tuple[str, Record]]:
        """Give the records of a kind, by key in order."""
        ...

    def put(self, kind: Kind, key: str, record: msgspec.Struct) -> None:
        """Write a record with the next commit, in the place of an older one of that key."""
        ...

    def drop(self, kind: Kind, key: str) -> None:
        """Remove a record with the next commit."""
        ...

    def commit(self) -> None:
        """Write what has changed; what cannot be written is a fault."""
        ...


class NoMemory:
    """Of a client that plays: it ends with its account, and nothing of it is to be kept."""

    fault = ""

    def load(self, kind: Kind, shape: type[Record]) -> Iterable[tuple[str, Record]]:
        """Give nothing."""
        del kind, shape
        return ()

    def put(self, kind: Kind, key: str, record: msgspec.Struct) -> None:
        """Keep nothing."""

    def drop(self, kind: Kind, key: str) -> None:
        """Keep nothing."""

    def commit(self) -> None:
        """Write nothing."""
