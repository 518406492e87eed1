"""Bars out of files: looked at once, then read line by line, in the desk's own types.

Rule 1: a file whose kind, contract, clock or period is not certain is refused whole, in one
        sentence: file, line, what was found, what was expected, and the option that would help.
Rule 2: a bad line is counted, the first ones are named, and never used; it never stops the reading.
Rule 3: reading turns text into types only; whether a bar makes sense is bar_rules.py's.
Rule 4: bounded memory: one row per file and twelve bytes a bar; a file that does not rise is sorted
        in memory, up to two million lines.
What a file is judged by: bar_files/__init__.py.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Final, Protocol, cast

import msgspec

from services.domain.calendar import et_text
from services.domain.errors import FeedError, InstrumentError, PriceError
from services.domain.instruments import to_ticks
from services.domain.messages.market import Bar
from services.domain.units import Contracts, Ticks, UnixNanos
from services.ingest.bar_files.container import Lines
from services.ingest.bar_files.layouts import BarStamp, FileFormat
from services.ingest.bar_files.names import PriceKind, price_kind_of
from services.ingest.bar_files.numbers import count_of, plain_number
from services.ingest.bar_files.recognition import ReadOptions, RecognisedFile, recognise, rows_of
from services.ingest.bar_files.scan import Row, is_whole, stamp_text
from services.ingest.bar_files.stamps import DateOrder, StampReader

_SUFFIXES: Final = (".csv", ".txt", ".csv.gz", ".txt.gz", ".zip", ".tsv")
_NAMED_MAX: Final = 20
"""Bad lines kept by name; the rest are only counted."""
_PRICES_MAX: Final = 200_000
"""Price texts kept; no contract has more from its first day to its last."""
_SORTED_LINES_MAX: Final = 2_000_000


class BadLine(msgspec.Struct, frozen=True):
    """A line that was not used."""

    line: int
    """In the file, from 1."""
    reason: str


class HasBars(Protocol):
    """What can be played together with others."""

    @property
    def bars(self) -> Iterator[Bar]:
        """Read it from its first row."""
        ...


class SourceFile:
    """One opened file of one contract."""

    def __init__(self, path: Path, recognised: RecognisedFile) -> None:
        """Keep what was decided on a file; use `open_file`."""
        self.path = path
        self.contract = recognised.choice.contract
        """NinjaTrader's name with its month."""
        self.format: FileFormat = recognised.layout.format
        self.zone_rule = recognised.zone_rule
        """How stamps are read, as text, for the record."""
        self.description = recognised.description
        """What the file is, in one line: kind, encoding, container, marks, order."""
        self.first_ns, self.last_ns = recognised.first_ns, recognised.last_ns
        """Earliest and latest close."""
        self.lines = 0
        """Lines below the header that the last reading went through."""
        self.bars_read = 0
        """Bars the last reading gave."""
        self.left_out = 0
        """Lines of other contracts, left out as requested."""
        self.bad_lines = 0
        """Lines not used in the last reading."""
        self.refused_by_reason: Counter[str] = Counter()
        """Them by what was wrong: columns, stamp, price, count, instrument, end."""
        self.first_bad_lines: tuple[BadLine, ...] = ()
        """The first of them."""
        self.ended_early = ""
        """How the file ends in the middle; empty: it is whole."""
        self._recognised = recognised
        self._layout = recognised.layout
        self._to_close_ns = recognised.to_close_ns
        self._prices: dict[str, Ticks] = {}

    @property
    def is_split(self) -> bool:
        """Whether its bars carry bid and ask volume."""
        return self._layout.bid_volume is not None

    @property
    def bars(self) -> Iterator[Bar]:
        """Read the file from its first row: every readable bar, oldest first."""
        self.bad_lines, self.first_bad_lines, self.ended_early = 0, (), ""
        self.lines = self.bars_read = self.left_out = 0
        self.refused_by_reason.clear()
        read = StampReader(self._recognised.zone, self._recognised.dates)
        for line, row in self._rows():
            self.lines += 1
            try:
                bar = self._bar(row, read)
            except _LineError as error:
                self._bad(line, error.kind, str(error))
            except (FeedError, ValueError) as error:
                self._bad(line, "count", str(error))
            else:
                if bar is None:
                    self.left_out += 1
                else:
                    self.bars_read += 1
                    yield bar

    def _rows(self) -> Iterator[Row]:
        with self._recognised.container.lines() as lines:
            rows = self._whole_rows(lines)
            if self._recognised.order.rising:
                yield from rows
            else:
                yield from self._sorted(rows)

    def _whole_rows(self, lines: Lines) -> Iterator[Row]:
        last: Row | None = None
        for row in rows_of(lines, self._layout):
            if last is not None:
                yield last
            last = row
        # A last line that is cut off is no bad line: it is the end of what there is.
        if last is not None and lines.unended and not lines.cut and self._is_torn(last):
            self.ended_early = f"its last line {last[0]} is not whole, it was not used"
        elif last is not None:
            yield last
        if lines.cut:
            self.ended_early = f"the file cannot be read further: {lines.cut}"
            self._bad((last or (0, []))[0] + 1, "end", self.ended_early)

    def _sorted(self, rows: Iterator[Row]) -> list[Row]:
        found: list[Row] = []
        for row in rows:
            found.append(row)
            if len(found) > _SORTED_LINES_MAX:
                raise FeedError(
                    f"file {self.path} does not rise and has more than {_SORTED_LINES_MAX:,} lines,"
                    " expected oldest first; sort it"
                )
        if self._recognised.order.newest_first:
            return found[::-1]
        read = StampReader(self._recognised.zone, self._recognised.dates)

        def close_ns(row: Row) -> int:
            try:
                return read(stamp_text(row[1], self._layout))
            except FeedError:
                return 0  # it is named before the others

        return sorted(found, key=close_ns)

    def _is_torn(self, row: Row) -> bool:
        try:
            self._bar(row[1], StampReader(self._recognised.zone, self._recognised.dates))
        except (FeedError, PriceError, ValueError):
            return True
        return False

    def _bar(self, row: list[str], read: StampReader) -> Bar | None:
        layout, choice = self._layout, self._recognised.choice
        if len(row) != layout.width and not is_whole(row, layout):
            raise _LineError("columns", f"row has {len(row)} columns, expected {layout.width}")
        if layout.instrument is not None and row[layout.instrument] not in choice.symbols:
            found = row[layout.instrument]
            if found in choice.other_symbols:
                return None
            expected = " or ".join(map(repr, sorted(choice.symbols)))
            raise _LineError(
                "instrument", f"instrument {found!r}, expected {expected} as in the first"
            )
        try:
            text = row[layout.stamp] if layout.clock is None else stamp_text(row, layout)
            close_ns = UnixNanos(read(text) + self._to_close_ns)
        except FeedError as error:
            raise _LineError("stamp", str(error)) from error
        if not choice.after_ns < close_ns <= choice.until_ns:
            return None
        split = layout.bid_volume is not None and layout.ask_volume is not None
        return Bar(
            contract=self.contract,
            close_ns=close_ns,
            open=self._ticks(row[layout.open]),
            high=self._ticks(row[layout.high]),
            low=self._ticks(row[layout.low]),
            close=self._ticks(row[layout.close]),
            volume=self._count(row[layout.volume]),
            bid_volume=self._count(row[cast("int", layout.bid_volume)]) if split else None,
            ask_volume=self._count(row[cast("int", layout.ask_volume)]) if split else None,
            delta_source=layout.delta_source,
            historical=False,
            partial=False,
        )

    def _ticks(self, text: str) -> Ticks:
        # The same few thousand texts come again and again; reading each once triples the speed.
        ticks = self._prices.get(text)
        if ticks is None:
            if len(self._prices) >= _PRICES_MAX:
                self._prices.clear()
            try:
                ticks = to_ticks(self.contract, plain_number(text, self._recognised.sign))
            except PriceError as error:
                raise _LineError("price", str(error)) from error
            self._prices[text] = ticks
        return ticks

    def _count(self, text: str) -> Contracts:
        return Contracts(int(text)) if text.isdecimal() else count_of(text, self._recognised.sign)

    def _bad(self, line: int, kind: str, reason: str) -> None:
        self.bad_lines += 1
        self.refused_by_reason[kind] += 1
        if len(self.first_bad_lines) < _NAMED_MAX:
            self.first_bad_lines = (*self.first_bad_lines, BadLine(line, reason))


