"""Trend Day Bull: one trade, one refusal per condition with its allowed neighbour, pyramids."""

from typing import Any

import pytest

from services.domain.messages.reading import DayStrength, GapReading
from services.domain.messages.risk import PositionState
from services.domain.messages.session import DayType, SessionUpdate
from services.domain.messages.strategy import Confidence, Evaluation, Side
from services.domain.units import Contracts, UnixNanos
from services.strategies.authoring.parameters import Bounds
from services.strategies.host import Host
from tests.support.session_builder import ES, MNQ, NQ, Day, sure
from tests.support.worker_builder import assert_causal, code, position, run, solo, step

NAME = "trend_day_bull"
TRADE = "VWAP_PULLBACK"

GOOD: dict[str, Any] = {
    "accepted_long": True,
    "day_type": DayType.TREND_UP,
    "strength": DayStrength.MODERATE,
    "confidence": sure(trend_up=0.5),
    "vwap_eth": 24_090.0 * 4,
    "pre_delta_sum10": 0,
}
"""What an accepted day offers: VWAP 20 points below the close of 24,110, IB 24,000–24,100."""


def last_answer(
    *,
    ib: tuple[float, float] = (24_000.0, 24_100.0),
    minute: int = 70,
    close: float = 24_110.0,
    contract: str = NQ,
    params: dict[str, Any] | None = None,
    before: dict[str, Any] | None = None,
    **fields: Any,
) -> Evaluation:
    """Give the answer to the second of two bars after an opening hour."""
    host, day = solo(NAME, signal=contract, **(params or {})), Day(contract)
    run(host, day.opening_hour(*ib))
    step(host, day.bar(minute - 1, close, **{**GOOD, **fields, **(before or {})}))
    return step(host, day.bar(minute, close, **{**GOOD, **fields}))


def pullback(**case: Any) -> str:
    """Say what becomes of that bar."""
    return code(last_answer(before={"accepted_long": True, "delta": -1}, **case))


def test_buys_the_pullback_of_an_accepted_day() -> None:
    """Stop VWAP − 0.40·IBR, target 2·IBR above the close, confidence high, both on tick."""
    (found,) = last_answer(
        before={"delta": -1}, ib=(24_000.0, 24_100.25), vwap_eth=24_090.2 * 4
    ).candidates
    assert (found.side, found.model, found.wire_name) == (Side.LONG, TRADE, "Trend Day Bull")
    assert found.entry == 24_110 * 4
    # 24090.2 − 40.1 is 24050.1, one tick lower 24050.00; 24110 + 200.5 is on tick.
    assert (found.stop, found.target) == (24_050.0 * 4, 24_310.5 * 4)
    assert found.confidence is Confidence.HIGH
    assert found.order_contract == MNQ
    assert "close 24110.00 above IB high 24100.25" in found.reason


@pytest.mark.parametrize(
    ("expected", "refused", "allowed"),
    [
        ("after_window", {"minute": 210}, {"minute": 209}),
        ("ib_not_final", {"ib_final": False}, {}),
        ("ib_not_usable", {"ib_usable": False}, {}),
        ("not_accepted", {"accepted_long": False}, {"accepted_long": True}),
        ("day_type", {"day_type": DayType.NEUTRAL}, {"day_type": DayType.SUPER_TREND_UP}),
        ("day_type", {"day_type": DayType.TREND_DOWN}, {"day_type": DayType.P_DAY}),
        ("day_type", {"day_type": None}, {}),
        ("strength_weak", {"strength": DayStrength.WEAK}, {"strength": DayStrength.SUPER}),
        ("strength_missing", {"strength": None}, {}),
        (
            "confidence_low",
            {"confidence": sure(trend_up=0.374)},
            {"confidence": sure(trend_up=0.375)},
        ),
        ("confidence_missing", {"confidence": None}, {}),
        ("below_ib_high", {"close": 24_100.0}, {"close": 24_100.25}),
        ("below_vwap", {"vwap_eth": 24_110.0 * 4}, {"vwap_eth": 24_109.75 * 4}),
        ("vwap_far", {"vwap_eth": 24_070.0 * 4}, {"vwap_eth": 24_070.25 * 4}),
        ("vwap_missing", {"vwap_eth": None, "vwap_rth": 24_090.0 * 4}, {}),
        (
            "vwap_missing",
            {"params": {"vwap_anchor": "rth"}},
            {"params": {"vwap_anchor": "rth"}, "vwap_rth": 24_090.0 * 4},
        ),
        ("delta_negative", {"delta": 0}, {"delta": 1}),
        ("delta_missing", {"delta": None}, {}),
        ("pre_delta_low", {"pre_delta_sum10": -501}, {"pre_delta_sum10": -500}),
        ("pre_delta_missing", {"pre_delta_sum10": None}, {}),
        ("order_flow_weak", {"of_score_long": 1}, {"of_score_long": 2}),
        ("order_flow_weak", {"of_score_long": None}, {}),
        ("risk_large", {"params": {"risk_pt_max": 59.75}}, {"params": {"risk_pt_max": 60.0}}),
        ("degraded", {"degraded": ("ib_bars 40 of 60",)}, {"notes": ("late peer",)}),
        ("historical", {"historical": True}, {"historical": False}),
    ],
)
def test_each_condition_refuses_and_lets_its_neighbour_pass(
    expected: str, refused: dict[str, Any], allowed: dict[str, Any]
) -> None:
    """The refused case differs from the allowed one by the least step of one value."""
    assert pullback(**refused) == expected
    assert pullback(**allowed) == TRADE


