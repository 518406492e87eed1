"""IBH Sweep+Fail: one trade, one refusal per condition with its allowed neighbour."""

from typing import Any

import pytest

from services.domain.messages.session import DayType, SessionUpdate
from services.domain.messages.strategy import Confidence, Evaluation, Side
from tests.support.session_builder import ES, NQ, Day, points, sure
from tests.support.worker_builder import assert_causal, code, run, solo, step

NAME = "ibh_sweep_fail"
TRADE = "IBH_SWEEP_FAIL"

GOOD: dict[str, Any] = {"day_type": DayType.B_DAY, "confidence": sure(b_day=0.6), "delta": -10}


def last_answer(
    *,
    ib: tuple[float, float] = (24_000.0, 24_100.0),
    minute: int = 80,
    opened: float = 24_090.0,
    close: float = 24_095.0,
    high: float = 24_115.0,
    low: float | None = None,
    contract: str = NQ,
    params: dict[str, Any] | None = None,
    **fields: Any,
) -> Evaluation:
    """Give the answer to a bar that swept the IB high of 24,100."""
    host, day = solo(NAME, signal=contract, **(params or {})), Day(contract)
    run(host, day.opening_hour(*ib))
    step(host, day.bar(minute - 1, opened, **GOOD))
    return step(host, day.bar(minute, close, high=high, low=low, **{**GOOD, **fields}))


def sweep(**case: Any) -> str:
    """Say what becomes of that bar."""
    return code(last_answer(**case))


def test_sells_the_failed_sweep() -> None:
    """Stop H + 0.15·IBR, target the IB's middle, both rounded up; confidence high."""
    (found,) = last_answer(ib=(24_000.0, 24_100.25), high=24_115.5).candidates
    assert (found.side, found.model, found.wire_name) == (Side.SHORT, TRADE, "IBH Sweep+Fail")
    assert found.entry == 24_095 * 4
    # 24115.5 + 15.0375 is 24130.5375, up to 24130.75; the middle 24050.125 up to 24050.25.
    assert (found.stop, found.target) == (24_130.75 * 4, 24_050.25 * 4)
    assert found.confidence is Confidence.HIGH
    assert "swept IB high 24100.25" in found.reason


@pytest.mark.parametrize(
    ("expected", "refused", "allowed"),
    [
        ("after_window", {"minute": 270}, {"minute": 269}),
        ("ib_not_final", {"ib_final": False}, {}),
        ("ib_not_usable", {"ib_usable": False}, {}),
        ("day_type", {"day_type": DayType.NEUTRAL}, {"day_type": DayType.B_DAY}),
        ("day_type", {"day_type": None}, {}),
        ("confidence_low", {"confidence": sure(b_day=0.2)}, {"confidence": sure(b_day=0.3)}),
        ("confidence_missing", {"confidence": None}, {}),
        (
            "ib_range_wide",
            {"ib": (23_799.75, 24_100.0)},
            {"ib": (23_800.0, 24_100.0)},
        ),
        ("sweep_small", {"high": 24_114.75}, {"high": 24_115.0}),
        (
            "sweep_small",
            {"high": 24_104.75, "prior_high": 24_100.0 * 4, "opened": 24_094.0},
            {"high": 24_105.0, "prior_high": 24_100.0 * 4, "opened": 24_094.0},
        ),
        (
            "sweep_small",
            {"high": 24_106.0, "prior_high": 24_116.25 * 4},
            {"high": 24_106.0, "prior_high": 24_116.0 * 4},
        ),
        ("sweep_small", {"high": 24_114.0, "prior_high": 24_200.0 * 4}, {"high": 24_115.0}),
        (
            "sweep_small",
            {"high": 24_106.0, "london": points(23_900.0, 24_110.0)},
            {
                "high": 24_106.0,
                "london": points(23_900.0, 24_110.0),
                "params": {"london_counts": True},
            },
        ),
        # London's high, where it counts, is near at ten points exactly.
        (
            "sweep_small",
            {
                "high": 24_106.0,
                "london": points(23_900.0, 24_116.25),
                "params": {"london_counts": True},
            },
            {
                "high": 24_106.0,
                "london": points(23_900.0, 24_116.0),
                "params": {"london_counts": True},
            },
        ),
        (
            "no_failure",
            {"close": 24_100.0, "opened": 24_098.0},
            {"close": 24_099.75, "opened": 24_098.0},
        ),
        # The wick is 21 points of the bar's range of 70.25, or of 70: 0.30 exactly is enough.
        (
            "wick_short",
            {"high": 24_116.0, "low": 24_045.75},
            {"high": 24_116.0, "low": 24_046.0},
        ),
        ("delta_positive", {"delta": 0}, {"delta": -1}),
        ("delta_missing", {"delta": None}, {}),
        ("degraded", {"degraded": ("ib_bars 40 of 60",)}, {"notes": ("late peer",)}),
        ("historical", {"historical": True}, {"historical": False}),
    ],
)
def test_each_condition_refuses_and_lets_its_neighbour_pass(
    expected: str, refused: dict[str, Any], allowed: dict[str, Any]
) -> None:
    """The refused case differs from the allowed one by the least step of one value."""
    assert sweep(**refused) == expected
    assert sweep(**allowed) == TRADE