class _LineError(FeedError):
    # What is wrong with one line, and its kind.
    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def open_file(
    path: Path,
    *,
    zone: str | None = None,
    stamp: BarStamp | None = None,
    contract: str | None = None,
    price_kind: PriceKind | None = None,
    dates: DateOrder | None = None,
) -> SourceFile:
    """Open a file of any kind layouts.py knows, in any container and encoding container.py knows.

    The contract is the one given, else the instrument column's, else the file name's; a bare root
    means the front month at the first stamp. For the options see `ReadOptions`.

    Raises: FeedError naming the file, the line, what was found and what was expected.
    """
    options = ReadOptions(
        zone=zone, stamp=stamp, contract=contract, price_kind=price_kind, dates=dates
    )
    try:
        return SourceFile(path, recognise(path, options))
    except InstrumentError as error:
        raise FeedError(f"file {path} is refused, its contract is not known: {error}") from error
    except (FeedError, OSError) as error:
        raise FeedError(f"file {path} is refused, {error}") from error


def open_files(paths: Iterable[Path], options: ReadOptions) -> list[SourceFile]:
    """Open every bar file meant by these paths, and check that they agree where they overlap.

    Raises: FeedError naming the file, or the two files of one contract that contradict each other.
    """
    files = [
        open_file(
            path,
            zone=options.zone,
            stamp=options.stamp,
            contract=options.contract,
            price_kind=options.price_kind,
            dates=options.dates,
        )
        for given in paths
        for path in _of_kind(given, options.price_kind)
    ]
    ordered = sorted(files, key=attrgetter("contract", "first_ns"))
    for place, file in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.contract != file.contract or other.first_ns > file.last_ns:
                break
            _refuse_conflict(file, other)
    return files