def test_the_bar_that_completes_acceptance_does_not_enter() -> None:
    """The one after it may; an acceptance lost and found again is completed again."""
    host, day = solo(NAME, cooldown_bars=0), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    flags = [False, True, True, False, True, True]
    seen = [
        code(step(host, day.bar(61 + n, 24_110.0, **{**GOOD, "accepted_long": flag})))
        for n, flag in enumerate(flags)
    ]
    once = ["not_accepted", "just_accepted", TRADE]
    assert seen == once * 2


def test_the_window_opens_after_the_initial_balance() -> None:
    """The bar stamped 10:30 belongs to the IB; 10:31 is the first to trade."""
    host, day = solo(NAME), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0)[:59])
    assert code(step(host, day.bar(60, 24_050.0, **GOOD))) == "before_window"
    assert code(step(host, day.bar(61, 24_110.0, **GOOD))) == TRADE


@pytest.mark.parametrize(("minute", "expected"), [(82, "cooldown"), (83, TRADE)])
def test_twelve_bars_lie_between_two_entries(minute: int, expected: str) -> None:
    """Eleven minutes are too few, twenty bars or no bars between make no difference."""
    host, day = solo(NAME), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    step(host, day.bar(70, 24_110.0, **{**GOOD, "delta": -1}))
    assert code(step(host, day.bar(71, 24_110.0, **GOOD))) == TRADE
    assert code(step(host, day.bar(minute, 24_110.0, **GOOD))) == expected


@pytest.mark.parametrize(
    ("day", "top", "reach"),
    [
        (DayType.P_DAY, 24_100.0, 150.0),
        (DayType.P_DAY, 24_040.0, 60.0),
        (DayType.TREND_UP, 24_049.75, 124.25),
        (DayType.TREND_UP, 24_050.0, 100.0),
        (DayType.SUPER_TREND_UP, 24_100.0, 200.0),
    ],
)
def test_the_target_goes_by_day_type_and_range(day: DayType, top: float, reach: float) -> None:
    """1.5 IB ranges on a P day, 2.5 under an IB of 50 points, else 2; rounded down."""
    (found,) = last_answer(
        before={"delta": -1},
        ib=(24_000.0, top),
        close=top + 5,
        vwap_eth=(top - 1) * 4,
        day_type=day,
    ).candidates
    assert (found.target - found.entry) / 4 == reach


def test_the_stop_is_at_least_fifteen_points_away() -> None:
    """On a small range the minimum counts: 24,021 − 15, not 24,015 − 8."""
    (found,) = last_answer(
        before={"delta": -1}, ib=(24_000.0, 24_020.0), close=24_021.0, vwap_eth=24_015.0 * 4
    ).candidates
    assert found.stop == 24_006 * 4


def scaled(expected_volume: int = 100, **fields: Any) -> Evaluation:
    """Give the answer on ES, IB 6,000–6,020, where every bar traded this volume."""
    return last_answer(
        contract=ES,
        ib=(6_000.0, 6_020.0),
        close=6_021.0,
        before={"delta": -1},
        **{"vwap_eth": 6_020.5 * 4, "volume": Contracts(expected_volume), **fields},
    )


def test_other_instruments_use_the_scaled_version() -> None:
    """Stop at least 0.10·IBR away, selling before the bar at most 0.7 of a median minute."""
    (found,) = scaled().candidates
    assert found.stop == 6_012.5 * 4
    assert code(scaled(pre_delta_sum10=-70)) == TRADE
    assert code(scaled(pre_delta_sum10=-71)) == "pre_delta_low"
    assert code(scaled(params={"stop_vwap_ib": 0.0})) == TRADE
    (found,) = scaled(params={"stop_vwap_ib": 0.0}).candidates
    assert found.stop == 6_019.0 * 4


