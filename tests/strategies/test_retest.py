"""The retest of half the way: a trade each way, a refusal per condition with its neighbour."""

from typing import Any

import pytest

from services.domain.instruments import to_ticks
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Evaluation, Side
from services.strategies.host import Host
from tests.support.session_builder import NQ, Day, points
from tests.support.worker_builder import assert_causal, code, run, solo, step

SHORT, LONG = "OR_REVERSAL_SHORT", "OR_REVERSAL_LONG"
OPENING = (0, 5, 0, 5, 0, 20, 40, 60, 80, 90, 95, 100, 90, 80, 70)
"""Closes of 09:31 … 09:45 above 24,000: the extreme, 24,100, is minute 12; the middle is 24,045."""
WAY = (40, 0, 30, 55)
"""Minutes 16 … 19: beyond the middle, the furthest close, and back past half the way, 24,050."""


def ticks(price: float) -> int:
    """Write an NQ price in ticks."""
    return to_ticks(NQ, price)


def waiting(**params: Any) -> Host:
    """Make a host whose reversals wait for their retest."""
    return solo("opening_range_reversal", entry_mode="retest50", **params)


def morning(*, sign: int = 1, way: tuple[float, ...] = WAY, **fields: Any) -> tuple[Day, list[Any]]:
    """Give the bars up to minute 19; upside down with a sign of −1."""
    edge = points(23_800.0, 24_105.0) if sign > 0 else points(23_895.0, 24_200.0)
    day = Day(**{"overnight": edge, "atr14_1m": 40.0, "delta": 0, **fields})
    beyond = {"low": 23_990.0} if sign > 0 else {"high": 24_010.0}
    first = day.bar(1, 24_000.0, **beyond)
    closes = [24_000.0 + sign * close for close in (*OPENING[1:], *way)]
    return day, [first, *day.path(closes, start=2)]


def retest(
    *,
    close: float = 24_048.0,
    way: tuple[float, ...] = WAY,
    minute: int = 20,
    params: dict[str, Any] | None = None,
    day_fields: dict[str, Any] | None = None,
    **fields: Any,
) -> Evaluation:
    """Answer to the bar after the way back: it closes near half the way and lower than before."""
    host = waiting(**(params or {}))
    day, bars = morning(way=way, **(day_fields or {}))
    run(host, bars)
    return step(host, day.bar(minute, close, **{"delta": -1, "vwap_eth": close * 4, **fields}))


def test_sells_the_failed_retest_of_a_failed_high() -> None:
    """Stop two ATR of one minute above the entry, target 2 R."""
    (found,) = retest().candidates
    assert (found.side, found.model, found.entry) == (Side.SHORT, SHORT, ticks(24_048.0))
    assert (found.stop, found.target) == (ticks(24_068.0), ticks(24_008.0))
    assert "overnight 24105.00" in found.reason
    assert "close 24048.00 turned at half the way 24050.00 to 24000.00" in found.reason


def test_buys_in_the_mirror() -> None:
    """The same morning upside down."""
    host = waiting()
    day, bars = morning(sign=-1)
    run(host, bars)
    (found,) = step(host, day.bar(20, 23_952.0, delta=1, vwap_eth=23_952.0 * 4)).candidates
    assert (found.side, found.model) == (Side.LONG, LONG)
    assert (found.stop, found.target) == (ticks(23_932.0), ticks(23_992.0))


def test_it_is_off_by_default() -> None:
    """The shipped strategy enters on the reversal itself, and needs VWAP for it."""
    day, bars = morning(delta=-1)
    answers = run(solo("opening_range_reversal"), bars)
    assert {code(answer) for answer in answers[15:17]} == {"vwap_missing"}
    assert code(step(solo("opening_range_reversal"), day.bar(20, 24_048.0))) != SHORT


@pytest.mark.parametrize(
    ("expected", "refused", "allowed"),
    [
        # Without a close beyond the middle only the long has reversed, whose low is at no level.
        ("level_not_swept", {"way": (55, 45, 70, 80), "close": 24_072.0},
         {"way": (55, 44.75, 70, 80), "close": 24_072.0}),
        ("still_reversing", {"way": (44, 44, 44, 44), "close": 24_043.0, "atr14_1m": 240.0},
         {"way": (44, 43, 44, 44), "close": 24_043.0, "atr14_1m": 240.0}),
        ("retest_far", {"close": 24_044.75}, {"close": 24_045.0}),
        ("retest_far", {"way": (*WAY[:3], 60), "close": 24_055.25},
         {"way": (*WAY[:3], 60), "close": 24_055.0}),
        ("atr_missing", {"atr14_1m": None}, {}),
        # The range is 110 points: VWAP may lie 18.70 away.
        ("vwap_far", {"vwap_eth": 24_066.75 * 4}, {"vwap_eth": 24_066.5 * 4}),
        ("vwap_far", {"vwap_eth": 24_029.25 * 4}, {"vwap_eth": 24_029.5 * 4}),
        ("vwap_missing", {"vwap_eth": None}, {}),
        ("not_turned", {"way": (*WAY[:3], 48)}, {"way": (*WAY[:3], 48.25)}),
        ("flow_against", {"delta": 0}, {"delta": -1}),
        ("flow_against", {"delta": None}, {"delta": None, "cvd_rth": -1}),
        ("flow_against", {"delta": 1, "cvd_rth": 0}, {"delta": 1, "cvd_rth": -1}),
        ("flow_against", {"delta": 1, "cvd_rth": None}, {"delta": -1, "cvd_rth": None}),
        # The range is 110 points: the risk of two ATR may be 3.30 to 143 points.
        ("risk_small", {"close": 24_050.0, "atr14_1m": 6.0}, {"close": 24_050.0, "atr14_1m": 7.0}),
        ("risk_large", {"atr14_1m": 287.0}, {"atr14_1m": 286.0}),
        ("reversal_expired", {"minute": 42}, {"minute": 41}),
        ("after_window", {"minute": 60}, {}),
        ("level_not_swept", {"overnight": points(23_800.0, 24_118.75)},
         {"overnight": points(23_800.0, 24_118.5)}),
        ("degraded", {"degraded": ("or15_bars 13 of 15",)}, {}),
    ],
)  # fmt: skip
def test_each_condition_refuses_and_lets_its_neighbour_pass(
    expected: str, refused: dict[str, Any], allowed: dict[str, Any]
) -> None:
    """The refused case differs from the allowed one by the least step of one value."""
    assert code(retest(**refused)) == expected
    assert code(retest(**allowed)) == SHORT


