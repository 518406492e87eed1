"""B-Day IBL Fade: one trade, one refusal per condition with its allowed neighbour."""

from typing import Any

import pytest

from services.domain.messages.reading import DayStrength, GapReading
from services.domain.messages.session import DayType, SessionUpdate
from services.domain.messages.strategy import Confidence, Evaluation, Side
from tests.support.session_builder import ES, NQ, Day, sure
from tests.support.worker_builder import assert_causal, code, run, solo, step

NAME = "b_day_ibl_fade"
TRADE = "B_DAY_IBL_FADE"
WIDE = GapReading(bull=True, bear=False, inverse_bull=False, inverse_bear=False)

GOOD: dict[str, Any] = {
    "day_type": DayType.B_DAY,
    "strength": DayStrength.WEAK,
    "confidence": sure(b_day=0.6),
    "volume_spike20": 1.5,
}
"""A balanced day; the bar's volume and delta are the two signs of quality it needs."""


def last_answer(
    *,
    ib: tuple[float, float] = (24_000.0, 24_100.0),
    minute: int = 80,
    close: float = 24_005.0,
    low: float = 24_000.0,
    touched: int | None = None,
    contract: str = NQ,
    params: dict[str, Any] | None = None,
    **fields: Any,
) -> Evaluation:
    """Give the answer to a bar at the IB low; `touched` is the minute of an earlier touch."""
    host, day = solo(NAME, signal=contract, **(params or {})), Day(contract)
    run(host, day.opening_hour(*ib))
    if touched is not None:
        step(host, day.bar(touched, close, low=ib[0], **{**GOOD, "delta": 0}))
    return step(host, day.bar(minute, close, low=low, **{**GOOD, **fields}))


def fade(**case: Any) -> str:
    """Say what becomes of that bar."""
    return code(last_answer(**case))


def test_buys_the_reclaim_of_the_initial_balance_low() -> None:
    """Stop IBL − 0.10·IBR, target the IB's middle, both rounded down; two signs are medium."""
    (found,) = last_answer(ib=(24_000.0, 24_100.25)).candidates
    assert (found.side, found.model, found.wire_name) == (Side.LONG, TRADE, "B-Day")
    assert found.entry == 24_005 * 4
    # 24000 − 10.025 is 23989.975, down to 23989.75; the middle 24050.125 down to 24050.00.
    assert (found.stop, found.target) == (23_989.75 * 4, 24_050.0 * 4)
    assert found.confidence is Confidence.MEDIUM
    assert "quality 2 of 4: delta, volume" in found.reason


@pytest.mark.parametrize(
    ("expected", "refused", "allowed"),
    [
        ("after_window", {"minute": 270}, {"minute": 269}),
        ("ib_not_final", {"ib_final": False}, {}),
        ("ib_not_usable", {"ib_usable": False}, {}),
        ("day_type", {"day_type": DayType.NEUTRAL}, {"day_type": DayType.B_DAY}),
        ("day_type", {"day_type": None}, {}),
        ("strength", {"strength": DayStrength.MODERATE}, {"strength": DayStrength.WEAK}),
        ("strength", {"strength": None}, {}),
        ("confidence_low", {"confidence": sure(b_day=0.4)}, {"confidence": sure(b_day=0.5)}),
        ("confidence_missing", {"confidence": None}, {}),
        (
            "ib_range_wide",
            {"ib": (24_000.0, 24_400.25)},
            {"ib": (24_000.0, 24_400.0)},
        ),
        ("no_touch", {"low": 24_000.25}, {"low": 24_000.0}),
        ("no_reclaim", {"close": 24_000.0}, {"close": 24_000.25}),
        ("delta_negative", {"delta": 0}, {"delta": 1}),
        ("delta_missing", {"delta": None}, {}),
        ("quality_low", {"volume_spike20": 1.3}, {"volume_spike20": 1.31}),
        ("quality_low", {"volume_spike20": None}, {"volume_spike20": None, "fvg_bull": True}),
        (
            "quality_low",
            {"volume_spike20": None, "params": {"quality_min": 2}},
            {"volume_spike20": None, "params": {"quality_min": 1}},
        ),
        ("reward_risk", {"close": 24_033.0}, {"close": 24_032.75}),
        ("degraded", {"degraded": ("ib_bars 40 of 60",)}, {"notes": ("late peer",)}),
        ("historical", {"historical": True}, {"historical": False}),
    ],
)
def test_each_condition_refuses_and_lets_its_neighbour_pass(
    expected: str, refused: dict[str, Any], allowed: dict[str, Any]
) -> None:
    """The refused case differs from the allowed one by the least step of one value."""
    assert fade(**refused) == expected
    assert fade(**allowed) == TRADE


