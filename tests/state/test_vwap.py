"""VWAP and sigma: hand-made values, no volume, exactness, anchors not seen."""

from math import sqrt

import pytest

from services.state.indicators.vwap import AnchoredVwap
from tests.support.state_builder import DAY, at, bar, machine, play, session_bars


def test_hand_made() -> None:
    """Two bars, prices 10 and 16, volumes 1 and 2: mean 14, variance 8."""
    vwap = AnchoredVwap()
    vwap.fold(bar("10:00", 10, volume=1))
    vwap.fold(bar("10:01", 16, volume=2))
    assert vwap.value == 14.0
    assert vwap.sigma == pytest.approx(sqrt(8))


def test_typical_price_is_a_third_of_high_low_close() -> None:
    """H 13, L 10, C 11: 34/3."""
    vwap = AnchoredVwap()
    vwap.fold(bar("10:00", 11, high=13, low=10))
    assert vwap.value == 34 / 3
    assert vwap.sigma == 0.0


def test_no_volume_is_not_warm() -> None:
    """Bars without volume leave it absent and do not move it later."""
    vwap = AnchoredVwap()
    vwap.fold(bar("10:00", 10, volume=0))
    assert vwap.value is None
    vwap.fold(bar("10:01", 20, volume=5))
    vwap.fold(bar("10:02", 90, volume=0))
    assert vwap.value == 20.0


def test_constant_price_has_exactly_no_spread() -> None:
    """A session at one price: variance is 0, not the rounding of large sums."""
    vwap = AnchoredVwap()
    for n in range(1_380):
        vwap.fold(bar("10:00", 400_001, volume=10_007 + n))
    assert vwap.value == 400_001
    assert vwap.sigma == 0.0


def test_anchor_not_seen_is_not_warm() -> None:
    """First bar at 08:00: no 18:00 VWAP, no overnight range, no cumulative delta; RTH is sound."""
    said = play(machine(), session_bars(DAY, start_ns=bar("08:00").close_ns))
    update = at(said, "11:00")
    night = (
        update.levels.overnight,
        update.levels.asia,
        update.levels.london,
        update.levels.premarket,
    )
    assert (update.vwap.eth, update.vwap.eth_sigma, update.order_flow.cvd_eth) == (None, None, None)
    assert night == (None, None, None, None)
    assert update.vwap.rth is not None
    assert update.order_flow.cvd_rth is not None
    assert update.degraded == ()


def test_thin_opening_minutes_are_tolerated() -> None:
    """First bar 14 minutes into the session: the 18:00 anchor still holds."""
    bars = session_bars(DAY)[14:]
    assert at(play(machine(), bars), "11:00").vwap.eth is not None
    assert at(play(machine(), bars[2:]), "11:00").vwap.eth is None
