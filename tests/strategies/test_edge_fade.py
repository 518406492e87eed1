"""Edge Fade: one trade, one refusal per guard with its allowed neighbour, causality."""

from typing import Any

import msgspec
import pytest

from services.domain.errors import ConfigError
from services.domain.messages.risk import Position, PositionState
from services.domain.messages.session import DayType, SessionUpdate
from services.domain.messages.strategy import Confidence, Side
from services.domain.units import MICROS_PER_USD, Contracts, MicroUsd, UnixNanos
from tests.support.session_builder import ES, NQ, Day
from tests.support.worker_builder import assert_causal, code, position, run, solo, step

TRADE = "EDGE_TO_MID"


def at_the_edge(
    *,
    ib: tuple[float, float] = (24_000.0, 24_100.0),
    minute: int = 61,
    close: float = 24_010.0,
    contract: str = NQ,
    params: dict[str, Any] | None = None,
    **fields: Any,
) -> str:
    """Say what becomes of one bar after an opening hour."""
    host, day = solo("edge_fade", signal=contract, **(params or {})), Day(contract)
    run(host, day.opening_hour(*ib))
    return code(step(host, day.bar(minute, close, **fields)))


def test_buys_the_lower_edge_of_a_moderate_initial_balance() -> None:
    """Stop IBL − 0.15·IBR, target the IB's middle, both on tick; medium without confirmation."""
    host, day = solo("edge_fade"), Day()
    run(host, day.opening_hour(24_000.0, 24_100.25))
    answer = step(host, day.bar(61, 24_010.0))
    (found,) = answer.candidates
    assert found.side is Side.LONG
    assert found.entry == 24_010 * 4
    # 24000 − 15.0375 is 23984.9625, one tick lower 23984.75; the middle 24050.125 becomes 24050.00.
    assert (found.stop, found.target) == (23_984.75 * 4, 24_050.00 * 4)
    assert found.confidence is Confidence.MEDIUM
    assert (found.contract, found.order_contract) == ("NQ 03-26", "MNQ 03-26")
    assert found.wire_name == "Edge Fade"
    assert "close 24010.00 in the lower 25% of IB 24000.00–24100.25" in found.reason
    assert answer.no_trade is None


@pytest.mark.parametrize(
    ("expected", "refused", "allowed"),
    [
        ("after_window", {"minute": 240}, {"minute": 239}),
        ("ib_not_final", {"ib_final": False}, {}),
        ("ib_not_usable", {"ib_usable": False}, {}),
        (
            "ib_range_narrow",
            {"ib": (24_000.0, 24_049.75), "close": 24_005.0},
            {"ib": (24_000.0, 24_050.0), "close": 24_005.0},
        ),
        ("ib_range_wide", {"ib": (24_000.0, 24_200.25)}, {"ib": (24_000.0, 24_200.0)}),
        ("bearish_extension", {"low": 23_970.0}, {"low": 23_970.25}),
        ("bearish_extension", {"extension_down": None}, {}),
        ("day_type", {"day_type": DayType.P_DAY}, {"day_type": DayType.NEUTRAL}),
        ("day_type", {"day_type": DayType.B_DAY_BEAR}, {"day_type": DayType.B_DAY}),
        ("day_type", {"day_type": None}, {}),
        ("below_zone", {"close": 24_000.0}, {"close": 24_000.25}),
        (
            "above_zone",
            {"close": 24_025.0, "params": {"reward_risk_min": 0.5}},
            {"close": 24_024.75, "params": {"reward_risk_min": 0.5}},
        ),
        ("delta_missing", {"delta": None}, {}),
        ("delta_negative", {"delta": 0}, {"delta": 1}),
        ("order_flow_weak", {"of_score_long": 1}, {"of_score_long": 2}),
        ("order_flow_weak", {"of_score_long": None}, {}),
        ("reward_risk", {"close": 24_017.75}, {"close": 24_017.5}),
        ("risk_large", {"params": {"risk_pt_max": 24.75}}, {"params": {"risk_pt_max": 25.0}}),
        ("degraded", {"degraded": ("ib_bars 40 of 60",)}, {"notes": ("late peer",)}),
        ("historical", {"historical": True}, {"historical": False}),
    ],
)
def test_each_guard_refuses_and_lets_its_neighbour_pass(
    expected: str, refused: dict[str, Any], allowed: dict[str, Any]
) -> None:
    """The refused case differs from the allowed one by the least step of one value."""
    assert at_the_edge(**refused) == expected
    assert at_the_edge(**allowed) == TRADE