@pytest.mark.parametrize(
    ("sign", "fields"),
    [
        ("gap", {"fvg_bull": True}),
        ("gap", {"ifvg_bull": True}),
        ("gap", {"gaps_15m": WIDE}),
        ("touches", {"touched": 77}),
        ("volume", {"volume_spike20": 1.31}),
    ],
)
def test_each_sign_of_quality_is_enough_beside_buyers(sign: str, fields: dict[str, Any]) -> None:
    """A gap of any kind, a second touch within three minutes, or volume."""
    (found,) = last_answer(**{"volume_spike20": 1.0, **fields}).candidates
    assert f"quality 2 of 4: {', '.join(sorted(('delta', sign), key=ORDER.index))}" in found.reason


ORDER = ("gap", "delta", "touches", "volume")


def test_a_touch_too_long_ago_is_no_second_touch() -> None:
    """Four minutes are too many."""
    assert fade(volume_spike20=1.0, touched=76) == "quality_low"


def test_touches_inside_the_initial_balance_hour_do_not_count() -> None:
    """The IB's own low is no touch of it."""
    host, day = solo(NAME), Day()
    hour = day.opening_hour(24_000.0, 24_100.0)
    run(host, hour[:59])
    step(host, day.bar(60, 24_005.0, low=24_000.0, **GOOD))
    quiet = {**GOOD, "volume_spike20": 1.0}
    assert code(step(host, day.bar(61, 24_005.0, low=24_000.0, **quiet))) == "quality_low"
    assert code(step(host, day.bar(62, 24_005.0, low=24_000.0, **quiet))) == TRADE


def test_three_signs_make_the_confidence_high() -> None:
    """Buyers, volume and a gap."""
    (found,) = last_answer(fvg_bull=True).candidates
    assert found.confidence is Confidence.HIGH


def test_the_window_opens_after_the_initial_balance() -> None:
    """The bar stamped 10:30 belongs to the IB; 10:31 is the first to trade."""
    host, day = solo(NAME), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0)[:59])
    assert code(step(host, day.bar(60, 24_005.0, low=24_000.0, **GOOD))) == "before_window"
    assert code(step(host, day.bar(61, 24_005.0, low=24_000.0, **GOOD))) == TRADE


@pytest.mark.parametrize(
    ("most", "minute", "expected"),
    [(1, 200, "signals_max"), (2, 109, "cooldown"), (2, 110, TRADE)],
)
def test_one_entry_a_session_and_thirty_bars_between(most: int, minute: int, expected: str) -> None:
    """The cooldown matters where more than one is allowed."""
    host, day = solo(NAME, signals_max=most), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    assert code(step(host, day.bar(80, 24_005.0, low=24_000.0, **GOOD))) == TRADE
    assert code(step(host, day.bar(minute, 24_005.0, low=24_000.0, **GOOD))) == expected


@pytest.mark.parametrize(
    ("p90", "expected"),
    [(None, "ib_p90_missing"), (79.75, "ib_range_wide"), (80.0, TRADE)],
)
def test_other_instruments_use_the_scaled_range(p90: float | None, expected: str) -> None:
    """For ES at most 1.2 of the 90th percentile of the IB ranges, here 24 points of 20."""
    case: dict[str, Any] = {"ib": (6_000.0, 6_024.0), "close": 6_001.0, "low": 6_000.0}
    assert fade(contract=ES, ib_range_p90=p90, **case) == expected


def test_the_future_changes_nothing() -> None:
    """Answers up to a bar are the same whether or not later bars exist."""
    day = Day(**GOOD)
    bars: list[SessionUpdate] = [*day.opening_hour(24_000.0, 24_100.0)]
    for minute in range(61, 200):
        close = 24_000.0 + minute * 7 % 23
        bars.append(day.bar(minute, close, low=close - minute * 5 % 9))
    assert_causal(
        lambda: solo(NAME, signals_max=100, cooldown_bars=0),
        bars,
        signals_min=4,
        cuts=(62, 66, 90, 150),
    )
