"""Bar close at the client → command at the client: the limit and the desk, in turns.

Ten instruments staggered by 100 ms, one bar a second each; then bursts in which all ten close at
once. Both strategies and the probe evaluate every bar; the probe's candidate becomes the command.
Each round starts all anew: the bare limit without its sync, the bare limit, then the desk, on a
machine in the same mood; what other processes take of it meanwhile is in the round.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol

import msgspec

from benchmarks.baseline_client import BaselineClient, baseline_chain, baseline_single
from benchmarks.desk import MeasuredDesk, colocated_desk, separate_desk
from benchmarks.desk_folder import SIGNALS
from benchmarks.figures import Figures, figures
from benchmarks.hops import Series, between
from benchmarks.load import LoadWatch
from benchmarks.stopwatch import Timing

STAGGER_S: Final = 0.1
"""Between two instruments; ten of them make one bar a second each."""
_BURST_S: Final = 0.5
"""Between two bursts: long enough for every answer of the one before."""
_WARM: Final = 20
"""Bars before the clock counts."""

Schedule = Sequence[tuple[float, int]]
"""When a call is made and how many bars it carries."""


class RoundSize(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured in a round."""

    bars: int
    """Staggered bars."""
    bursts: int
    """Bursts of all instruments."""


class LayoutResult(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one layout."""

    staggered: Figures
    burst: Figures
    acknowledged: Figures
    """The unary call alone, staggered."""


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """The limit and the desk, one after the other."""

    bare: LayoutResult
    """With its one sync per message."""
    unsynced: LayoutResult
    """The bare limit without it."""
    desk: LayoutResult
    series: Series
    """The desk's own histograms over the staggered bars."""
    others_cores: float | None
    """What other processes took meanwhile; None: not known on this system."""


class _Measurable(Protocol):
    def measure(self, schedule: Schedule) -> Timing: ...


class _Baseline(Protocol):
    def __call__(
        self, logs: Path, *, synced: bool = True
    ) -> AbstractContextManager[BaselineClient]: ...


class DeskLayout(msgspec.Struct, frozen=True):
    """A desk and the limit it is held against."""

    name: str
    bare: _Baseline
    desk: Callable[[Path], AbstractContextManager[MeasuredDesk]]


LAYOUTS: Final = (
    DeskLayout("separate processes", baseline_chain, separate_desk),
    DeskLayout("co-located", baseline_single, colocated_desk),
)


def rounds(layout: DeskLayout, count: int, extent: RoundSize, folder: Path) -> Iterator[Round]:
    """Measure a layout so many times."""
    for number in range(count):
        here = folder / layout.name.replace(" ", "-") / str(number)
        with LoadWatch() as load:
            unsynced = _bare(layout, here / "unsynced", extent, synced=False)
            bare = _bare(layout, here / "bare", extent, synced=True)
            with layout.desk(here / "desk") as desk:
                _warm(desk.link)
                before = desk.series()
                staggered = desk.link.measure(_staggered(extent.bars))
                series = between(before, desk.series())
                run = _summed(staggered, desk.link.measure(_bursts(extent.bursts)))
        yield Round(
            bare=bare, unsynced=unsynced, desk=run, series=series, others_cores=load.others_cores
        )


def _bare(layout: DeskLayout, logs: Path, extent: RoundSize, *, synced: bool) -> LayoutResult:
    with layout.bare(logs, synced=synced) as link:
        _warm(link)
        return _summed(link.measure(_staggered(extent.bars)), link.measure(_bursts(extent.bursts)))


def _warm(link: _Measurable) -> None:
    link.measure(_staggered(_WARM))


def _summed(staggered: Timing, burst: Timing) -> LayoutResult:
    return LayoutResult(
        staggered=figures(staggered.seconds, missing=staggered.missing),
        burst=figures(burst.seconds, missing=burst.missing),
        acknowledged=figures(staggered.acknowledged),
    )


def _staggered(bars: int) -> Schedule:
    return [(number * STAGGER_S, 1) for number in range(bars)]


def _bursts(count: int) -> Schedule:
    return [(number * _BURST_S, len(SIGNALS)) for number in range(count)]
