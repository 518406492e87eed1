"""Bars out of files: opened, read once, line by line, in the desk's own types.

Rule 1: a file whose kind, contract or clock is not certain is refused whole, with the reason.
Rule 2: a bad line is counted, the first ones are named, and never used; it never stops the reading.
Rule 3: reading turns text into types only; whether a bar makes sense is bar_rules.py's.
Rule 4: bounded memory: one row per file, whatever the files' size.
"""

import csv
import gzip
import heapq
import zlib
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Final, Protocol, TextIO, cast

import msgspec

from services.domain.contracts import parse
from services.domain.errors import FeedError, InstrumentError, PriceError
from services.domain.instruments import to_ticks
from services.domain.messages.market import Bar
from services.domain.units import NANOS_PER_MINUTE, Contracts, Ticks, UnixNanos
from services.ingest.layouts import FileFormat, Layout, layout_of
from services.ingest.zones import LocalStamps, StampReader, aware_stamps, utc_stamps

_VOLUMETRIC_ZONE: Final = "America/New_York"
"""Source: spec A.6, the exporter writes naive ET stamps."""
_SUFFIXES: Final = (".csv", ".txt", ".csv.gz", ".txt.gz")
_NAMED_MAX: Final = 20
"""Bad lines kept by name; the rest are only counted."""
_PRICES_MAX: Final = 200_000
"""Price texts kept; no contract has more from its first day to its last."""
_PROBED_LINES: Final = 100
"""Lines searched for the first readable stamp."""


class BarStamp(Enum):
    """Which end of a bar its stamp is."""

    CLOSE = "close"
    OPEN = "open"


class BadLine(msgspec.Struct, frozen=True):
    """A line that was not used."""

    line: int
    """In the file, from 1."""
    reason: str


class _StampRule(msgspec.Struct, frozen=True):
    # How a file's stamps become UTC.
    zone: str | None
    """Zone of naive stamps; None: every stamp carries its offset, or UTC by the format."""
    rule: str
    shift_ns: int
    """From the stamp to the close."""
    utc: bool

    def reader(self) -> StampReader:
        # A new one per pass: a local clock's second 01:30 depends on the rows before.
        if self.utc:
            return utc_stamps
        return aware_stamps if self.zone is None else LocalStamps(self.zone)


class HasBars(Protocol):
    """What can be played together with others."""

    @property
    def bars(self) -> Iterator[Bar]:
        """Read it from its first row."""
        ...


class SourceFile:
    """One opened file of one contract."""

    def __init__(self, path: Path, layout: Layout, stamp_rule: _StampRule) -> None:
        """Find the file's first readable row; use `open_file`.

        Raises: FeedError when there is none.
        """
        self.path = path
        self.format: FileFormat = layout.format
        self.zone_rule = stamp_rule.rule
        """How stamps are read, as text, for the record."""
        self._layout = layout
        self._stamp_rule = stamp_rule
        self.contract = ""
        """NinjaTrader's name with its month."""
        self.bad_lines = 0
        """Lines not used in the last reading."""
        self.first_bad_lines: tuple[BadLine, ...] = ()
        """The first of them."""
        self.ended_early = False
        """The last reading ended before the file did: it is cut short or damaged."""
        self._prices: dict[str, Ticks] = {}
        self.instrument, self.first_ns = self._first_row()
        """The instrument column of the first row (empty without one), and its close."""

    @property
    def is_split(self) -> bool:
        """Whether its bars carry bid and ask volume."""
        return self._layout.bid_volume is not None

    @property
    def bars(self) -> Iterator[Bar]:
        """Read the file from its first row: every readable bar, in file order."""
        self.bad_lines, self.first_bad_lines, self.ended_early = 0, (), False
        read = self._stamp_rule.reader()
        for line, row in self._rows():
            try:
                yield self._bar(row, read)
            except (FeedError, PriceError, ValueError) as error:
                self._bad(line, str(error))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        with _text(self.path) as text:
            rows = csv.reader(text, delimiter=self._layout.delimiter, skipinitialspace=True)
            try:
                for row in islice(rows, self._layout.header_lines, None):
                    if row:
                        yield rows.line_num, row
            except (EOFError, OSError, zlib.error, csv.Error) as error:
                self.ended_early = True
                self._bad(rows.line_num + 1, f"the file cannot be read further: {error}")

    def _first_row(self) -> tuple[str, UnixNanos]:
        column, problem = self._layout.instrument, ""
        read = self._stamp_rule.reader()
        for line, row in islice(self._rows(), _PROBED_LINES):
            try:
                self._whole(row)
                close_ns = UnixNanos(read(row[self._layout.stamp]) + self._stamp_rule.shift_ns)
            except FeedError as error:
                problem = problem or f"line {line}: {error}"
            else:
                return ("" if column is None else row[column]), close_ns
        raise FeedError(f"file {self.path} is refused, {problem or 'it holds no bars'}")

    def _bar(self, row: list[str], read: StampReader) -> Bar:
        layout = self._layout
        self._whole(row)
        if layout.instrument is not None and row[layout.instrument] != self.instrument:
            found = row[layout.instrument]
            raise FeedError(f"instrument {found!r}, expected {self.instrument!r} as in the first")
        split = layout.bid_volume is not None and layout.ask_volume is not None
        return Bar(
            contract=self.contract,
            close_ns=UnixNanos(read(row[layout.stamp]) + self._stamp_rule.shift_ns),
            open=self._ticks(row[layout.open]),
            high=self._ticks(row[layout.high]),
            low=self._ticks(row[layout.low]),
            close=self._ticks(row[layout.close]),
            volume=_count(row[layout.volume]),
            bid_volume=_count(row[cast("int", layout.bid_volume)]) if split else None,
            ask_volume=_count(row[cast("int", layout.ask_volume)]) if split else None,
            delta_source=layout.delta_source,
            historical=False,
            partial=False,
        )

    def _whole(self, row: list[str]) -> None:
        if len(row) != self._layout.width:
            raise FeedError(f"row has {len(row)} columns, expected {self._layout.width}")

    def _ticks(self, text: str) -> Ticks:
        # The same few thousand texts come again and again; reading each once triples the speed.
        ticks = self._prices.get(text)
        if ticks is None:
            if len(self._prices) >= _PRICES_MAX:
                self._prices.clear()
            # Between semicolons a comma is the exporting machine's decimal sign.
            plain = text.replace(",", ".") if self._layout.delimiter == ";" else text
            ticks = self._prices[text] = to_ticks(self.contract, plain.strip())
        return ticks

    def _bad(self, line: int, reason: str) -> None:
        self.bad_lines += 1
        if len(self.first_bad_lines) < _NAMED_MAX:
            self.first_bad_lines = (*self.first_bad_lines, BadLine(line, reason))