def test_the_window_opens_after_the_initial_balance() -> None:
    """The bar stamped 10:30 belongs to the IB; the one stamped 10:31 is the first to trade."""
    host, day = solo("edge_fade"), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0)[:59])
    assert code(step(host, day.bar(60, 24_010.0))) == "before_window"
    assert code(step(host, day.bar(61, 24_010.0))) == TRADE


def test_nothing_is_entered_from_the_hour_of_leaving_on() -> None:
    """`flat_at` and an early close end the window too, whatever `last_entry` says."""
    early: dict[str, Any] = {"flat_at": "11:00"}
    assert at_the_edge(minute=89, params=early) == TRADE
    assert at_the_edge(minute=90, params=early) == "after_window"
    for minute, expected in ((208, TRADE), (209, "after_window")):
        host, day = solo("edge_fade"), Day(trade_date="2025-01-20")
        run(host, day.opening_hour(24_000.0, 24_100.0))
        assert code(step(host, day.bar(minute, 24_010.0))) == expected


def test_an_overnight_bar_is_outside_regular_hours() -> None:
    """Before 09:30 the answer names the hours, not a missing range."""
    assert code(step(solo("edge_fade"), Day().bar(-30, 24_010.0))) == "outside_rth"


@pytest.mark.parametrize(
    ("expected", "high"),
    [
        ("ib_range_narrow", 6_009.75),
        (TRADE, 6_010.0),
        (TRADE, 6_045.0),
        ("ib_range_wide", 6_045.25),
    ],
)
def test_other_instruments_use_the_scaled_range(expected: str, high: float) -> None:
    """For ES the bounds are 0.2 and 0.9 of the median of 20 sessions, here 50 points."""
    ib, median = (6_000.0, high), 50.0 * 4
    found = at_the_edge(ib=ib, close=6_001.0, contract=ES, ib_range_median20=median)
    assert found == expected


def test_the_scaled_range_needs_its_median() -> None:
    """A value that is not known is never guessed."""
    ib = (6_000.0, 6_020.0)
    assert at_the_edge(ib=ib, close=6_002.0, contract=ES) == "ib_median_missing"


def test_cooldown_runs_for_twenty_minutes_of_the_session() -> None:
    """Nineteen minutes are too few, twenty enough; missing bars do not stretch them."""
    for minute, expected in ((80, "cooldown"), (81, TRADE)):
        host, day = solo("edge_fade"), Day()
        run(host, day.opening_hour(24_000.0, 24_100.0))
        assert code(step(host, day.bar(61, 24_010.0))) == TRADE
        assert code(step(host, day.bar(minute, 24_010.0))) == expected


def test_an_ask_that_fails_its_bracket_begins_no_cooldown() -> None:
    """A set-up with too little reward was never signalled."""
    host, day = solo("edge_fade"), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    assert code(step(host, day.bar(61, 24_020.0))) == "reward_risk"
    assert code(step(host, day.bar(62, 24_010.0))) == TRADE


def test_a_historical_set_up_begins_the_cooldown() -> None:
    """A desk that joins late behaves as if it had been there."""
    host, day = solo("edge_fade"), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    assert code(step(host, day.bar(61, 24_010.0, historical=True))) == "historical"
    assert code(step(host, day.bar(62, 24_010.0))) == "cooldown"


def closed(name: str, *, usd: float, exit_code: str = "TARGET", **fields: Any) -> Position:
    """Make a finished trade."""
    realised = MicroUsd(round(usd * MICROS_PER_USD))
    state = PositionState.CLOSED
    held = position("edge_fade", position_id=name, state=state, quantity=Contracts(0))
    return msgspec.structs.replace(held, realised=realised, exit_code=exit_code, **fields)


@pytest.mark.parametrize(
    ("expected", "trades"),
    [
        (TRADE, [closed("a", usd=-50, exit_code="STOP")]),
        ("stops_max", [closed(n, usd=-50, exit_code="STOP") for n in "ab"]),
        (TRADE, [closed("a", usd=-399.99, exit_code="EOD")]),
        ("loss_max", [closed("a", usd=-400, exit_code="EOD")]),
        (TRADE, [closed("a", usd=-500, exit_code="EOD"), closed("b", usd=101)]),
        (TRADE, [closed(n, usd=10) for n in "abc"]),
        ("trades_max", [closed(n, usd=10) for n in "abcd"]),
        (TRADE, [closed(n, usd=0, entered=Contracts(0)) for n in "abcd"]),
        (TRADE, [closed(n, usd=-500, trade_date="2026-02-09") for n in "abcd"]),
    ],
)
def test_a_session_ends_by_stops_loss_or_trades(expected: str, trades: list[Position]) -> None:
    """Two stops, $400 lost or four trades; no unfilled entry and no other session counts."""
    host, day = solo("edge_fade"), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    for trade in trades:
        assert list(host.on_message(trade, trade.signal_ns)) == []
    assert code(step(host, day.bar(61, 24_010.0))) == expected


