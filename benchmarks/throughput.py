"""Bars per second: whole synthetic days through every machine in one process, and a bare loop.

The desk runs as `replay --in-process` does: the machines on MemoryBus, no journal, no socket, the
simulated exchange as the client, in lock-step. It is measured with all seven strategies over three
contracts and over one, with every optional feature on, and with one strategy that crosses two
averages (ema_cross/) within wide limits. The bare loop crosses two averages over the same bars.
"""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.desk_folder import write_limits
from benchmarks.load import LoadWatch
from benchmarks.stopwatch import MeasurementError
from services.backtest.play import run_to_end
from services.composition.in_process import InProcessDesk
from services.domain.calendar import Calendar
from services.domain.indicator_families import IndicatorFamily
from services.domain.manifest import Manifest
from services.domain.messages.orders import Execution
from services.launch import private_desk
from services.nt_twin.client import TwinClient
from services.nt_twin.config import TwinConfig
from services.runtime.bus import Envelope
from services.runtime.config import ConfigFolder
from services.synthetic.day_plans import DayKind
from services.synthetic.market import CONTRACTS, generate_days
from services.venue.played_market.minutes import MinuteBars

_BASE: Final = Path(__file__).parents[1] / "config"
_FIRST_DATE: Final = "2026-03-02"
"""A Monday with full sessions around it."""
_CONTRACT_FROM: Final = "2025-12-15"
"""Some sixty trade dates before the contract of the longer runs expires: after that none enters."""
_DAY_KINDS: Final = (DayKind.EDGE_FADE, DayKind.OR_REVERSAL, DayKind.TREND_UP)
_SEED: Final = 1
_FAST, _SLOW = 20, 50
"""Lengths of the averages that the bare loop crosses, bars."""
_PASSES: Final = 15
_EMA_CROSS: Final = {
    "ema_cross": {"package": "benchmarks.ema_cross", "signal": "NQ", "priority": 1}
}


class Throughput(msgspec.Struct, frozen=True):
    """How fast bars went through."""

    bars: int
    seconds: float
    orders: int = 0
    """Filled."""

    @property
    def bars_per_second(self) -> float:
        """Bars in one second."""
        return self.bars / self.seconds


class ThroughputRound(msgspec.Struct, frozen=True, kw_only=True):
    """Every path once, each beside the bare loop over the same bars."""

    three: Throughput
    """Three contracts, seven strategies."""
    everything: Throughput
    """The same with every optional feature on."""
    bare_three: Throughput
    one: Throughput
    """One contract, seven strategies."""
    ema_cross: Throughput
    """One contract, one strategy that crosses two averages."""
    bare_one: Throughput
    others_cores: float | None
    """What other processes took meanwhile; None: not known on this system."""


def throughput_round(stamps: list[MinuteBars], folder: Path) -> ThroughputRound:
    """Measure every path once."""
    single = one_contract(stamps)
    with LoadWatch() as load:
        bare_three, bare_one = baseline_throughput(stamps), baseline_throughput(single)
        three = desk_throughput(stamps, folder / "three", None)
        everything = desk_throughput(stamps, folder / "everything", frozenset(IndicatorFamily))
        one = desk_throughput(single, folder / "one", None)
        ema_cross = ema_cross_throughput(single, folder / "ema-cross")
    return ThroughputRound(
        three=three,
        everything=everything,
        bare_three=bare_three,
        one=one,
        ema_cross=ema_cross,
        bare_one=bare_one,
        others_cores=load.others_cores,
    )


def market(days: int) -> list[MinuteBars]:
    """Make the bars once, so that their making is not measured."""
    made = generate_days(_FIRST_DATE, days, seed=_SEED, kinds=_DAY_KINDS, calendar=Calendar(()))
    return list(made)


def contract_market(days: int) -> list[MinuteBars]:
    """Make the bars of one contract from its first days as the front month on."""
    made = generate_days(
        _CONTRACT_FROM,
        days,
        seed=_SEED,
        kinds=_DAY_KINDS,
        calendar=Calendar(()),
        contracts=CONTRACTS[:1],
    )
    return list(made)


def one_contract(stamps: list[MinuteBars]) -> list[MinuteBars]:
    """The bars of the first contract alone."""
    return [(close_ns, bars[:1]) for close_ns, bars in stamps]


def desk_throughput(
    stamps: list[MinuteBars], folder: Path, features: frozenset[IndicatorFamily] | None
) -> Throughput:
    """Play the days through all seven strategies; None: with the features the shipped desk has."""
    return _played(stamps, _configured(folder / "base", features), folder)


def ema_cross_throughput(stamps: list[MinuteBars], folder: Path) -> Throughput:
    """Play the days through a strategy that crosses the averages of the bare loop, and trades."""
    base = shutil.copytree(_BASE, folder / "base")
    (base / "strategies.toml").write_bytes(msgspec.toml.encode(_EMA_CROSS))
    write_limits(base)
    return _played(stamps, base, folder)


def _played(stamps: list[MinuteBars], base: Path, folder: Path) -> Throughput:
    contracts = tuple(bar.contract for bar in stamps[0][1])
    desk = InProcessDesk(
        private_desk.write_private_folder(
            base, folder / "desk", run="bench", data_contracts=contracts
        )
    )
    client = twin_of(desk.manifest, iter(stamps))
    Calendar(()).trade_date_of(stamps[0][0])  # reads the published calendar, once per process
    filled: list[str] = []

    def hear(envelope: Envelope) -> None:
        if isinstance(envelope.message, Execution):
            filled.append(envelope.message.execution_id)

    desk.nodes["orders"].on_published = hear  # it publishes nothing for most bars
    started = time.perf_counter()
    run_to_end(desk, client)
    return Throughput(_count(stamps), time.perf_counter() - started, len(filled))


def every_strategy(folder: Path) -> ConfigFolder:
    """A private folder of the shipped configuration with all seven strategies enabled."""
    return private_desk.write_private_folder(
        _configured(folder / "base", None), folder / "desk", run="bench", data_contracts=CONTRACTS
    )


def twin_of(manifest: Manifest, stamps: Iterator[MinuteBars]) -> TwinClient:
    """The stand-in for NinjaTrader that plays these minutes to a desk."""
    groups = manifest.groups
    config = TwinConfig(
        account=manifest.account,
        contracts=tuple(name for group in groups for name in group.contracts),
        prices={row.orders: row.signal for group in groups for row in group.trade},
    )
    return TwinClient(config, stamps, Calendar(()).trade_date_of)


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
    """Cross two averages per contract over the same bars: the least a strategy could do.

    The median of several passes: one lasts a few milliseconds, and an interruption as long.
    """
    passes = sorted((_baseline_pass(stamps) for _ in range(_PASSES)), key=lambda one: one.seconds)
    return passes[_PASSES // 2]


def _baseline_pass(stamps: list[MinuteBars]) -> Throughput:
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
