"""Opening Range Reversal: a trade each way, a refusal per guard with its neighbour, causality."""

from typing import Any

import pytest

from services.domain.errors import ConfigError
from services.domain.instruments import to_ticks
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Confidence, Evaluation, Side
from tests.support.session_builder import ES, NQ, Day, points
from tests.support.worker_builder import assert_causal, code, minute, run, send, solo, step

SHORT, LONG = "OR_REVERSAL_SHORT", "OR_REVERSAL_LONG"
OPENING = (0, 5, 0, 5, 0, 20, 40, 60, 80, 90, 95, 100, 90, 80, 70)
"""Closes of 09:31 … 09:45 above 24,000: up to 24,100 in minute 12, no drive in the first five."""
LEVEL = 24_105.0


def ticks(price: float) -> int:
    """Write an NQ price in ticks."""
    return to_ticks(NQ, price)


def reversal_day(**fields: Any) -> Day:
    """Begin a day whose overnight high waits at 24,105 and whose VWAP stands at 24,040."""
    return Day(**{"overnight": points(23_800.0, LEVEL), "vwap_eth": ticks(24_040.0), **fields})


def opening(day: Day, closes: tuple[int, ...] = OPENING) -> list[SessionUpdate]:
    """Fold the first fifteen minutes; the first bar reaches down to 23,990."""
    first = day.bar(1, 24_000.0 + closes[0], low=23_990.0)
    return [first, *day.path([24_000.0 + close for close in closes[1:]], start=2)]


def reversal(
    *,
    minute: int = 16,
    close: float = 24_040.0,
    closes: tuple[int, ...] = OPENING,
    params: dict[str, Any] | None = None,
    between: tuple[tuple[int, float], ...] = (),
    day_fields: dict[str, Any] | None = None,
    **fields: Any,
) -> Evaluation:
    """Answer to one bar after the opening."""
    host = solo("opening_range_reversal", **(params or {}))
    day = reversal_day(**(day_fields or {}))
    run(host, opening(day, closes))
    for at_minute, price in between:
        step(host, day.bar(at_minute, price))
    return step(host, day.bar(minute, close, **{"delta": -10, **fields}))


def test_sells_a_failed_high_back_through_the_opening_range() -> None:
    """Stop 15 % of the range beyond the extreme, target 2 R, on tick; the level is reported."""
    (found,) = reversal().candidates
    assert (found.side, found.model) == (Side.SHORT, SHORT)
    # Range 23990–24100: stop 24100 + 16.5, risk 76.5, target 24040 − 153.
    assert (found.entry, found.stop) == (ticks(24_040.0), ticks(24_116.5))
    assert found.target == ticks(23_887.0)
    assert found.confidence is Confidence.HIGH
    assert found.wire_name == "OR Reversal"
    assert "extreme 24100.00 failed at overnight 24105.00" in found.reason
    assert {f.name: f.value for f in found.features}["distance_overnight_pt"] == 5.0


def test_buys_a_failed_low_in_the_mirror() -> None:
    """The same day upside down gives the mirrored trade."""
    day = Day(overnight=points(23_895.0, 24_200.0), vwap_eth=ticks(23_960.0))
    host = solo("opening_range_reversal")
    run(host, [day.bar(1, 24_000.0, high=24_010.0)])
    run(host, day.path([24_000.0 - close for close in OPENING[1:]], start=2))
    (found,) = step(host, day.bar(16, 23_960.0, delta=10)).candidates
    assert (found.side, found.model) == (Side.LONG, LONG)
    assert (found.stop, found.target) == (ticks(23_883.5), ticks(24_113.0))


@pytest.mark.parametrize(
    ("expected", "refused", "allowed"),
    [
        ("after_window", {"minute": 60, "params": {"reversal_bars_max": 99}}, {"minute": 16}),
        (
            "signals_max",
            {"between": ((16, 24_040.0),), "minute": 17, "day_fields": {"delta": -10}},
            {},
        ),
        ("at_or_mid", {"close": 24_045.0}, {"close": 24_044.75}),
        ("delta_against", {"delta": 0}, {"delta": -1}),
        ("delta_missing", {"delta": None}, {}),
        ("vwap_missing", {"vwap_eth": None}, {}),
        ("vwap_far", {"vwap_eth": ticks(24_058.75)}, {"vwap_eth": ticks(24_058.5)}),
        ("or_not_final", {"or15_final": False}, {}),
        ("or_missing", {"or15": None}, {}),
        ("degraded", {"degraded": ("or15_bars 13 of 15",)}, {}),
        ("historical", {"historical": True}, {}),
        ("levels_missing", {"overnight": None}, {"asia": points(23_900.0, LEVEL)}),
        (
            "level_not_swept",
            {"overnight": points(23_800.0, 24_118.75)},
            {"overnight": points(23_800.0, 24_118.5)},
        ),
        (
            "level_not_swept",
            {"overnight": points(23_800.0, 24_081.25)},
            {"overnight": points(23_800.0, 24_081.5)},
        ),
        ("risk_large", {"params": {"risk_eor_max": 0.69}}, {"params": {"risk_eor_max": 0.7}}),
        ("risk_small", {"params": {"risk_eor_min": 0.7}}, {"params": {"risk_eor_min": 0.69}}),
        (
            "eor_range_narrow",
            {"params": {"eor_range_pt_min": 110.25}},
            {"params": {"eor_range_pt_min": 110.0}},
        ),
        # 0.2 of the range of 110 points is 22; 0.7 is 77, from the stop at 24,116.50 to 24,039.50.
        (
            "vwap_far",
            {"vwap_eth": ticks(24_062.25), "params": {"vwap_tolerance_eor": 0.2}},
            {"vwap_eth": ticks(24_062.0), "params": {"vwap_tolerance_eor": 0.2}},
        ),
        (
            "risk_small",
            {"close": 24_039.75, "params": {"risk_eor_min": 0.7}},
            {"close": 24_039.5, "params": {"risk_eor_min": 0.7}},
        ),
        (
            "risk_large",
            {"close": 24_039.25, "params": {"risk_eor_max": 0.7}},
            {"close": 24_039.5, "params": {"risk_eor_max": 0.7}},
        ),
    ],
)
def test_each_guard_refuses_and_lets_its_neighbour_pass(
    expected: str, refused: dict[str, Any], allowed: dict[str, Any]
) -> None:
    """The refused case differs from the allowed one by one value."""
    assert code(reversal(**refused)) == expected
    assert code(reversal(**allowed)) == SHORT