def test_there_is_one_entry_a_session() -> None:
    """Unless more are allowed."""
    for most, expected in ((1, "signals_max"), (2, TRADE)):
        host, day = solo(NAME, signals_max=most), Day()
        run(host, day.opening_hour(24_000.0, 24_100.0))
        step(host, day.bar(79, 24_090.0, **GOOD))
        assert code(step(host, day.bar(80, 24_095.0, high=24_115.0, **GOOD))) == TRADE
        assert code(step(host, day.bar(100, 24_095.0, high=24_120.0, **GOOD))) == expected


def test_the_window_opens_after_the_initial_balance() -> None:
    """The bar stamped 10:30 belongs to the IB; 10:31 is the first to trade."""
    host, day = solo(NAME), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0)[:59])
    assert code(step(host, day.bar(60, 24_095.0, **GOOD))) == "before_window"
    assert code(step(host, day.bar(61, 24_095.0, high=24_115.0, **GOOD))) == TRADE


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ("ib_median_missing", {}),
        ("ib_range_wide", {"ib_range_median20": 53.25}),
        (TRADE, {"ib_range_median20": 53.5}),
        ("sweep_small", {"ib_range_median20": 80.0, "high": 6_021.75}),
        (TRADE, {"ib_range_median20": 80.0, "high": 6_022.0}),
        ("sweep_small", {"ib_range_median20": 80.0, "high": 6_020.75, "prior_high": 6_020.0 * 4}),
        (TRADE, {"ib_range_median20": 80.0, "high": 6_021.0, "prior_high": 6_022.25 * 4}),
        ("sweep_small", {"ib_range_median20": 80.0, "high": 6_021.0, "prior_high": 6_022.5 * 4}),
    ],
)
def test_other_instruments_use_the_scaled_version(expected: str, fields: dict[str, Any]) -> None:
    """IB of 20 points on ES: sweeps of 0.05 and 0.10 IB ranges, near within 0.07, 1.5 medians."""
    case: dict[str, Any] = {"contract": ES, "ib": (6_000.0, 6_020.0), "high": 6_022.0}
    assert sweep(**{**case, "opened": 6_019.5, "close": 6_019.75, **fields}) == expected


def test_the_future_changes_nothing() -> None:
    """Answers up to a bar are the same whether or not later bars exist."""
    day = Day(**GOOD)
    bars: list[SessionUpdate] = [*day.opening_hour(24_000.0, 24_100.0)]
    for minute in range(61, 200):
        close = 24_080.0 + minute * 7 % 23
        bars.append(day.bar(minute, close, high=close + minute * 5 % 31))
    assert_causal(lambda: solo(NAME, signals_max=100), bars, signals_min=4, cuts=(62, 66, 90, 150))
