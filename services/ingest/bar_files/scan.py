"""One pass over a file before it is played: its stamps, its symbols, its first rows.

What a judgement needs of the whole file is kept, and nothing else: twelve bytes a bar.
"""

from array import array
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from services.domain.errors import FeedError
from services.domain.units import UnixNanos
from services.ingest.bar_files.layouts import Layout
from services.ingest.bar_files.stamps import StampReader

_FIRST_ROWS: Final = 100
_SYMBOLS_MAX: Final = 1_000
"""Symbols kept; a file of more is no file of one contract."""

Row = tuple[int, list[str]]
"""The number of a line in its file, from 1, and its cells."""


class Scan:
    """What one pass found."""

    def __init__(self, rows: Iterable[Row], layout: Layout, read: StampReader) -> None:
        """Read the stamps of all rows; what has none is left to the reading to name."""
        self.first_rows: list[Row] = []
        """The first rows of a whole row's width with a stamp."""
        self.symbols: dict[str, tuple[int, UnixNanos]] = {}
        """Every symbol with the line and stamp of its first row; one empty without a column."""
        self.first_problem = ""
        """What is wrong with the first row that could not be read, with its line."""
        stamps, lines = array("q"), array("I")
        column = layout.instrument
        for line, row in rows:
            try:
                stamp = read(stamp_text(row, layout))
            except FeedError as error:
                self.first_problem = self.first_problem or f"line {line}: {error}"
                continue
            stamps.append(stamp)
            lines.append(line)
            if len(self.first_rows) < _FIRST_ROWS:
                self.first_rows.append((line, row))
            if column is not None and (symbol := row[column]) not in self.symbols:
                if len(self.symbols) >= _SYMBOLS_MAX:
                    raise FeedError(
                        f"line {line}: more than {_SYMBOLS_MAX:,} symbols, expected one"
                    )
                self.symbols[symbol] = (line, stamp)
        self.stamps: npt.NDArray[np.int64] = np.frombuffer(stamps, dtype=np.int64)
        """UTC nanoseconds as written, in file order."""
        self.lines: npt.NDArray[np.uint32] = np.frombuffer(lines, dtype=np.uint32)
        """The line each of them stands in."""


def is_whole(row: list[str], layout: Layout) -> bool:
    """Whether a row has its layout's columns; a separator behind the last one is none."""
    return len(row) == layout.width or (len(row) == layout.width + 1 and not row[-1].strip())


def stamp_text(row: list[str], layout: Layout) -> str:
    """Give the stamp of a row as one text, the date and the time joined where they stand apart.

    Raises: FeedError for a row that is not whole.
    """
    if not is_whole(row, layout):
        raise FeedError(f"row has {len(row)} columns, expected {layout.width}")
    if layout.clock is None:
        return row[layout.stamp]
    return f"{row[layout.stamp].strip()} {row[layout.clock].strip()}"
