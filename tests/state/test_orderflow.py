"""Order flow: ranks, ratios, missing splits, the gate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.messages.market import Bar, DeltaSource
from services.state.config import OrderFlowRules
from services.state.order_flow import OrderFlow, percentile_rank
from tests.support.state_builder import DAY, at, bar, machine, play, session_bars

RULES = OrderFlowRules()


def _flow(*bars: Bar, regular: bool = True) -> OrderFlow:
    flow = OrderFlow()
    for each in bars:
        flow.fold(each, RULES, regular=regular)
    return flow


def _split(bid: int, ask: int) -> Bar:
    return bar("10:00", volume=bid + ask, bid_volume=bid, ask_volume=ask)


@pytest.mark.parametrize(
    ("values", "value", "rank"),
    [
        ([5], 5, 100.0),
        ([1, 2, 3, 4], 4, 100.0),
        ([1, 2, 3, 4], 1, 25.0),
        ([7, 7, 7, 7], 7, 62.5),
        ([1, 7, 7, 9], 7, 62.5),
    ],
)
def test_percentile_ties_take_the_average_rank(values: list[int], value: int, rank: float) -> None:
    """Equal values share the mean of their ranks, as pandas does."""
    assert percentile_rank(values, value) == rank


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=20))
def test_percentile_lies_in_bounds(values: list[int]) -> None:
    """(0, 100], and the ranks of all values average to (n+1)/2n."""
    ranks = [percentile_rank(values, value) for value in values]
    assert all(0 < rank <= 100 for rank in ranks)
    mean = (len(values) + 1) / 2 / len(values) * 100
    assert sum(ranks) / len(ranks) == pytest.approx(mean)


def test_hand_made_readings() -> None:
    """Deltas 10, -20, 40 on volumes 100, 50, 150."""
    flow = _flow(_split(45, 55), _split(35, 15), _split(55, 95))
    assert (flow.reading.delta, flow.reading.delta_pct, flow.reading.imbalance_ratio) == (
        40,
        40 / 150,
        95 / 55,
    )
    assert flow.reading.delta_percentile20 == 100.0
    assert flow.reading.delta_z20 == pytest.approx((40 - 10) / 30)
    assert flow.reading.volume_spike20 == 1.5
    assert flow.reading.pre_delta_sum10 == -10
    assert (flow.cvd_rth.value, flow.cvd_eth.value) == (30, 30)
    assert (flow.reading.score_long, flow.reading.score_short) == (3, 1)


def test_no_bid_volume_has_no_ratio() -> None:
    """Everything at the ask: the ratio is absent, so its condition is not satisfied."""
    flow = _flow(_split(0, 80))
    assert flow.reading.imbalance_ratio is None
    assert (flow.reading.score_long, flow.reading.score_short) == (2, 1)


def test_first_bar_has_no_spread_and_nothing_before() -> None:
    """One delta: no z-score, no sum before it; equal deltas: no z-score either."""
    flow = _flow(_split(40, 60))
    assert (flow.reading.delta_z20, flow.reading.pre_delta_sum10) == (None, None)
    flow = _flow(*[_split(40, 60)] * 5)
    assert flow.reading.delta_z20 is None
    assert flow.reading.pre_delta_sum10 == 80


def test_bars_without_volume() -> None:
    """No volume: share 0, no ratio, no spike; the cumulative delta stands."""
    flow = _flow(_split(0, 0))
    assert (flow.reading.delta, flow.reading.delta_pct, flow.reading.imbalance_ratio) == (
        0,
        0.0,
        None,
    )
    assert flow.reading.volume_spike20 is None
    assert flow.cvd_rth.value == 0


def test_windows_hold_twenty() -> None:
    """The twenty-first bar pushes the first out; nine deltas count before the current one."""
    flow = _flow(_split(1_000, 0), *[_split(40, 60)] * 19, _split(30, 70))
    assert flow.reading.delta_percentile20 == 100.0
    assert flow.reading.pre_delta_sum10 == 9 * 20
    assert flow.reading.volume_spike20 == 1.0
    assert len(flow.deltas) == 20


def test_without_a_split_only_volume_speaks() -> None:
    """No bid and ask: delta readings are absent, and the cumulative delta is gone for good."""
    plain = bar("10:00", bid_volume=None, ask_volume=None, delta_source=DeltaSource.NONE)
    flow = _flow(_split(40, 60), plain)
    assert (flow.reading.delta, flow.reading.delta_percentile20, flow.cvd_rth.value) == (
        None,
        None,
        None,
    )
    assert flow.reading.volume_spike20 == 1.0
    assert (flow.reading.score_long, flow.reading.score_short) == (1, 1)
    flow.fold(_split(40, 60), RULES, regular=True)
    assert flow.reading.delta == 20
    assert flow.cvd_rth.value is None


def test_empty_bar_without_a_split_breaks_nothing() -> None:
    """A minute without volume needs no split."""
    empty = bar("10:00", volume=0, bid_volume=None, ask_volume=None)
    assert _flow(_split(40, 60), empty, _split(40, 60)).cvd_rth.value == 40


def test_windows_start_at_half_past_nine() -> None:
    """The night's bars are in no rolling window; outside regular hours there is no gate."""
    said = play(machine(), session_bars(DAY))
    assert at(said, "09:30").order_flow.score_long is None
    assert at(said, "09:30").order_flow.delta is not None
    assert at(said, "09:30").order_flow.volume_spike20 is None
    first = at(said, "09:31")
    assert (first.order_flow.delta_percentile20, first.order_flow.volume_spike20) == (100.0, 1.0)
    assert (first.order_flow.cvd_rth, first.order_flow.pre_delta_sum10) == (
        first.order_flow.delta,
        None,
    )
    assert at(said, "16:00").order_flow.score_long is not None
    assert at(said, "16:01").order_flow.score_long is None
    assert at(said, "16:01").order_flow.cvd_rth == at(said, "16:00").order_flow.cvd_rth
    assert at(said, "16:01").order_flow.cvd_eth != at(said, "16:00").order_flow.cvd_eth