@pytest.mark.parametrize("vwap", [None, 24_066.75 * 4, 24_029.25 * 4, 1.0])
def test_a_retest_without_its_parents_vwap_is_an_option(vwap: float | None) -> None:
    """`retest_needs_vwap = false`: VWAP far off or unknown refuses nothing; delta is no guard."""
    params = {"retest_needs_vwap": False}
    assert code(retest(vwap_eth=vwap, params=params)) == SHORT
    assert code(retest(vwap_eth=vwap, params=params, delta=0)) == "flow_against"
    assert code(retest(vwap_eth=vwap)) in {"vwap_far", "vwap_missing"}


def test_the_way_back_is_measured_from_the_lowest_close_of_the_reversal() -> None:
    """A close of 24,000 moves the half to 24,050; a low under it, or a higher close later, not."""
    for way, place in (((40, 0, 30, 55), "24050.00 to 24000.00"), ((40, 6, 30, 55), "24053.00 to")):
        (found,) = retest(way=way).candidates
        assert place in found.reason


def test_cumulative_delta_is_measured_from_the_bar_of_the_extreme() -> None:
    """What was bought after it counts against a short, also where the bar itself is sold."""
    for now, expected in ((500, "flow_against"), (499, SHORT)):
        assert code(retest(day_fields={"cvd_rth": 500}, delta=1, cvd_rth=now)) == expected


def test_a_new_extreme_begins_the_way_anew() -> None:
    """A higher high in minute 18 forgets the closes before it: only the long has reversed."""
    assert code(retest(way=(40, 0, 101, 55))) == "level_not_swept"
    assert code(retest(way=(40, 0, 100, 55))) == SHORT


def test_a_one_sided_drive_is_not_faded_unless_switched_off() -> None:
    """The filter holds here too; the source of the variant had none."""
    closes = [24_000.0 + close for close in (2, 4, 6, 8, *OPENING[5:], *WAY)]
    cases: list[tuple[dict[str, object], str]]
    cases = [({}, "drive_against"), ({"drive_filter": False}, SHORT)]
    for params, expected in cases:
        host = waiting(**params)
        day = Day(overnight=points(23_800.0, 24_105.0), atr14_1m=40.0, vwap_eth=24_048.0 * 4)
        run(host, [day.bar(1, 24_000.0, low=23_990.0), *day.path(closes, start=2)])
        assert code(step(host, day.bar(20, 24_048.0, delta=-1))) == expected


def test_nothing_is_asked_before_any_close_beyond_the_middle() -> None:
    """An opening that stays on one side of its middle has reversed nowhere."""
    host, day = waiting(), Day(overnight=points(23_800.0, 24_105.0), atr14_1m=40.0, delta=0)
    run(host, [day.bar(1, 24_000.0, low=23_990.0, high=24_100.0)])
    answers = run(host, day.path([24_045.0] * 15, start=2))
    assert code(answers[-1]) == "not_reversed"


def test_there_is_one_entry_a_session() -> None:
    """Unless more are allowed."""
    for most, expected in ((1, "signals_max"), (2, SHORT)):
        host = waiting(signals_max=most)
        day, bars = morning(vwap_eth=24_048.0 * 4)
        run(host, bars)
        assert code(step(host, day.bar(20, 24_048.0, delta=-1))) == SHORT
        assert code(step(host, day.bar(21, 24_047.0, delta=-1))) == expected


def test_the_future_changes_nothing() -> None:
    """Answers up to a bar are the same whether or not later bars exist."""
    day, bars = morning(delta=-1, atr14_1m=120.0, vwap_eth=24_050.0 * 4)
    later: list[SessionUpdate] = day.path(
        [24_050.0 + minute * 13 % 41 - 20 for minute in range(20)], start=20
    )
    assert_causal(
        lambda: waiting(signals_max=100), [*bars, *later], signals_min=3, cuts=(16, 20, 23, 30, 35)
    )
