"""What every peer's file shares: bars from a CSV file in, one line of JSON out. No product code."""

import csv
import json
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

FAST: Final = 20
SLOW: Final = 50


class PeerBar(NamedTuple):
    """One minute of one contract."""

    close_ns: int
    open: float
    """Prices in points."""
    high: float
    low: float
    close: float
    volume: int


def read_bars(path: Path) -> list[PeerBar]:
    """Read what the measurement has written."""
    with path.open(newline="") as file:
        return [
            PeerBar(int(ns), float(opened), float(high), float(low), float(close), int(volume))
            for ns, opened, high, low, close, volume in csv.reader(file)
        ]


def write_bars(path: Path, bars: Sequence[PeerBar]) -> None:
    """Write the bars for the peers."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(bars)


def report(package: str, bars: int, run: Callable[[], int]) -> None:
    """Time a run and print what it did; `run` gives the orders it filled."""
    started = time.perf_counter()
    orders = run()
    seconds = time.perf_counter() - started
    print(
        json.dumps(
            {"version": version(package), "bars": bars, "seconds": seconds, "orders": orders}
        )
    )
