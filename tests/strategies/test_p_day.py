"""P-Day: one trade a side, one refusal per condition with its allowed neighbour."""

from typing import Any

import pytest

from services.domain.messages.session import DayType, SessionUpdate
from services.domain.messages.strategy import Confidence, Evaluation, Side
from tests.support.session_builder import ES, NQ, Day
from tests.support.worker_builder import assert_causal, code, run, solo, step

NAME = "p_day"
LONG, SHORT = "P_DAY_VWAP_LONG", "P_DAY_VWAP_SHORT"
GOOD: dict[str, Any] = {
    "day_type": DayType.P_DAY,
    "vwap_eth": 24_090.0 * 4,
    "pre_delta_sum10": 0,
}
"""A P day with VWAP 20 points below the close of 24,110; IB 24,000–24,100."""
BEAR: dict[str, Any] = {
    **GOOD,
    "day_type": DayType.B_DAY_BEAR,
    "delta": -10,
    "vwap_eth": 24_010.0 * 4,
    "volume_spike20": 1.25,
}
"""The same from below on a B day bear: close 23,990, VWAP 20 points above."""


def last_answer(
    *,
    ib: tuple[float, float] = (24_000.0, 24_100.0),
    minute: int = 70,
    close: float = 24_110.0,
    contract: str = NQ,
    params: dict[str, Any] | None = None,
    closes: tuple[float, ...] = (24_120.0, 24_120.0),
    before: dict[str, Any] | None = None,
    **fields: Any,
) -> Evaluation:
    """Give the answer to a bar after an opening hour and some closes."""
    host, day = solo(NAME, signal=contract, **(params or {})), Day(contract)
    run(host, day.opening_hour(*ib))
    first = minute - len(closes)
    quiet = {**GOOD, "delta": 0, **(before or {})}
    run(host, [day.bar(first + n, price, **quiet) for n, price in enumerate(closes)])
    return step(host, day.bar(minute, close, **{**GOOD, **fields}))


def pullback(**case: Any) -> str:
    """Say what becomes of that bar."""
    return code(last_answer(**case))


def test_buys_the_pullback_of_a_resolved_p_day() -> None:
    """Stop VWAP − 0.40·IBR, target 1.5·IBR above the close, confidence high, both on tick."""
    (found,) = last_answer(ib=(24_000.0, 24_100.25), vwap_eth=24_090.2 * 4).candidates
    assert (found.side, found.model, found.wire_name) == (Side.LONG, LONG, "P-Day")
    assert found.entry == 24_110 * 4
    # 24090.2 − 40.1 is 24050.1, down to 24050.00; 24110 + 150.375 down to 24260.25.
    assert (found.stop, found.target) == (24_050.0 * 4, 24_260.25 * 4)
    assert found.confidence is Confidence.HIGH


@pytest.mark.parametrize(
    ("expected", "refused", "allowed"),
    [
        ("after_window", {"minute": 210}, {"minute": 209}),
        ("ib_not_final", {"ib_final": False}, {}),
        ("ib_not_usable", {"ib_usable": False}, {}),
        ("day_type", {"day_type": DayType.TREND_UP}, {"day_type": DayType.P_DAY}),
        ("day_type", {"day_type": None}, {}),
        ("below_ib_high", {"close": 24_100.0}, {"close": 24_100.25}),
        ("below_vwap", {"vwap_eth": 24_110.0 * 4}, {"vwap_eth": 24_109.75 * 4}),
        ("vwap_far", {"vwap_eth": 24_070.0 * 4}, {"vwap_eth": 24_070.25 * 4}),
        ("vwap_missing", {"vwap_eth": None}, {}),
        ("delta_negative", {"delta": 0}, {"delta": 1}),
        ("delta_missing", {"delta": None}, {}),
        ("pre_delta_low", {"pre_delta_sum10": -501}, {"pre_delta_sum10": -500}),
        ("pre_delta_missing", {"pre_delta_sum10": None}, {}),
        ("order_flow_weak", {"of_score_long": 1}, {"of_score_long": 2}),
        ("degraded", {"degraded": ("ib_bars 40 of 60",)}, {"notes": ("late peer",)}),
        ("historical", {"historical": True}, {"historical": False}),
    ],
)
def test_each_condition_refuses_and_lets_its_neighbour_pass(
    expected: str, refused: dict[str, Any], allowed: dict[str, Any]
) -> None:
    """The refused case differs from the allowed one by the least step of one value."""
    assert pullback(**refused) == expected
    assert pullback(**allowed) == LONG


@pytest.mark.parametrize(
    ("expected", "closes", "before"),
    [
        ("direction_open", (), {}),
        (LONG, (24_120.0,), {}),
        ("direction_open", (24_120.0, 24_100.0), {}),
        ("direction_open", (24_120.0, 23_990.0), {}),
        ("direction_open", (24_120.0, 24_120.0), {"day_type": DayType.TREND_UP}),
        (LONG, (24_120.0, 24_120.0, 24_050.0), {}),
        (LONG, (24_120.0, 24_120.0, 23_990.0), {}),
        ("direction_short", (24_120.0, 24_120.0, 23_990.0, 23_990.0), {}),
    ],
)
def test_two_closes_outside_on_bars_of_a_p_day_resolve_the_direction(
    expected: str, closes: tuple[float, ...], before: dict[str, Any]
) -> None:
    """The bar itself counts; a close at the edge is inside; two on the other side turn it."""
    assert pullback(closes=closes, before=before) == expected


def test_bars_of_another_type_neither_count_nor_interrupt() -> None:
    """One close on a P day, a bar of a trend day inside the IB, one more close: resolved."""
    host, day = solo(NAME), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    step(host, day.bar(61, 24_120.0, **{**GOOD, "delta": 0}))
    step(host, day.bar(62, 24_050.0, **{**GOOD, "day_type": DayType.NEUTRAL}))
    assert code(step(host, day.bar(63, 24_110.0, **GOOD))) == LONG