def _of_kind(given: Path, kind: PriceKind | None) -> list[Path]:
    # Where a kind was chosen, the others that lie in a folder beside it are left out.
    found = expand([given])
    if kind is None or not given.is_dir():
        return found
    return [path for path in found if price_kind_of(path.name) is kind] or found


def _refuse_conflict(file: SourceFile, other: SourceFile) -> None:
    # Files of one contract may share bars, as exports of neighbouring weeks do; they agree on them.
    first, last = other.first_ns, min(file.last_ns, other.last_ns)
    shared = {bar.close_ns: bar for bar in file.bars if first <= bar.close_ns <= last}
    for bar in other.bars:
        if bar.close_ns > last:
            break
        before = shared.get(bar.close_ns)
        if before is not None and _values(before) != _values(bar):
            raise FeedError(
                f"files {file.path} and {other.path} both hold {file.contract} and differ, first in"
                f" the bar of {et_text(bar.close_ns)}, expected one file of a contract, or bars"
                " that agree; play one of them"
            )


def _values(bar: Bar) -> tuple[int | None, ...]:
    return (bar.open, bar.high, bar.low, bar.close, bar.volume, bar.bid_volume, bar.ask_volume)


def expand(paths: Iterable[Path]) -> list[Path]:
    """Give every bar file meant by these paths: a folder means the ones in it, by name.

    Raises: FeedError for a path that is not there and a folder without bar files.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                p
                for p in path.iterdir()
                if p.name.lower().endswith(_SUFFIXES) and not p.name.startswith(".")
            )
            if not inside:
                raise FeedError(f"folder {path} holds no {', '.join(_SUFFIXES)} file")
            files += inside
        elif path.is_file():
            files.append(path)
        else:
            raise FeedError(f"file {path} does not exist")
    return files


def merge(files: Sequence[HasBars]) -> Iterator[tuple[UnixNanos, tuple[Bar, ...]]]:
    """Play files together: every close stamp once, rising, with its bars in the files' order.

    A bar that is out of order in its file comes along with the stamp reached, so that the gateway
    can name it; the stamps themselves never go back.
    """
    reached, group = UnixNanos(0), list[Bar]()
    for bar in heapq.merge(*(file.bars for file in files), key=attrgetter("close_ns")):
        if bar.close_ns > reached and group:
            yield reached, tuple(group)
            group = []
        reached = max(reached, bar.close_ns)
        group.append(bar)
    if group:
        yield reached, tuple(group)
