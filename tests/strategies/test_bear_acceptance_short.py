"""Bear Acceptance Short: one trade, one refusal per condition with its allowed neighbour."""

import math
from typing import Any

import pytest

from services.domain.errors import ConfigError
from services.domain.messages.reading import GapReading
from services.domain.messages.session import DayType, SessionUpdate
from services.domain.messages.strategy import Confidence, Evaluation, Side
from services.strategies.config import StrategyBlock, build_params
from tests.support.session_builder import ES, NQ, Day
from tests.support.worker_builder import assert_causal, code, run, solo, step

NAME = "bear_acceptance_short"
TRADE = "BEAR_ACCEPTANCE"
GOOD: dict[str, Any] = {
    "day_type": DayType.B_DAY_BEAR,
    "closes_below_ib": 3,
    "extension_down": 0.6,
}
"""Three closes below an IB of 24,000–24,100 on a day that has been 60 points below it."""


def last_answer(
    *,
    ib: tuple[float, float] = (24_000.0, 24_100.0),
    minute: int = 80,
    close: float = 23_980.0,
    contract: str = NQ,
    params: dict[str, Any] | None = None,
    **fields: Any,
) -> Evaluation:
    """Give the answer to a bar after an opening hour."""
    host, day = solo(NAME, signal=contract, **(params or {})), Day(contract)
    run(host, day.opening_hour(*ib))
    return step(host, day.bar(minute, close, **{**GOOD, **fields}))


def accepted(**case: Any) -> str:
    """Say what becomes of that bar."""
    return code(last_answer(**case))


def test_sells_early_acceptance() -> None:
    """Stop IBL + 0.25·IBR, target IBL − 0.75·IBR, both rounded up; medium under six closes."""
    (found,) = last_answer(ib=(24_000.0, 24_100.25)).candidates
    assert (found.side, found.model, found.wire_name) == (Side.SHORT, TRADE, "Bear Accept Short")
    assert found.entry == 23_980 * 4
    # 24000 + 25.0625 up to 24025.25; 24000 − 75.1875 is 23924.8125, up to 23925.00.
    assert (found.stop, found.target) == (24_025.25 * 4, 23_925.0 * 4)
    assert found.confidence is Confidence.MEDIUM
    assert "3 closes below IB low 24000.00" in found.reason


@pytest.mark.parametrize(
    ("expected", "refused", "allowed"),
    [
        ("after_window", {"minute": 270}, {"minute": 269}),
        ("ib_not_final", {"ib_final": False}, {}),
        ("ib_not_usable", {"ib_usable": False}, {}),
        ("not_accepted", {"closes_below_ib": 2}, {"closes_below_ib": 3}),
        ("accepted_long_ago", {"closes_below_ib": 11}, {"closes_below_ib": 10}),
        ("day_type", {"day_type": DayType.NEUTRAL}, {"day_type": DayType.TREND_DOWN}),
        ("day_type", {"day_type": DayType.P_DAY}, {"day_type": DayType.SUPER_TREND_DOWN}),
        ("day_type", {"day_type": None}, {}),
        ("extension_small", {"extension_down": 0.5}, {"extension_down": 0.51}),
        ("extension_small", {"extension_down": None}, {}),
        ("reward_risk", {"close": 23_969.25}, {"close": 23_969.5}),
        (
            "depth_small",
            {"params": {"depth_ib_min": 0.21}},
            {"params": {"depth_ib_min": 0.2}},
        ),
        (
            "reward_small",
            {"close": 23_930.0, "params": {"reward_risk_min": 0.0}},
            {"close": 23_930.25, "params": {"reward_risk_min": 0.0}},
        ),
        (
            "risk_small",
            {"close": 23_999.0, "params": {"stop_ib": 0.04}},
            {"close": 23_998.75, "params": {"stop_ib": 0.04}},
        ),
        ("degraded", {"degraded": ("ib_bars 40 of 60",)}, {"notes": ("late peer",)}),
        ("historical", {"historical": True}, {"historical": False}),
    ],
)
def test_each_condition_refuses_and_lets_its_neighbour_pass(
    expected: str, refused: dict[str, Any], allowed: dict[str, Any]
) -> None:
    """The refused case differs from the allowed one by the least step of one value."""
    assert accepted(**refused) == expected
    assert accepted(**allowed) == TRADE


def test_six_closes_make_the_confidence_high() -> None:
    """Five are medium."""
    for closes, grade in ((5, Confidence.MEDIUM), (6, Confidence.HIGH)):
        (found,) = last_answer(closes_below_ib=closes).candidates
        assert found.confidence is grade