def reclaim(
    *, below: int = 2, low: float = 23_985.0, close: float = 24_010.0, **fields: Any
) -> str:
    """Say what becomes of a bar that comes back over the IB low, the breakdown switched on."""
    params = {"failed_breakdown": True, **fields.pop("params", {})}
    host, day = solo("edge_fade", **params), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    step(host, day.bar(80, 23_990.0, low=low, closes_below_ib=below))
    given = {"pre_delta_sum10": 0, "day_type": DayType.P_DAY, **fields}
    return code(step(host, day.bar(81, close, **given)))


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ("FAILED_BREAKDOWN", {}),
        ("day_type", {"params": {"failed_breakdown": False}}),
        (TRADE, {"day_type": DayType.B_DAY}),
        ("day_type", {"below": 1}),
        ("day_type", {"close": 24_000.0}),
        ("FAILED_BREAKDOWN", {"close": 24_026.5}),
        ("reward_risk", {"close": 24_026.75}),
        ("day_type", {"close": 24_050.0}),
        ("day_type", {"delta": 0}),
        ("day_type", {"of_score_long": 1}),
        ("FAILED_BREAKDOWN", {"pre_delta_sum10": -800}),
        ("day_type", {"pre_delta_sum10": -801}),
        ("day_type", {"pre_delta_sum10": None}),
    ],
)
def test_the_failed_breakdown_is_asked_only_where_switched_on(
    expected: str, fields: dict[str, Any]
) -> None:
    """Two closes below, back above under the middle, buyers, little selling before, R:R 0.5."""
    assert reclaim(**fields) == expected


@pytest.mark.parametrize("kind", [*DayType, None])
def test_the_failed_breakdown_is_no_trade_on_a_trend_day_down(kind: DayType | None) -> None:
    """On every other type it is; where the edge may be faded, that goes before."""
    expected = "FAILED_BREAKDOWN"
    if kind in (DayType.TREND_DOWN, DayType.SUPER_TREND_DOWN):
        expected = "day_type"
    elif kind in (DayType.B_DAY, DayType.NEUTRAL):
        expected = TRADE
    assert reclaim(day_type=kind) == expected


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ("FAILED_BREAKDOWN", {"extension_down": 0.9}),
        ("ib_range_wide", {"params": {"ib_range_pt_max": 99.75}}),
        ("FAILED_BREAKDOWN", {"params": {"ib_range_pt_max": 100.0}}),
        ("ib_range_narrow", {"params": {"ib_range_pt_min": 100.25}}),
        ("FAILED_BREAKDOWN", {"params": {"ib_range_pt_min": 100.0}}),
    ],
)
def test_the_failed_breakdown_asks_for_the_range_and_not_for_the_extension(
    expected: str, fields: dict[str, Any]
) -> None:
    """The break is an extension; a range the fade refuses is refused here too."""
    assert reclaim(**fields) == expected


def test_the_failed_breakdown_waits_for_the_cool_down_and_the_sessions_limits() -> None:
    """Nineteen minutes after a signal nothing is signalled, twenty after; two stops end both."""
    fields: dict[str, Any] = {"pre_delta_sum10": 0, "day_type": DayType.P_DAY}
    for minute, stops, expected in (
        (100, 0, "day_type"),
        (101, 0, "FAILED_BREAKDOWN"),
        (101, 1, "FAILED_BREAKDOWN"),
        (101, 2, "day_type"),
    ):
        host, day = solo("edge_fade", failed_breakdown=True), Day()
        run(host, day.opening_hour(24_000.0, 24_100.0))
        step(host, day.bar(80, 23_990.0, low=23_985.0, closes_below_ib=2))
        assert code(step(host, day.bar(81, 24_010.0, **fields))) == "FAILED_BREAKDOWN"
        for number in range(stops):
            stopped = closed(f"p{number}", usd=-50, exit_code="STOP")
            list(host.on_message(stopped, UnixNanos(0)))
        step(host, day.bar(minute - 1, 23_990.0, low=23_985.0, closes_below_ib=2))
        assert code(step(host, day.bar(minute, 24_010.0, **fields))) == expected


