"""A client's memory in this process: records as bytes, lost up to the last commit at a kill."""

from collections.abc import Iterable

import msgspec

from services.nt_twin.memory.records import Kind, Record


class KeptRecords:
    """What is committed outlives the client; `kill` drops the rest."""

    def __init__(self) -> None:
        self.fault = ""
        self.commits = 0
        self._kept: dict[tuple[str, str], bytes] = {}
        self._changes: dict[tuple[str, str], bytes | None] = {}

    def load(self, kind: Kind, shape: type[Record]) -> Iterable[tuple[str, Record]]:
        """Give the committed records of a kind, by key in order."""
        found = sorted((key, value) for (of, key), value in self._kept.items() if of == kind)
        return [(key, msgspec.msgpack.decode(value, type=shape)) for key, value in found]

    def put(self, kind: Kind, key: str, record: msgspec.Struct) -> None:
        """Write a record with the next commit."""
        self._changes[(str(kind), key)] = msgspec.msgpack.encode(record)

    def drop(self, kind: Kind, key: str) -> None:
        """Remove a record with the next commit."""
        self._changes[(str(kind), key)] = None

    def commit(self) -> None:
        """Write what has changed."""
        self.commits += bool(self._changes)
        for place, value in self._changes.items():
            if value is None:
                self._kept.pop(place, None)
            else:
                self._kept[place] = value
        self._changes.clear()

    @property
    def has_changes(self) -> bool:
        """Something is written with the next commit."""
        return bool(self._changes)

    def kill(self) -> None:
        """Lose what is not committed."""
        self._changes.clear()