def open_file(
    path: Path,
    *,
    zone: str | None = None,
    stamp: BarStamp = BarStamp.CLOSE,
    contract: str | None = None,
) -> SourceFile:
    """Open a file of any kind layouts.py knows, gzipped or not.

    The contract is the one given, else the instrument column's, else the file name's; a bare root
    means the front month at the first stamp. `zone` is for naive stamps; NinjaTrader's historical
    export is UTC whatever `zone` is.

    Raises: FeedError naming the file, the line, what was found and what was expected.
    """
    try:
        with _text(path) as text:
            head = [line.rstrip("\r\n") for line in islice(text, 2)]
        layout = layout_of(head)
    except (FeedError, OSError, EOFError, zlib.error) as error:
        raise FeedError(f"file {path} is refused, {error}") from error
    source = SourceFile(path, layout, _stamp_rule(layout.format, zone, stamp))
    source.contract = _contract(source, contract)
    return source


def expand(paths: Iterable[Path]) -> list[Path]:
    """Give every bar file meant by these paths: a folder means the ones in it, by name.

    Raises: FeedError for a path that is not there and a folder without bar files.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.name.lower().endswith(_SUFFIXES))
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


def _contract(source: SourceFile, given: str | None) -> str:
    stem = source.path.name.split(".")[0]
    problem = ""
    names = (given,) if given else (source.instrument, stem, stem.split("_")[0])
    for name in filter(None, names):
        try:
            return parse(name, source.first_ns).name
        except InstrumentError as error:
            problem = problem or str(error)
    raise FeedError(f"file {source.path} is refused, its contract is not known: {problem}")


def _stamp_rule(kind: FileFormat, zone: str | None, stamp: BarStamp) -> _StampRule:
    shift_ns = NANOS_PER_MINUTE if stamp is BarStamp.OPEN else 0
    end = f"stamps are bar {stamp.value}s"
    match kind:
        case FileFormat.NT_EXPORT:
            return _StampRule(None, f"UTC by the format; {end}", shift_ns, utc=True)
        case FileFormat.VOLUMETRIC:
            named = zone or _VOLUMETRIC_ZONE
            why = "configured" if zone else "the exporter's default"
            rule = f"naive stamps in {named} ({why}); {end}"
            return _StampRule(named, rule, shift_ns, utc=False)
        case FileFormat.PLAIN:
            rule = f"naive stamps in {zone} (configured)" if zone else "every stamp has its offset"
            return _StampRule(zone, f"{rule}; {end}", shift_ns, utc=False)


def _count(text: str) -> Contracts:
    if text.isdecimal():
        return Contracts(int(text))
    number = float(text)
    if not number.is_integer():
        raise FeedError(f"count {text!r} of contracts, expected a whole number")
    return Contracts(int(number))


def _text(path: Path) -> TextIO:
    # Read once as bytes would be faster by little; text with a byte-order mark is common.
    if path.name.lower().endswith(".gz"):
        return cast("TextIO", gzip.open(path, "rt", encoding="utf-8-sig", errors="replace"))
    return path.open(encoding="utf-8-sig", errors="replace")