@pytest.mark.parametrize(
    ("close", "target"), [(23_980.0, 23_925.0), (23_970.0, 23_915.0), (23_900.0, 23_775.0)]
)
def test_the_target_may_go_by_the_risk(close: float, target: float) -> None:
    """`rr`: the further of the IB target and one risk below the entry; a changed strategy."""
    params = {"target_mode": "rr"}
    (found,) = last_answer(close=close, params=params).candidates
    assert found.target == target * 4


@pytest.mark.parametrize("width", [100.0, 100.25, 100.5, 100.75, 101.25, 103.0])
def test_rr_measures_risk_from_the_rounded_stop(width: float) -> None:
    """The target is as far from the close as the stop on its tick, not as the level before it."""
    close = 24_000.0 - 0.6 * width // 0.25 * 0.25
    params = {"target_mode": "rr"}
    (found,) = last_answer(ib=(24_000.0, 24_000.0 + width), close=close, params=params).candidates
    stop = math.ceil((24_000.0 + 0.25 * width) * 4)
    assert found.stop == stop
    aim = min(24_000.0 * 4 - 0.75 * width * 4, close * 4 - (stop - close * 4))
    assert found.target == math.ceil(aim)


def test_there_is_one_entry_a_session() -> None:
    """Unless more are allowed."""
    for most, expected in ((1, "signals_max"), (2, TRADE)):
        host, day = solo(NAME, signals_max=most), Day()
        run(host, day.opening_hour(24_000.0, 24_100.0))
        assert code(step(host, day.bar(80, 23_980.0, **GOOD))) == TRADE
        assert code(step(host, day.bar(90, 23_980.0, **GOOD))) == expected


def test_the_window_opens_after_the_initial_balance() -> None:
    """The bar stamped 10:30 belongs to the IB; 10:31 is the first to trade."""
    host, day = solo(NAME), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0)[:59])
    assert code(step(host, day.bar(60, 24_000.0, **GOOD))) == "before_window"
    assert code(step(host, day.bar(61, 23_980.0, **GOOD))) == TRADE


@pytest.mark.parametrize(
    ("expected", "close"), [("reward_small", 5_985.75), (TRADE, 5_986.0), (TRADE, 5_990.0)]
)
def test_other_instruments_use_the_scaled_version(expected: str, close: float) -> None:
    """On ES with an IB of 20 points reward must be more than 0.03·IBR, 0.60 points."""
    case: dict[str, Any] = {"contract": ES, "ib": (6_000.0, 6_020.0)}
    # The target is 5,985: from 5,985.75 on there is 0.75 to win.
    found = accepted(**case, close=close, params={"reward_risk_min": 0.0, "distance_ib_min": 0.04})
    assert found == expected


def test_what_stands_above_is_recorded_and_gates_nothing() -> None:
    """A bearish 15-minute gap and a prior high that was swept and given back."""
    gap = GapReading(bull=False, bear=True, inverse_bull=False, inverse_bear=False)
    (found,) = last_answer(gaps_15m=gap, prior_high=24_099.0 * 4).candidates
    recorded = {feature.name: feature.value for feature in found.features}
    assert recorded["fvg_bear_15m"] == 1.0
    assert recorded["prior_high_swept_failed"] == 1.0
    for level in (24_100.0, 23_980.0):  # reached and not passed; closed at and not below
        (found,) = last_answer(prior_high=level * 4).candidates
        assert {f.name: f.value for f in found.features}["prior_high_swept_failed"] == 0.0
    (found,) = last_answer().candidates
    assert "fvg_bear_15m" not in {feature.name for feature in found.features}


def test_bounds_that_admit_nothing_are_refused() -> None:
    """More closes needed than allowed: said with both."""
    block = StrategyBlock(params={"closes_min": 11})
    with pytest.raises(ConfigError, match="closes_min 11 above closes_max 10"):
        build_params(block, NAME)


def test_one_count_of_closes_is_a_range_too() -> None:
    """`closes_min = closes_max` is allowed and admits exactly that close."""
    only = {"closes_min": 4, "closes_max": 4}
    found = [accepted(closes_below_ib=closes, params=only) for closes in (3, 4, 5)]
    assert found == ["not_accepted", TRADE, "accepted_long_ago"]


def test_the_future_changes_nothing() -> None:
    """Answers up to a bar are the same whether or not later bars exist."""
    day = Day(day_type=DayType.B_DAY_BEAR, extension_down=0.6)
    bars: list[SessionUpdate] = [*day.opening_hour(24_000.0, 24_100.0)]
    bars += [
        day.bar(minute, 23_970.0 + minute * 7 % 23, closes_below_ib=minute % 13)
        for minute in range(61, 200)
    ]
    assert_causal(lambda: solo(NAME, signals_max=100), bars, signals_min=4, cuts=(62, 66, 90, 150))
