"""The bare limits run and lose nothing; how fast they are is `python -m benchmarks`' to say."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from benchmarks.baseline_client import BaselineClient, baseline_chain, baseline_single
from benchmarks.disk import baseline_commit, baseline_sync
from benchmarks.figures import figures, median_figures
from benchmarks.hops import between, quantile_ms
from benchmarks.throughput import baseline_throughput, market

_PLAN = [(0.05 * number, 1) for number in range(5)] + [(0.3, 10)]


@pytest.mark.integration
@pytest.mark.parametrize("layout", [baseline_chain, baseline_single])
def test_every_payload_comes_back(
    layout: Callable[[Path], AbstractContextManager[BaselineClient]], tmp_path: Path
) -> None:
    """Both layouts give back each payload once, single ones and a call of ten."""
    with layout(tmp_path) as link:
        timing = link.measure(_PLAN)
    assert len(timing.seconds) == 15
    assert timing.missing == 0
    assert len(timing.acknowledged) == len(_PLAN)


def test_the_disk_is_timed(tmp_path: Path) -> None:
    """Both ways to sync give as many times as asked for."""
    assert baseline_sync(tmp_path, 3).count == 3
    assert baseline_commit(tmp_path, 3).count == 3


def test_the_bare_loop_takes_every_bar() -> None:
    """A day of three contracts goes through the bare loop."""
    stamps = market(1)
    assert baseline_throughput(stamps).bars == sum(len(bars) for _, bars in stamps)


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
