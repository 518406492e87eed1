"""Day types (spec B.9, default) and acceptance (B.8): every branch, and on a whole day."""

import pytest

from services.domain.messages.reading import Range
from services.domain.messages.session import DayType
from services.domain.units import Ticks
from services.state.acceptance import Acceptance
from services.state.config import DayTypeRules
from services.state.daytype import day_type, extensions
from tests.support.state import DAY, at, machine, play, session_bars, updates

IB = Range(Ticks(1_000), Ticks(1_100))
RULES = DayTypeRules()


def _day(up: int, down: int, close: int, rules: DayTypeRules = RULES) -> DayType | None:
    session = Range(Ticks(IB.low - down), Ticks(IB.high + up))
    return day_type(IB, session, Ticks(close), rules)


@pytest.mark.parametrize(
    ("up", "down", "close", "expected"),
    [
        (0, 0, 1_050, DayType.B_DAY),
        (20, 0, 1_050, DayType.B_DAY),
        (0, 20, 1_050, DayType.B_DAY),
        (21, 0, 1_050, DayType.P_DAY),
        (0, 21, 1_050, DayType.B_DAY_BEAR),
        (50, 9, 1_050, DayType.P_DAY),
        (51, 0, 1_050, DayType.P_DAY),
        (9, 51, 1_050, DayType.B_DAY_BEAR),
        (100, 0, 1_150, DayType.P_DAY),
        (101, 0, 1_150, DayType.TREND_UP),
        (200, 0, 1_150, DayType.TREND_UP),
        (201, 0, 1_150, DayType.SUPER_TREND_UP),
        (0, 101, 950, DayType.TREND_DOWN),
        (0, 200, 950, DayType.TREND_DOWN),
        (0, 201, 950, DayType.SUPER_TREND_DOWN),
        (10, 10, 1_050, DayType.NEUTRAL),
        (9, 10, 1_050, DayType.B_DAY),
        (100, 10, 1_190, DayType.NEUTRAL),
        (101, 50, 1_150, DayType.TREND_UP),
        (50, 101, 950, DayType.TREND_DOWN),
        (150, 150, 1_150, DayType.TREND_UP),
        (101, 0, 1_051, DayType.TREND_UP),
        (101, 0, 1_050, DayType.NEUTRAL),
        (201, 0, 1_049, DayType.NEUTRAL),
        (0, 101, 1_050, DayType.NEUTRAL),
        (0, 201, 1_051, DayType.NEUTRAL),
    ],
)
def test_every_branch(up: int, down: int, close: int, expected: DayType) -> None:
    """Ticks beyond an IB of 100 ticks name the day; a cut point itself belongs below."""
    assert _day(up, down, close) is expected


def test_documented_bands_call_the_lowest_extension_balance() -> None:
    """The option: 0.2 to 0.5 on either side is a B day."""
    rules = DayTypeRules(documented_bands=True)
    assert _day(21, 0, 1_050, rules) is DayType.B_DAY
    assert _day(0, 50, 1_050, rules) is DayType.B_DAY
    assert _day(51, 0, 1_050, rules) is DayType.P_DAY


def test_two_sided_needs_two_ticks() -> None:
    """On a tiny IB a tenth is less than two ticks: one tick on both sides is no neutral day."""
    tiny = Range(Ticks(1_000), Ticks(1_010))
    session = Range(Ticks(999), Ticks(1_011))
    assert day_type(tiny, session, Ticks(1_005), RULES) is DayType.B_DAY
    session = Range(Ticks(998), Ticks(1_012))
    assert day_type(tiny, session, Ticks(1_005), RULES) is DayType.NEUTRAL


def test_flat_balance_measures_nothing() -> None:
    """An IB without a range has no extensions and no type."""
    flat = Range(Ticks(1_000), Ticks(1_000))
    assert extensions(flat, Range(Ticks(990), Ticks(1_010))) is None
    assert day_type(flat, Range(Ticks(990), Ticks(1_010)), Ticks(1_000), RULES) is None


def test_a_day_is_named_when_its_balance_is_final_and_remembers_extremes() -> None:
    """Nothing before 10:30; a spike that came back still counts; nothing moves after 16:00."""

    def price(n: int) -> int:
        # 1,100 minutes after 18:00 is 12:20.
        return 40_400 if n == 1_100 else 40_000 + n % 60

    said = play(machine(), session_bars(DAY, price=price))
    assert at(said, "10:29").day_type is None
    assert at(said, "10:29").extension_up is None
    assert at(said, "10:30").day_type is DayType.B_DAY
    assert (at(said, "10:30").extension_up, at(said, "10:30").extension_down) == (0.0, 0.0)
    spike, after = at(said, "12:21"), at(said, "14:00")
    assert spike.day_type is DayType.SUPER_TREND_UP
    assert after.extension_up == spike.extension_up
    assert {u.day_type for u in updates(said) if u.close_ns > spike.close_ns} <= {
        DayType.SUPER_TREND_UP,
        DayType.NEUTRAL,
    }
    assert at(said, "17:00").day_type is at(said, "16:00").day_type
    assert at(said, "17:00").rth == at(said, "16:00").rth


def _accept(*closes: int) -> Acceptance:
    acceptance = Acceptance()
    for close in closes:
        acceptance.fold(Ticks(close), IB, long_closes=2, short_closes=3)
    return acceptance


def test_two_closes_above_are_accepted() -> None:
    """Two in a row, beyond the edge; a close at the edge counts for nothing."""
    assert not _accept(1_101).long
    assert not _accept(1_101, 1_100).long
    assert not _accept(1_101, 1_100, 1_101).long
    accepted = _accept(1_101, 1_102)
    assert (accepted.long, accepted.closes_above) == (True, 2)


def test_three_closes_below_are_accepted() -> None:
    """Three in a row for shorts."""
    assert not _accept(999, 998).short
    assert not _accept(999, 998, 1_000, 999).short
    accepted = _accept(999, 998, 997)
    assert (accepted.short, accepted.closes_below) == (True, 3)


def test_acceptance_is_lost_beyond_the_middle() -> None:
    """Inside and above the middle it stands, at the middle too; below it is gone."""
    assert _accept(1_101, 1_102, 1_060).long
    assert _accept(1_101, 1_102, 1_050).long
    assert not _accept(1_101, 1_102, 1_049).long
    assert not _accept(1_101, 1_102, 1_049, 1_101).long
    assert _accept(999, 998, 997, 1_050).short
    assert not _accept(999, 998, 997, 1_051).short


def test_closes_are_counted_from_the_bar_after_the_balance() -> None:
    """The bar stamped 10:30 is inside the IB; 10:31 is the first that counts."""

    def price(n: int) -> int:
        # 989 minutes after 18:01 is the bar stamped 10:30.
        return 40_000 + (500 if n > 989 else n % 9)

    said = play(machine(), session_bars(DAY, price=price))
    assert at(said, "10:30").closes_above_ib == 0
    assert (at(said, "10:31").closes_above_ib, at(said, "10:31").accepted_long) == (1, False)
    assert (at(said, "10:32").closes_above_ib, at(said, "10:32").accepted_long) == (2, True)
    assert at(said, "16:30").closes_above_ib == at(said, "16:00").closes_above_ib == 330