def test_nothing_is_asked_before_the_opening_range_is_known() -> None:
    """The bar stamped 09:45 completes the range; 09:46 is the first to trade."""
    closes = (*OPENING[:12], 80, 60, 40)
    host, day = solo("opening_range_reversal"), reversal_day(delta=-10)
    answers = run(host, opening(day, closes))
    assert {code(answer) for answer in answers} == {"before_window"}
    assert code(step(host, day.bar(16, 24_040.0))) == SHORT


def test_the_last_entry_is_stamped_10_29() -> None:
    """Minute 59 is the last of the window; minute 60 is refused by the clock."""
    params: dict[str, object] = {"reversal_bars_max": 99}
    assert code(reversal(minute=59, params=params)) == SHORT
    assert code(reversal(minute=60, params=params)) == "after_window"


def test_a_set_up_expires_thirty_bars_after_its_extreme() -> None:
    """The extreme is minute 12: 41 may fire, 42 may not, whatever bars are missing."""
    assert code(reversal(minute=41)) == SHORT
    assert code(reversal(minute=42)) == "reversal_expired"


def test_a_late_bar_is_followed_too() -> None:
    """The bar of the extreme comes after its minute closed: its age still counts from minute 12."""
    for count, expected in ((41, SHORT), (42, "reversal_expired")):
        host, day = solo("opening_range_reversal"), reversal_day(delta=-10)
        bars = opening(day)
        late = bars.pop(11)
        run(host, bars[:11])
        assert send(host, minute(late, late=True), now=bars[11].close_ns) == []
        run(host, bars[11:])
        assert code(step(host, day.bar(count, 24_040.0))) == expected


def test_a_new_extreme_before_ten_begins_anew() -> None:
    """A higher high in minute 20 counts its age from there, with the level judged again."""
    assert code(reversal(between=((20, 24_110.0),), minute=49)) == SHORT
    far = {"overnight": points(23_800.0, 24_090.0)}
    assert code(reversal(day_fields=far)) == SHORT
    assert code(reversal(between=((20, 24_112.0),), day_fields=far, minute=22)) == "level_not_swept"


def test_the_bar_of_the_extreme_is_no_reversal() -> None:
    """High and reversal inside one bar have no known order."""
    assert code(reversal(high=24_100.25)) == "at_extreme"
    assert code(reversal(high=24_100.0)) == SHORT


def test_the_first_bar_after_the_extreme_may_be_the_reversal() -> None:
    """One bar later is later."""
    assert code(reversal(between=((20, 24_110.0),), minute=21)) == SHORT


def test_the_bar_stamped_ten_still_makes_an_extreme() -> None:
    """A higher high in minute 30 counts its age from there."""
    assert code(reversal(between=((30, 24_110.0),), minute=59)) == SHORT


def test_extremes_are_frozen_at_ten() -> None:
    """A higher high after 10:00 belongs to no opening range: age and stop stay."""
    answer = reversal(between=((35, 24_150.0),), minute=40)
    assert answer.candidates[0].stop == ticks(24_116.5)


def test_an_extreme_nobody_saw_has_no_age() -> None:
    """An object that begins at 10:05 without the morning's bars does not guess."""
    host, day = solo("opening_range_reversal"), reversal_day(delta=-10)
    updates = [*opening(day), day.bar(35, 24_040.0)]
    assert code(step(host, updates[-1])) == "drive_unknown"
    host = solo("opening_range_reversal", drive_filter=False)
    assert code(step(host, updates[-1])) == "extreme_unseen"