@pytest.mark.parametrize(("median", "reach"), [(None, 40.0), (100.0 * 4, 40.0), (100.25 * 4, 50.0)])
def test_narrow_is_measured_by_the_median_elsewhere(median: float | None, reach: float) -> None:
    """Below 0.2 of the median IB range; without a median no range is narrow."""
    (found,) = scaled(ib_range_median20=median).candidates
    assert (found.target - found.entry) / 4 == reach


def test_micro_volume_is_not_judged_in_contracts_of_the_mini() -> None:
    """MNQ shares NQ's prices, not its volume: points apply to it, contracts do not."""
    assert Bounds.AUTO.in_points("MNQ")
    assert not Bounds.AUTO.in_contracts("MNQ")
    assert Bounds.POINTS.in_contracts("MNQ")
    assert pullback(pre_delta_sum10=-71, params={"bounds": "scaled"}) == "pre_delta_low"


def holding(params: dict[str, Any], day: Day, until: int = 89, *, entered: int = 1) -> Host:
    """Give a host that entered at minute 71, holds the trade, and saw ten bars at 24,130."""
    host = solo(NAME, **params)
    run(host, day.opening_hour(24_000.0, 24_100.0))
    step(host, day.bar(70, 24_110.0, **{**GOOD, "delta": -1}))
    assert code(step(host, day.bar(71, 24_110.0, **GOOD))) == TRADE
    state = PositionState.OPEN if entered else PositionState.OPENING
    held = position(NAME, state=state, entered=Contracts(entered), quantity=Contracts(entered))
    list(host.on_message(held, UnixNanos(0)))
    quiet = {**GOOD, "delta": -1, "vwap_eth": 24_050.0 * 4}
    run(host, [day.bar(minute, 24_130.0, **quiet) for minute in range(until - 9, until + 1)])
    return host


PYRAMIDS = {"ema5_pyramid": True, "vwap_pyramid": True}
WIDE = GapReading(bull=True, bear=False, inverse_bull=False, inverse_bear=False)


def pyramid(*, minute: int = 90, params: dict[str, Any] | None = None, **fields: Any) -> str:
    """Say what becomes of a later bar at 24,132 while the trade is held."""
    day = Day()
    host = holding(PYRAMIDS if params is None else params, day, minute - 1)
    far = {"vwap_eth": 24_050.0 * 4}
    return code(step(host, day.bar(minute, fields.pop("close", 24_132.0), **GOOD | far | fields)))


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ("EMA5_PYRAMID_P2", {}),
        ("EMA5_PYRAMID_P2", {"delta": -1, "fvg_bull": True}),
        ("in_position", {"delta": -1}),
        ("in_position", {"delta": -1, "gaps_15m": WIDE}),
        ("in_position", {"minute": 120}),
        ("EMA5_PYRAMID_P2", {"minute": 119}),
        ("in_position", {"minute": 82}),
        ("EMA5_PYRAMID_P2", {"minute": 83}),
        ("in_position", {"day_type": DayType.P_DAY}),
        ("EMA5_PYRAMID_P2", {"day_type": DayType.SUPER_TREND_UP}),
        ("EMA5_PYRAMID_P2", {"accepted_long": False}),
        ("in_position", {"confidence": sure(trend_up=0.374)}),
        ("EMA5_PYRAMID_P2", {"confidence": sure(trend_up=0.375)}),
        ("EMA5_PYRAMID_P2", {"pre_delta_sum10": -9_000, "of_score_long": 0}),
        ("in_position", {"close": 24_099.0}),
        ("in_position", {"close": 24_100.0, "low": 24_090.0, "vwap_eth": 24_095.0 * 4}),
        ("VWAP_PYRAMID_P2", {"close": 24_100.25, "low": 24_090.0, "vwap_eth": 24_095.0 * 4}),
        ("in_position", {"close": 24_120.0}),
        ("in_position", {"close": 24_170.0}),
        ("VWAP_PYRAMID_P2", {"close": 24_170.0, "vwap_eth": 24_150.0 * 4}),
        (
            "VWAP_PYRAMID_P2",
            {"close": 24_170.0, "vwap_eth": 24_150.0 * 4, "delta": -1, "gaps_15m": WIDE},
        ),
        ("in_position", {"params": {}}),
        ("in_position", {"params": {"vwap_pyramid": True}}),
        ("EMA5_PYRAMID_P2", {"params": {"ema5_pyramid": True}}),
        ("in_position", {"delta": 0}),
        ("VWAP_PYRAMID_P2", {"close": 24_170.0, "vwap_eth": 24_130.0 * 4}),
        ("in_position", {"close": 24_170.0, "vwap_eth": 24_129.75 * 4}),
        ("in_position", {"close": 24_170.0, "vwap_eth": 24_170.0 * 4}),
        ("in_position", {"close": 24_170.0, "vwap_eth": None}),
        (
            "VWAP_PYRAMID_P2",
            {
                "close": 24_170.0,
                "vwap_eth": 24_150.0 * 4,
                "params": {"vwap_pyramid": True},
            },
        ),
    ],
)
def test_a_pyramid_is_asked_only_where_switched_on(expected: str, fields: dict[str, Any]) -> None:
    """Before 11:30, in a trend of enough confidence, 12 bars on, above the IB, buyers or a gap.

    Near EMA 5, or across VWAP. Acceptance, order flow and the delta before are the entry's alone.
    """
    assert pyramid(**fields) == expected


