"""The bare limits run and lose nothing; how fast they are is `python -m benchmarks`' to say."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from benchmarks import load
from benchmarks.baseline_client import BaselineClient, baseline_chain, baseline_single
from benchmarks.border import border_costs
from benchmarks.command_start import command_starts
from benchmarks.disk import RECORD_BYTES, baseline_commit, baseline_sync
from benchmarks.figures import figures, median_figures
from benchmarks.hops import between, quantile_ms
from benchmarks.load import BUSY_CORES, LoadWatch
from benchmarks.machine import raise_priority
from benchmarks.peers.bars import PeerBar, read_bars, write_bars
from benchmarks.peers.run import write_market
from benchmarks.tables import quiet, round_text, verdict
from benchmarks.throughput import (
    baseline_throughput,
    ema_cross_throughput,
    market,
    one_contract,
)

_PLAN = [(0.05 * number, 1) for number in range(5)] + [(0.3, 10)]


@pytest.mark.integration
@pytest.mark.parametrize("synced", [True, False])
@pytest.mark.parametrize("layout", [baseline_chain, baseline_single])
def test_every_payload_comes_back(
    layout: Callable[..., AbstractContextManager[BaselineClient]], *, synced: bool, tmp_path: Path
) -> None:
    """Both layouts give back each payload once, single ones and a call of ten.

    Every message, the hello that went through too, has one record on the disk, or none has any.
    """
    with layout(tmp_path, synced=synced) as link:
        before = _records(tmp_path)
        timing = link.measure(_PLAN)
    assert len(timing.seconds) == 15
    assert timing.missing == 0
    assert len(timing.acknowledged) == len(_PLAN)
    assert _records(tmp_path) - before == (15 if synced else 0)


def _records(folder: Path) -> int:
    file = folder / "decisions"
    return file.stat().st_size // RECORD_BYTES if file.exists() else 0


def test_the_disk_is_timed(tmp_path: Path) -> None:
    """Both ways to sync give as many times as asked for."""
    assert baseline_sync(tmp_path, 3).count == 3
    assert baseline_commit(tmp_path, 3).count == 3


def test_the_bare_loop_takes_every_bar() -> None:
    """A day of three contracts goes through the bare loop."""
    stamps = market(1)
    assert baseline_throughput(stamps).bars == sum(len(bars) for _, bars in stamps)


@pytest.mark.integration
def test_a_command_is_measured_beside_nothing(tmp_path: Path) -> None:
    """Every command with a goal takes longer than a Python that does nothing."""
    starts = command_starts(tmp_path, 1)
    assert [start.command for start in starts] == ["kill --help", "kill", "status"]
    assert all(start.spent_s > start.bare_s > 0 for start in starts)


def test_figures_are_measured_times() -> None:
    """Quantiles are nearest ranks; the median of rounds keeps the largest maximum."""
    one = figures([number / 1000 for number in range(1, 101)], missing=2)
    assert (one.p50_ms, one.p99_ms, one.max_ms) == pytest.approx((50.0, 99.0, 100.0))
    both = median_figures([one, figures([0.2]), figures([0.3])])
    assert (both.p50_ms, both.max_ms, both.missing) == pytest.approx((200.0, 300.0, 2))


def test_quantiles_come_from_what_was_counted_between() -> None:
    """Two readings of a histogram give the quantile of the second part alone."""
    key = ("pitwire_hop_seconds", "state", "market")
    before = {key: {0.001: 5.0, 0.002: 5.0, float("inf"): 5.0}}
    after = {key: {0.001: 5.0, 0.002: 15.0, float("inf"): 15.0}}
    assert quantile_ms(between(before, after)[key], 0.5) == pytest.approx(1.5)


def test_two_averages_cross_in_the_desk(tmp_path: Path) -> None:
    """The strategy that peers have too takes every bar of its contract, enters and leaves."""
    stamps = one_contract(market(1))
    found = ema_cross_throughput(stamps, tmp_path)
    assert found.bars == len(stamps)
    assert found.orders >= 4


class _Timed(msgspec.Struct, frozen=True):
    others_cores: float | None


@pytest.mark.parametrize(
    ("others", "word", "judged"),
    [
        ((0.01, 0.02), "met", 2),
        ((0.01, 1.4), "met", 1),
        ((BUSY_CORES, 1.4), "machine busy: not judged", 2),
        ((None, None), "load unknown: not judged", 2),
    ],
    ids=["quiet", "one quiet", "busy", "unknown"],
)
def test_a_busy_machine_is_not_judged(
    others: tuple[float | None, ...], word: str, judged: int
) -> None:
    """Rounds beside load stand back where one was quiet; where none was, nothing is judged."""
    rounds = [_Timed(each) for each in others]
    assert word in verdict(rounds, holds=True)
    assert ("missed" in verdict(rounds, holds=False)) == (word == "met")
    assert len(quiet(rounds)) == judged


def test_a_round_says_what_it_ran_beside() -> None:
    """Each line of a round has the load, and whether it counts."""
    assert round_text(_Timed(0.01)) == "other processes took 0.01 cores"
    assert round_text(_Timed(1.4)) == "other processes took 1.40 cores; machine busy: not judged"
    assert round_text(_Timed(None)).endswith("not known on this system: not judged")


def test_others_are_all_that_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what the cores did, this process and its descendants, ended ones too, are taken off."""
    monkeypatch.setattr(load, "_PROC", tmp_path)
    system = SimpleNamespace(sysconf=lambda _: 100, getpid=lambda: 10)
    monkeypatch.setattr(load, "os", system)
    monkeypatch.setattr(load, "time", SimpleNamespace(monotonic=iter((5.0, 7.0)).__next__))
    _write_proc(tmp_path, busy=1_000, spent={10: (1, 300), 11: (10, 100), 12: (11, 50), 13: (1, 9)})
    with LoadWatch() as watch:
        _write_proc(
            tmp_path, busy=1_600, spent={10: (1, 500), 11: (10, 150), 12: (11, 100), 13: (1, 309)}
        )
    # Six seconds of cores were busy, three of them ours, in two seconds.
    assert watch.others_cores == pytest.approx(1.5)