def test_a_one_sided_drive_is_not_faded() -> None:
    """Drive = (close 5 − open) / range of five: 6/16 may be sold, 8/18 not; or switched off."""
    assert code(reversal(closes=(0, 2, 4, 6, 6, *OPENING[5:]))) == SHORT
    assert code(reversal(closes=(0, 2, 4, 6, 8, *OPENING[5:]))) == "drive_against"
    # 8 of 20 is 0.4 exactly.
    assert code(reversal(closes=(0, 2, 4, 10, 8, *OPENING[5:]))) == SHORT
    off: dict[str, object] = {"drive_filter": False}
    assert code(reversal(closes=(0, 2, 4, 6, 8, *OPENING[5:]), params=off)) == SHORT


def level_of(answer: Evaluation) -> str:
    """Give the level an answer's reason reports."""
    return answer.candidates[0].reason.split(" failed at ")[1].split(",")[0]


def test_the_closest_level_is_reported_unless_priority_is_asked() -> None:
    """Overnight is five points away, yesterday's high two: closest takes yesterday's."""
    levels: dict[str, Any] = {"prior_high": ticks(24_102.0), "asia": points(23_900.0, 24_098.0)}
    assert level_of(reversal(**levels)) == "pd 24102.00"
    by_priority: dict[str, object] = {"level_choice": "priority"}
    assert level_of(reversal(params=by_priority, **levels)) == "overnight 24105.00"
    only: dict[str, object] = {"levels": ["london", "asia"]}
    assert level_of(reversal(params=only, **levels)) == "asia 24098.00"


@pytest.mark.parametrize(("away", "expected"), [(51.0, "level_not_swept"), (50.75, LONG)])
def test_a_level_at_exactly_the_tolerance_is_out_of_reach(away: float, expected: str) -> None:
    """0.17 of a range of 300 points is 51 points; nearer than that is signalled, not as near."""
    host, low = solo("opening_range_reversal"), 24_000.0
    day = Day(overnight=points(low - away, 25_000.0), vwap_eth=ticks(24_200.0), delta=10)
    run(host, [day.bar(1, low + 10, low=low, high=low + 300), *day.path([low + 10] * 14, start=2)])
    assert code(step(host, day.bar(16, 24_200.0))) == expected


def test_gap_and_fair_value_gap_are_recorded_and_gate_nothing() -> None:
    """Of the open against the prior close, and of the side of the trade."""
    (found,) = reversal(prior_close=ticks(23_950.0), fvg_bear=True, fvg_bull=False).candidates
    values = {feature.name: feature.value for feature in found.features}
    assert (values["gap_pt"], values["fvg"]) == (50.0, 1.0)
    (found,) = reversal(fvg_bear=False, fvg_bull=True).candidates
    values = {feature.name: feature.value for feature in found.features}
    assert ("gap_pt" in values, values["fvg"]) == (False, 0.0)


def test_penetration_needs_a_tick_beyond_the_level() -> None:
    """In this mode an extreme at the level is no sweep, one tick beyond is."""
    mode: dict[str, object] = {"sweep_mode": "penetrate"}
    at_level, below = points(23_800.0, 24_100.0), points(23_800.0, 24_099.75)
    answer = reversal(params=mode, overnight=at_level)
    assert answer.no_trade is not None
    assert answer.no_trade.code == "level_not_swept"
    assert "0.00 pt from overnight 24100.00, expected a tick beyond" in answer.no_trade.text
    assert code(reversal(params=mode, overnight=below)) == SHORT


def test_vwap_may_be_anchored_at_the_open() -> None:
    """With the anchor `rth` the session's own VWAP is judged."""
    anchored: dict[str, object] = {"vwap_anchor": "rth"}
    assert code(reversal(params=anchored)) == "vwap_missing"
    assert code(reversal(params=anchored, vwap_rth=ticks(24_040.0))) == SHORT


@pytest.mark.parametrize(("expected", "low"), [("eor_range_narrow", 5_998.0), (SHORT, 5_997.5)])
def test_other_instruments_scale_the_smallest_range(expected: str, low: float) -> None:
    """For ES the range must be 0.0004 of the price, about 2.4 points."""
    host = solo("opening_range_reversal", signal=ES)
    day = Day(ES, overnight=points(5_900.0, 6_000.25, ES), vwap_eth=to_ticks(ES, 5_998.75))
    run(host, [day.bar(1, 5_998.75, low=low), *day.path([5_998.75] * 5, start=2)])
    run(host, [day.bar(7, 6_000.0), *day.path([5_999.5] * 8, start=8)])
    assert code(step(host, day.bar(16, 5_998.5, delta=-1))) == expected


def test_the_future_changes_nothing() -> None:
    """Answers up to a bar are the same whether or not later bars exist."""
    day = reversal_day(delta=-10)
    later = [24_000.0 + (minute * 31 % 97) for minute in range(50)]
    bars = [*opening(day), *day.path(later, start=16)]
    assert_causal(
        lambda: solo("opening_range_reversal"), bars, signals_min=1, cuts=(10, 16, 20, 31, 45)
    )


def test_bounds_that_admit_nothing_are_refused() -> None:
    """The smallest risk must be below the largest."""
    with pytest.raises(ConfigError, match=r"risk_eor_min 1\.3 not below risk_eor_max 1\.3"):
        solo("opening_range_reversal", risk_eor_min=1.3)