@pytest.mark.parametrize(
    ("close", "expected"),
    [
        (24_113.5, "in_position"),
        (24_114.25, "EMA5_PYRAMID_P2"),
        (24_135.25, "EMA5_PYRAMID_P2"),
        (24_136.0, "in_position"),
    ],
)
def test_a_pyramid_lies_above_ema_5_and_within_its_reach(close: float, expected: str) -> None:
    """At EMA 5, and at 0.15 IB ranges above it, nothing is signalled; a step inside it is.

    Each bar moves the average by a third of its distance: with distances of whole triples of ticks
    it stays on a tick, at 24,113.5 before the last bar, which takes it 0, 0.25, 7.25 or 7.5 on.
    """
    host, day = solo(NAME, ema5_pyramid=True), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    step(host, day.bar(70, 24_110.0, **{**GOOD, "delta": -1}))
    assert code(step(host, day.bar(71, 24_110.5, **GOOD))) == TRADE
    list(host.on_message(position(NAME), UnixNanos(0)))
    run(host, [day.bar(72 + n, c, **GOOD) for n, c in enumerate((24_128.5, 24_128.5, 24_123.5))])
    assert code(step(host, day.bar(90, close, **GOOD))) == expected


def test_a_pyramid_waits_until_the_first_entry_has_filled() -> None:
    """An entry on its way holds nothing yet; the same bar is a pyramid once one contract filled."""
    for entered, expected in ((0, "in_position"), (1, "EMA5_PYRAMID_P2")):
        day = Day()
        host = holding(PYRAMIDS, day, entered=entered)
        far = {**GOOD, "vwap_eth": 24_050.0 * 4}
        assert code(step(host, day.bar(90, 24_132.0, **far))) == expected


def test_there_is_one_pyramid() -> None:
    """The count of two includes the entry; flat again, the rule starts anew without a pyramid."""
    day = Day()
    host = holding(PYRAMIDS, day)
    far = {**GOOD, "vwap_eth": 24_050.0 * 4}
    assert code(step(host, day.bar(90, 24_132.0, **far))) == "EMA5_PYRAMID_P2"
    assert code(step(host, day.bar(105, 24_133.0, **far))) == "in_position"
    closed = position(NAME, state=PositionState.CLOSED, quantity=Contracts(0))
    list(host.on_message(closed, UnixNanos(0)))
    assert code(step(host, day.bar(110, 24_110.0, **GOOD))) == TRADE


def test_a_pyramid_brings_its_adjustments_with_it() -> None:
    """An answer may signal an entry and manage the trade that is held."""
    day = Day()
    host = holding({**PYRAMIDS, "flat_at": "11:10"}, day)
    far = {**GOOD, "vwap_eth": 24_050.0 * 4}
    assert code(step(host, day.bar(90, 24_132.0, **far))) == "EMA5_PYRAMID_P2"
    answer = step(host, day.bar(100, 24_133.0, **far))
    assert [a.code for a in answer.adjustments] == ["FLAT_AT"]


def test_the_future_changes_nothing() -> None:
    """Answers up to a bar are the same whether or not later bars exist."""
    day = Day(**{key: value for key, value in GOOD.items() if key != "accepted_long"})
    bars: list[SessionUpdate] = [*day.opening_hour(24_000.0, 24_100.0)]
    bars += [
        day.bar(minute, 24_095.0 + minute * 7 % 23, accepted_long=minute > 64)
        for minute in range(61, 200)
    ]
    assert_causal(lambda: solo(NAME), bars, signals_min=4, cuts=(62, 66, 90, 150))
