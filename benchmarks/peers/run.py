"""The peers and the desk over the same bars, each in its own process, and the table of them."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.load import LoadWatch
from benchmarks.peers.bars import PeerBar, write_bars
from benchmarks.stopwatch import MeasurementError
from benchmarks.tables import quiet, verdict
from benchmarks.throughput import contract_market
from services.domain.instruments import to_points

TARGET_NAUTILUS: Final = 0.75
"""Bars of the desk in the time of one of nautilus_trader with orders on."""
TARGET_BACKTRADER: Final = 1.0
_ROOT: Final = Path(__file__).parents[2]
_DESK: Final = "desk"
_PEERS: Final = {
    "nautilus_trader": "nautilus_engine",
    "backtesting.py": "backtesting_engine",
    "backtrader": "backtrader_engine",
    "vectorbt": "vectorbt_engine",
}
_TARGETS: Final = {"nautilus_trader": TARGET_NAUTILUS, "backtrader": TARGET_BACKTRADER}


class PeerResult(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine did in one run."""

    version: str
    bars: int
    seconds: float
    orders: int
    """Filled."""

    @property
    def bars_per_second(self) -> float:
        """Bars in one second."""
        return self.bars / self.seconds


class PeersRound(msgspec.Struct, frozen=True, kw_only=True):
    """Every engine once, the desk among them."""

    engines: dict[str, PeerResult]
    others_cores: float | None
    """What other processes took meanwhile; None: not known on this system."""


def measure_round(python: Path, file: Path, days: int) -> PeersRound:
    """Run every engine once, one after the other, each in a process of its own.

    Raises: MeasurementError when one ends with an error.
    """
    with LoadWatch() as load:
        engines = {_DESK: _run(Path(sys.executable), "desk_engine", str(days))}
        for name, module in _PEERS.items():
            engines[name] = _run(python, module, str(file))
    return PeersRound(engines=engines, others_cores=load.others_cores)


def write_market(file: Path, days: int) -> None:
    """Write the bars of one contract for the peers, prices in points."""
    bars = [
        PeerBar(close_ns, opened, high, low, close, bar.volume)
        for close_ns, (bar,) in contract_market(days)
        for opened, high, low, close in [
            [to_points(bar.contract, at) for at in (bar.open, bar.high, bar.low, bar.close)]
        ]
    ]
    write_bars(file, bars)


def _run(python: Path, module: str, argument: str) -> PeerResult:
    done = subprocess.run(
        [python, "-m", f"benchmarks.peers.{module}", argument],
        capture_output=True,
        check=False,
        cwd=_ROOT,
        text=True,
    )
    if done.returncode:
        raise MeasurementError(f"{module} ended with {done.returncode}: {done.stderr[-2000:]}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=PeerResult)


def show_peers(console: Console, rounds: Sequence[PeersRound]) -> None:
    """Print bars per second, and how the desk stands to each."""
    judged = quiet(rounds)
    table = Table(
        title="EMA cross 20/50, one contract, one-minute bars, each engine in its own process",
        caption="the desk enters in regular hours alone, under every limit; the others all day",
    )
    table.add_column("engine")
    for heading in ("version", "bars", "orders filled", "bars/s", "desk's ratio", "target"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for name, first in judged[0].engines.items():
        speed = median(one.engines[name].bars_per_second for one in judged)
        ratio = median(
            one.engines[_DESK].bars_per_second / one.engines[name].bars_per_second for one in judged
        )
        target = _TARGETS.get(name)
        table.add_row(
            name,
            first.version,
            f"{first.bars:,}",
            f"{first.orders:,}",
            f"{speed:,.0f}",
            "" if name == _DESK else f"{ratio:.2f} ×",
            "–" if target is None else f"{target:.2f} ×",
            "" if target is None else verdict(rounds, holds=ratio >= target),
        )
    console.print(table)