def _write_proc(folder: Path, *, busy: int, spent: dict[int, tuple[int, int]]) -> None:
    (folder / "stat").write_text(f"cpu  {busy - 4} 1 1 900 900 1 1 0 0 0\ncpu0 1 1 1\n")
    for pid, (parent, ticks) in spent.items():
        (folder / str(pid)).mkdir(exist_ok=True)
        fields = ["S", str(parent), *["0"] * 9, str(ticks - 3), "1", "1", "1", "0"]
        (folder / str(pid) / "stat").write_text(f"{pid} (a name) with) {' '.join(fields)}")


def test_no_load_is_known_without_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a system without /proc nothing is claimed."""
    monkeypatch.setattr(load, "_PROC", tmp_path / "none")
    with LoadWatch() as watch:
        pass
    assert watch.others_cores is None


def test_the_priority_that_was_got_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real-time first, then nice, else what was refused; nothing of it is done here."""
    taken: list[str] = []
    monkeypatch.setattr("os.sched_setscheduler", _refuse, raising=False)
    monkeypatch.setattr("os.setpriority", lambda *_: taken.append("nice"), raising=False)
    assert raise_priority() == "nice, for the children too"
    assert taken == ["nice"]
    monkeypatch.setattr("os.setpriority", _refuse, raising=False)
    assert raise_priority().startswith("as it was: priority realtime is not permitted")


def _refuse(*_: object) -> None:
    raise PermissionError


def test_peers_read_what_is_written(tmp_path: Path) -> None:
    """Bars come back as they were; those of the market are prices in points, a minute apart."""
    file = tmp_path / "bars.csv"
    bars = [PeerBar(60, 1.25, 2.0, 1.0, 1.5, 7), PeerBar(120, 1.5, 1.5, 1.5, 1.5, 1)]
    write_bars(file, bars)
    assert read_bars(file) == bars
    write_market(file, 1)
    first, second, *others = read_bars(file)
    assert len(others) + 2 == len(market(1))
    assert 20_000 < first.low <= first.close <= first.high < 30_000
    assert second.close_ns - first.close_ns == 60 * 10**9


def test_every_part_of_the_border_is_timed(tmp_path: Path) -> None:
    """Approvals, both kinds of snapshot and the client's memory, as often as asked for."""
    costs = border_costs(tmp_path, 5)
    assert len(costs) == 7
    assert {found.count for found in costs.values()} == {5}
    assert all(found.p50_ms > 0 for found in costs.values())
