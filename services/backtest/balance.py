"""The balance of a playback: what was read of each file, what the desk used, and why not the rest.

Rule 1: a line is used, a duplicate, refused by the desk, or no bar for the reader. Nothing else.
Rule 2: an identical bar that came again is a duplicate, and no loss.
Rule 3: a file of which nothing was used, more than one bar in a hundred was not, or that cannot be
        read to its end, is a loss: whoever played it must not take it for a success.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Final, TypeAlias

import msgspec

from services.domain.messages.market import Bar, FeedAck, FeedBatch
from services.domain.messages.union import Message
from services.domain.units import UnixNanos, count_text
from services.ingest.files import BadLine, SourceFile, merge
from services.venue.played_market.minutes import MinuteBars

_LOST_IN: Final = 100
"""More than one bar of so many that was not used is a loss."""
_Key: TypeAlias = tuple[str, UnixNanos]


class FileBalance(msgspec.Struct, frozen=True, kw_only=True):
    """One file, played as far as it was."""

    name: str
    contract: str
    read: int
    """Bars the reader gave."""
    used: int
    duplicates: int
    """Identical to one that was used."""
    refused: tuple[tuple[str, int], ...]
    """Bars the desk refused, by the kind of fault, the most frequent first."""
    unread: tuple[tuple[str, int], ...]
    """Lines that gave no bar, by what was wrong with them, the most frequent first."""
    left_out: int = 0
    """Lines of other contracts than the one asked for."""
    first_bad_lines: tuple[BadLine, ...]
    first_ns: UnixNanos | None
    """Close of its earliest bar; None: there was none."""
    last_ns: UnixNanos | None
    ended_early: str
    """How it ends in the middle; empty: it is whole."""

    @property
    def bad_lines(self) -> int:
        """Lines that gave no bar."""
        return sum(count for _, count in self.unread)

    @property
    def lost(self) -> int:
        """Bars and lines that were not used and are no duplicates."""
        return self.bad_lines + sum(count for _, count in self.refused)

    @property
    def loss(self) -> str:
        """Why it is no success, one sentence; empty where it is one."""
        if self.ended_early:
            return f"{self.name} ends in the middle: {self.ended_early}"
        if not self.used + self.duplicates:
            return f"{self.name}: nothing was used of {count_text(self.lost, 'line')}"
        total = self.read + self.bad_lines
        if self.lost * _LOST_IN > total:
            return (
                f"{self.name}: {self.lost:,} of {total:,} bars were not used,"
                f" more than one in {_LOST_IN}"
            )
        return ""


class Balance:
    """Counts while the files are played: their bars as they are read, the desk's answers."""

    def __init__(self, files: Sequence[SourceFile]) -> None:
        self._counts = [_FileCounts(place, file) for place, file in enumerate(files)]
        self._origins: dict[_Key, list[_FileCounts]] = {}
        """Where the bars on their way to the desk come from."""
        self._batch: FeedBatch | None = None

    def minutes(self) -> Iterator[MinuteBars]:
        """Play the files together, counted from the beginning."""
        self._counts = [_FileCounts(each.place, each.file) for each in self._counts]
        self._origins.clear()
        yield from merge([_CountedFile(counts, self._origins) for counts in self._counts])

    def add(self, message: Message) -> None:
        """Take note of a batch, and of what the desk answers to it."""
        match message:
            case FeedBatch():
                self._batch = message
            case FeedAck():
                batch, self._batch = self._batch, None
                if self._counts and batch is not None and batch.sequence == message.sequence:
                    self._account(batch, message)
            case _:
                pass

    def rows(self) -> list[FileBalance]:
        """Give every file's balance, in the order of the files."""
        return [counts.balance() for counts in self._counts]

    def _account(self, batch: FeedBatch, ack: FeedAck) -> None:
        if ack.accepted == len(batch.bars):
            for bar in batch.bars:
                self._origin(bar, 0).used += 1
            return
        kinds: dict[_Key, list[str]] = {}
        for refused in ack.refused:
            kinds.setdefault((refused.contract, refused.close_ns), []).append(refused.kind.name)
        now = batch.bars[-1].close_ns if batch.watermark is None else batch.watermark.now_ns
        left: list[Bar] = []
        # Of several bars of one stamp the desk takes the first.
        for bar in reversed(batch.bars):
            if found := kinds.get((bar.contract, bar.close_ns)):
                self._origin(bar, -1).refused[found.pop()] += 1
            else:
                left.append(bar)
        copies = Counter((bar.contract, bar.close_ns) for bar in left)
        duplicates = ack.duplicates
        for bar in left:
            key = (bar.contract, bar.close_ns)
            # What is older than the minute and was not refused has been there before.
            if duplicates and (copies[key] > 1 or bar.close_ns < now):
                duplicates -= 1
                copies[key] -= 1
                self._origin(bar, -1).duplicates += 1
            else:
                self._origin(bar, 0).used += 1

    def _origin(self, bar: Bar, place: int) -> "_FileCounts":
        key = (bar.contract, bar.close_ns)
        origins = self._origins[key]
        if len(origins) == 1:
            del self._origins[key]
            return origins[0]
        return origins.pop(place)


class _FileCounts:
    def __init__(self, place: int, file: SourceFile) -> None:
        self.place = place
        self.file = file
        self.read = self.used = self.duplicates = 0
        self.refused: Counter[str] = Counter()
        self.first_ns: UnixNanos | None = None
        self.last_ns: UnixNanos | None = None

    def balance(self) -> FileBalance:
        file = self.file
        return FileBalance(
            name=file.path.name,
            contract=file.contract,
            read=self.read,
            used=self.used,
            duplicates=self.duplicates,
            refused=tuple(self.refused.most_common()),
            unread=tuple(file.refused_by_reason.most_common()),
            left_out=file.left_out,
            first_bad_lines=file.first_bad_lines,
            first_ns=self.first_ns,
            last_ns=self.last_ns,
            ended_early=file.ended_early,
        )


class _CountedFile:
    # A file whose bars are counted, and known by their origin until the desk has answered.
    def __init__(self, counts: _FileCounts, origins: dict[_Key, list[_FileCounts]]) -> None:
        self._counts = counts
        self._origins = origins

    @property
    def bars(self) -> Iterator[Bar]:
        counts = self._counts
        for bar in counts.file.bars:
            at = bar.close_ns
            counts.read += 1
            counts.first_ns = at if counts.first_ns is None else min(at, counts.first_ns)
            counts.last_ns = at if counts.last_ns is None else max(at, counts.last_ns)
            origins = self._origins.setdefault((bar.contract, at), [])
            origins.append(counts)
            if len(origins) > 1:  # each file is read one bar ahead, so the later one may be first
                origins.sort(key=attrgetter("place"))
            yield bar
