"""Bars per second: whole synthetic days through every machine in one process, and a bare loop.

The desk runs as `replay --in-process` does: the machines on MemoryBus, no journal, no socket, the
simulated exchange as the client, in lock-step, with all seven strategies enabled. It is measured
with the features they and `state.toml` ask for, and with every optional one. The bare loop crosses
two averages over the same bars.
"""

import shutil
import time
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.stopwatch import MeasurementError
from services.backtest.play import run_to_end
from services.composition.in_process import InProcessDesk
from services.domain.calendar import Calendar
from services.domain.indicator_families import IndicatorFamily
from services.launch import private_desk
from services.nt_twin.client import TwinClient
from services.nt_twin.config import TwinConfig
from services.nt_twin.source import MinuteBars
from services.synthetic.day_plans import DayKind
from services.synthetic.market import CONTRACTS, generate_days

_BASE: Final = Path(__file__).parents[1] / "config"
_FIRST_DATE: Final = "2026-03-02"
"""A Monday with full sessions around it."""
_SEED: Final = 1
_FAST, _SLOW = 20, 50
"""Lengths of the averages that the bare loop crosses, bars."""


class Throughput(msgspec.Struct, frozen=True):
    """How fast bars went through."""

    bars: int
    seconds: float

    @property
    def bars_per_second(self) -> float:
        """Bars in one second."""
        return self.bars / self.seconds


def market(days: int) -> list[MinuteBars]:
    """Make the bars once, so that their making is not measured."""
    kinds = (DayKind.EDGE_FADE, DayKind.OR_REVERSAL, DayKind.TREND_UP)
    made = generate_days(_FIRST_DATE, days, seed=_SEED, kinds=kinds, calendar=Calendar(()))
    return list(made)


def desk_throughput(
    stamps: list[MinuteBars], folder: Path, features: frozenset[IndicatorFamily] | None
) -> Throughput:
    """Play the days through all seven strategies; None: with the features the shipped desk has."""
    base = _configured(folder / "base", features)
    desk = InProcessDesk(
        private_desk.write_private_folder(
            base, folder / "desk", run="bench", data_contracts=CONTRACTS
        )
    )
    manifest = desk.manifest
    rows = [row for group in manifest.groups for row in group.trade]
    config = TwinConfig(
        account=manifest.account,
        contracts=CONTRACTS,
        prices={row.orders: row.signal for row in rows},
    )
    date_of = Calendar(()).trade_date_of
    date_of(stamps[0][0])  # reads the published calendar, once per process
    client = TwinClient(config, iter(stamps), date_of)
    started = time.perf_counter()
    run_to_end(desk, client)
    return Throughput(_count(stamps), time.perf_counter() - started)


def _configured(base: Path, features: frozenset[IndicatorFamily] | None) -> Path:
    shutil.copytree(_BASE, base)
    blocks = msgspec.toml.decode((base / "strategies.toml").read_bytes())
    for block in blocks.values():
        block["enabled"] = True
    (base / "strategies.toml").write_bytes(msgspec.toml.encode(blocks))
    if features is not None:
        state = msgspec.toml.decode((base / "state.toml").read_bytes())
        state["indicator_families"] = sorted(feature.value for feature in features)
        (base / "state.toml").write_bytes(msgspec.toml.encode(state))
    return base


def baseline_throughput(stamps: list[MinuteBars]) -> Throughput:
    """Cross two averages per contract over the same bars: the least a strategy could do."""
    fast: dict[str, float] = {}
    slow: dict[str, float] = {}
    above: dict[str, bool] = {}
    quick, gentle = 2 / (_FAST + 1), 2 / (_SLOW + 1)
    crosses = 0
    started = time.perf_counter()
    for _, bars in stamps:
        for bar in bars:
            name, close = bar.contract, bar.close
            held = fast.get(name, close)
            fast[name] = now_fast = held + quick * (close - held)
            held = slow.get(name, close)
            slow[name] = now_slow = held + gentle * (close - held)
            is_above = now_fast > now_slow
            crosses += above.get(name, is_above) != is_above
            above[name] = is_above
    seconds = time.perf_counter() - started
    if not crosses:
        raise MeasurementError("the averages never crossed: these are not the bars that were meant")
    return Throughput(_count(stamps), seconds)


def _count(stamps: list[MinuteBars]) -> int:
    return sum(len(bars) for _, bars in stamps)