def test_the_failed_breakdown_stops_below_the_session() -> None:
    """Session low − 0.05·IBR: 23,985 − 5; target the IB's middle."""
    host, day = solo("edge_fade", failed_breakdown=True), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    step(host, day.bar(80, 23_990.0, low=23_985.0, closes_below_ib=2))
    fields: dict[str, Any] = {"pre_delta_sum10": 0, "day_type": DayType.P_DAY}
    (found,) = step(host, day.bar(81, 24_010.0, **fields)).candidates
    assert (found.stop, found.target) == (23_980 * 4, 24_050 * 4)


def confirmed(closes: list[float], **fields: Any) -> tuple[Confidence, str]:
    """Grade the last of some closes after an opening hour of 24,000–24,100."""
    host, day = solo("edge_fade", cooldown_bars=0), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    *before, last = closes
    run(host, day.path(before, start=61))
    (found,) = step(host, day.bar(61 + len(before), last, **fields)).candidates
    return found.confidence, found.reason


@pytest.mark.parametrize("name", ["fvg_bull", "ifvg_bull"])
def test_a_gap_confirms(name: str) -> None:
    """Either fair-value gap lifts the confidence to high."""
    grade, reason = confirmed([24_010.0], **{name: True})
    assert grade is Confidence.HIGH
    assert f"confirmed by {name}" in reason


def test_rising_volume_delta_at_a_low_price_confirms() -> None:
    """CVD above its value two bars ago, with the close low in the range of ten bars."""
    assert "cvd_divergence" in confirmed([24_010.0], cvd_rth=1)[1]
    assert "without a confirmation" in confirmed([24_010.0], cvd_rth=0)[1]
    assert "without a confirmation" in confirmed([24_010.0], cvd_rth=None)[1]


def test_the_lower_part_ends_at_two_fifths_of_ten_bars() -> None:
    """Ten bars between 24,000 and 24,040: 24,016 is in it, a tick more is not."""
    before = [24_040.0, 24_040.0, *[24_000.0] * 7, 24_030.0]
    assert "cvd_divergence" in confirmed([*before, 24_016.0], cvd_rth=1)[1]
    assert "cvd_divergence" not in confirmed([*before, 24_016.25], cvd_rth=1)[1]


def test_bounds_that_admit_nothing_are_refused() -> None:
    """The smallest range must be below the largest."""
    with pytest.raises(ConfigError, match=r"ib_range_pt_min 200\.0 not below ib_range_pt_max"):
        solo("edge_fade", ib_range_pt_min=200.0)


def test_five_minutes_down_then_five_up_confirm() -> None:
    """Blocks go by the clock from 10:30: minutes 61–65 and 66–70, read once both closed."""
    down_up = [24_030.0, 24_025.0, 24_020.0, 24_010.0, 24_004.0, *[24_006.0] * 4]
    assert "blocks_turn_up" in confirmed([*down_up, 24_010.0])[1]
    assert "without a confirmation" in confirmed([*down_up[:-1], 24_010.0])[1]
    assert "without a confirmation" in confirmed([*[24_010.0] * 9, 24_010.0])[1]
    # The first block opens at 24,050, where the hour closed: back there it is flat, not down.
    flat_up = [24_030.0] * 4 + [24_050.0, 24_004.0, 24_006.0, 24_006.0, 24_006.0]
    assert "without a confirmation" in confirmed([*flat_up, 24_010.0])[1]


def test_the_last_minute_of_the_opening_hour_is_in_no_block() -> None:
    """Down at 10:30 and up until 10:35 is one block, not two."""
    host, day = solo("edge_fade"), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0)[:59])
    step(host, day.bar(60, 24_001.0))
    (found,) = step(host, day.bar(65, 24_010.0)).candidates
    assert "without a confirmation" in found.reason


def test_a_missing_block_is_not_skipped_over() -> None:
    """Down, nothing for five minutes, up: not two blocks in a row."""
    host, day = solo("edge_fade", cooldown_bars=0), Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    run(host, day.path([24_030.0, 24_025.0, 24_020.0, 24_010.0, 24_004.0], start=61))
    (found,) = step(host, day.bar(75, 24_010.0)).candidates
    assert "without a confirmation" in found.reason


def test_the_future_changes_nothing() -> None:
    """Answers up to a bar are the same whether or not later bars exist."""
    bars: list[SessionUpdate] = []
    day = Day()
    bars += day.opening_hour(24_000.0, 24_100.0)
    bars += day.path([24_010.0 + (minute * 7 % 23) for minute in range(120)], start=61)
    assert_causal(lambda: solo("edge_fade"), bars, signals_min=1, cuts=(61, 75, 90, 130))