def test_there_is_one_entry_a_session() -> None:
    """Unless more are allowed."""
    for most, expected in ((1, "signals_max"), (2, LONG)):
        host, day = solo(NAME, signals_max=most), Day()
        run(host, day.opening_hour(24_000.0, 24_100.0))
        run(host, [day.bar(61, 24_120.0, **{**GOOD, "delta": 0})])
        assert code(step(host, day.bar(62, 24_110.0, **GOOD))) == LONG
        assert code(step(host, day.bar(90, 24_110.0, **GOOD))) == expected


def short(**case: Any) -> str:
    """Say what becomes of a bar below the IB with shorts switched on."""
    given: dict[str, Any] = {
        "params": {"short": True},
        "closes": (23_980.0, 23_980.0),
        "close": 23_990.0,
        "before": {"day_type": DayType.B_DAY_BEAR},
        **BEAR,
        **case,
    }
    return pullback(**given)


def test_the_short_is_off() -> None:
    """A bearish day is passed by its type; a P day resolved downward is told so."""
    assert short(params={}) == "day_type"
    assert short(params={}, day_type=DayType.P_DAY, before={}) == "direction_short"


@pytest.mark.parametrize("counted", DayType)
@pytest.mark.parametrize("asked", DayType)
def test_the_short_side_belongs_to_days_of_type_b_day_bear(
    counted: DayType, asked: DayType
) -> None:
    """Resolved and entered on bars of that type alone, as the long on bars of a P day."""
    bear, both = DayType.B_DAY_BEAR, (DayType.P_DAY, DayType.B_DAY_BEAR)
    if asked not in both:
        expected = "day_type"
    elif counted is asked:
        expected = SHORT if asked is bear else "direction_short"
    else:
        expected = "direction_open"
    assert short(day_type=asked, before={"day_type": counted}) == expected
    expected = expected.replace("direction_short", LONG)
    if counted is asked is bear:
        expected = "direction_long"
    found = pullback(params={"short": True}, day_type=asked, before={"day_type": counted})
    assert found == expected


def test_the_bar_that_resolves_the_direction_may_enter() -> None:
    """The second close above on a P day, the third below on a B day bear."""
    assert pullback(closes=(24_120.0,)) == LONG
    assert short(closes=(23_980.0, 23_980.0)) == SHORT
    assert short(closes=(23_980.0,), params={"short": True, "short_closes": 2}) == SHORT


def test_sells_the_pullback_where_shorts_are_on() -> None:
    """Stop VWAP + 0.40·IBR, target 1.5·IBR below, rounded up; confidence medium."""
    (found,) = last_answer(
        ib=(24_000.0, 24_100.25),
        params={"short": True},
        before={"day_type": DayType.B_DAY_BEAR},
        closes=(23_980.0, 23_980.0),
        close=23_990.0,
        **{**BEAR, "vwap_eth": 24_010.1 * 4},
    ).candidates
    # 24010.1 + 40.1 is 24050.2, up to 24050.25; 23990 − 150.375 is 23839.625, up to 23839.75.
    assert (found.side, found.model) == (Side.SHORT, SHORT)
    assert (found.stop, found.target) == (24_050.25 * 4, 23_839.75 * 4)
    assert found.confidence is Confidence.MEDIUM


@pytest.mark.parametrize(
    ("expected", "refused", "allowed"),
    [
        ("not_below_ib", {"closes": (23_980.0,)}, {"closes": (23_980.0, 23_980.0)}),
        ("not_below_ib", {"close": 24_000.0}, {"close": 23_999.75}),
        ("above_vwap", {"vwap_eth": 23_990.0 * 4}, {"vwap_eth": 23_990.25 * 4}),
        ("vwap_far", {"vwap_eth": 24_030.0 * 4}, {"vwap_eth": 24_029.75 * 4}),
        ("vwap_missing", {"vwap_eth": None}, {}),
        ("delta_positive", {"delta": 0}, {"delta": -1}),
        ("delta_missing", {"delta": None}, {}),
        ("volume_low", {"volume_spike20": 1.2}, {"volume_spike20": 1.21}),
        ("volume_low", {"volume_spike20": None}, {}),
    ],
)
def test_each_condition_of_the_short(
    expected: str, refused: dict[str, Any], allowed: dict[str, Any]
) -> None:
    """Three closes below, under VWAP within reach, sellers, a spike of volume above 1.2."""
    assert short(**refused) == expected
    assert short(**allowed) == SHORT


def test_other_instruments_use_the_scaled_version() -> None:
    """Smallest stop 0.10·IBR on ES: 6,021 − 2 where VWAP asks for less."""
    case: dict[str, Any] = {
        "contract": ES,
        "ib": (6_000.0, 6_020.0),
        "closes": (6_021.0, 6_021.0),
        "close": 6_021.0,
        "vwap_eth": 6_020.5 * 4,
        "params": {"stop_vwap_ib": 0.0},
    }
    (found,) = last_answer(**case).candidates
    assert found.stop == 6_019.0 * 4
    assert pullback(**case, pre_delta_sum10=-71) == "pre_delta_low"


def test_the_future_changes_nothing() -> None:
    """Answers up to a bar are the same whether or not later bars exist."""
    day = Day(**GOOD)
    bars: list[SessionUpdate] = [*day.opening_hour(24_000.0, 24_100.0)]
    bars += [day.bar(minute, 24_092.0 + minute * 7 % 23) for minute in range(61, 200)]
    assert_causal(lambda: solo(NAME, signals_max=100), bars, signals_min=4, cuts=(62, 66, 90, 150))
