"""Day types (spec B.9, default) on thirty drawn days: every branch, strength and sub-type."""

from random import Random

import pytest
from msgspec.structs import replace

from services.domain.messages.reading import DayStrength, DaySubType
from services.domain.messages.session import DayType, SessionCarry, SessionUpdate
from services.domain.units import Ticks, UnixNanos
from services.state.config import DayTypeRules, StateConfig
from services.state.machine import SessionMachine
from tests.support.drawn_day import HIGH, LOW, drawn, opening_hour, read
from tests.support.state_builder import DAY, NQ, at, machine, play, session_bars, updates

MIDDLE = (LOW + HIGH) // 2
WEAK, MODERATE = DayStrength.WEAK, DayStrength.MODERATE
STRONG, SUPER = DayStrength.STRONG, DayStrength.SUPER
NORMAL, VARIATION = DaySubType.NORMAL, DaySubType.NORMAL_VARIATION
TREND, FAILED = DaySubType.TREND, DaySubType.FAILED_TREND
DOUBLE = DaySubType.DOUBLE_DISTRIBUTION
CENTER, EXTREME = DaySubType.NEUTRAL_CENTER, DaySubType.NEUTRAL_EXTREME

# Ticks above the IB, ticks below it, close above the IB low; the IB is 100 ticks wide. Down to a
# low at 13:00 the line is crossed once: its rows part the morning's TPOs from the afternoon's.
DAYS = {
    "balance": ((0, 0, 50), DayType.B_DAY, WEAK, NORMAL),
    "a fifth above belongs to balance": ((20, 0, 50), DayType.B_DAY, WEAK, NORMAL),
    "a fifth below belongs to balance": ((0, 20, 50), DayType.B_DAY, WEAK, NORMAL),
    "balance that closed outside": ((20, 0, 110), DayType.B_DAY, MODERATE, NORMAL),
    "nearly two-sided is balance without a name": ((20, 9, 50), DayType.B_DAY, WEAK, None),
    "more than a fifth above": ((21, 0, 50), DayType.P_DAY, WEAK, VARIATION),
    "more than a fifth below": ((0, 21, 50), DayType.B_DAY_BEAR, WEAK, VARIATION),
    "half above": ((50, 0, 120), DayType.P_DAY, STRONG, VARIATION),
    "less than half above": ((49, 0, 120), DayType.P_DAY, MODERATE, VARIATION),
    "more than half above": ((51, 0, 120), DayType.P_DAY, STRONG, VARIATION),
    "more than half below": ((0, 51, -20), DayType.B_DAY_BEAR, STRONG, VARIATION),
    "the larger side is above": ((51, 9, 50), DayType.P_DAY, WEAK, VARIATION),
    "the larger side is below": ((9, 51, 50), DayType.B_DAY_BEAR, WEAK, VARIATION),
    "one range above is no trend": ((100, 0, 180), DayType.P_DAY, STRONG, VARIATION),
    "one range below is no trend": ((0, 100, -80), DayType.B_DAY_BEAR, STRONG, VARIATION),
    "trend up": ((101, 0, 180), DayType.TREND_UP, STRONG, TREND),
    "trend down": ((0, 101, -80), DayType.TREND_DOWN, STRONG, DOUBLE),
    "strong becomes super at one and a half": ((150, 0, 180), DayType.TREND_UP, SUPER, TREND),
    "two ranges above": ((200, 0, 250), DayType.TREND_UP, SUPER, TREND),
    "super trend up": ((201, 0, 250), DayType.SUPER_TREND_UP, SUPER, TREND),
    "super trend down": ((0, 201, -150), DayType.SUPER_TREND_DOWN, SUPER, DOUBLE),
    "a trend's close inside is weak": ((101, 0, 51), DayType.TREND_UP, WEAK, TREND),
    "a trend up fails at the middle": ((101, 0, 50), DayType.NEUTRAL, WEAK, FAILED),
    "a super trend up fails": ((201, 5, -5), DayType.NEUTRAL, SUPER, FAILED),
    "a trend down fails at the middle": ((0, 101, 50), DayType.NEUTRAL, WEAK, FAILED),
    "a super trend down fails": ((0, 201, 51), DayType.NEUTRAL, WEAK, FAILED),
    "neutral, closed in the middle": ((10, 10, 50), DayType.NEUTRAL, WEAK, CENTER),
    "neutral, closed outside": ((100, 10, 190), DayType.NEUTRAL, STRONG, EXTREME),
    "neutral, closed in the lowest fifth": ((50, 50, -10), DayType.NEUTRAL, STRONG, EXTREME),
    "neutral, just above the lowest fifth": ((60, 40, 1), DayType.NEUTRAL, WEAK, CENTER),
    "neutral, at the highest fifth": ((15, 10, 90), DayType.NEUTRAL, WEAK, EXTREME),
    "two-sided, the upper side a trend": ((101, 50, 180), DayType.TREND_UP, STRONG, TREND),
    "two-sided, the lower side a trend": ((50, 101, -80), DayType.TREND_DOWN, STRONG, DOUBLE),
    "equal trends are the upper one": ((120, 120, 180), DayType.TREND_UP, STRONG, TREND),
}
BANDS = {
    "bands: a fifth": ((20, 0, 50), DayType.B_DAY, NORMAL),
    "bands: below half above": ((21, 0, 50), DayType.B_DAY, VARIATION),
    "bands: half below": ((0, 50, 50), DayType.B_DAY, VARIATION),
    "bands: more than half above": ((51, 0, 50), DayType.P_DAY, VARIATION),
    "bands: more than half below": ((0, 51, 50), DayType.B_DAY_BEAR, VARIATION),
    "bands: two-sided": ((30, 30, 50), DayType.NEUTRAL, CENTER),
}


def _ended(up: int, down: int, close: int, rules: DayTypeRules | None = None) -> SessionUpdate:
    # A day that visits its high, then its low, then closes.
    corners = {"11:30": HIGH + up, "13:00": LOW - down, "16:00": LOW + close}
    config = StateConfig(day_type=rules or DayTypeRules())
    return read(corners, subject=machine(config=config))[-1]


@pytest.mark.parametrize("name", DAYS)
def test_every_branch_on_a_drawn_day(name: str) -> None:
    """Type, strength and sub-type at 16:00; a cut point itself belongs below."""
    day, named, strength, sub_type = DAYS[name]
    last = _ended(*day)
    assert (last.day.type, last.day.strength, last.day.sub_type) == (named, strength, sub_type)
    assert (last.day.extension_up, last.day.extension_down) == (day[0] / 100, day[1] / 100)


@pytest.mark.parametrize("name", BANDS)
def test_documented_bands_call_the_lowest_extension_balance(name: str) -> None:
    """The option `doc_bands`: 0.2 to 0.5 on either side is a B day; the rest stays."""
    day, named, sub_type = BANDS[name]
    last = _ended(*day, DayTypeRules(doc_bands=True))
    assert (last.day.type, last.day.sub_type) == (named, sub_type)


def _tiny(up: int, down: int) -> SessionUpdate:
    day = {**opening_hour(LOW, LOW + 10), "11:30": LOW + 10 + up, "13:00": LOW - down}
    return updates(play(machine(), drawn({**day, "16:00": LOW + 5})))[-1]


def test_two_sided_needs_two_ticks() -> None:
    """On a tiny IB a tenth is less than two ticks: one tick on both sides is no neutral day."""
    assert _tiny(1, 1).day.type is DayType.B_DAY
    assert _tiny(1, 2).day.type is DayType.B_DAY
    assert _tiny(2, 2).day.type is DayType.NEUTRAL


def _after(ib_ranges: tuple[int, ...]) -> SessionMachine:
    subject = machine()
    carry = SessionCarry(contract=NQ, trade_date=DAY, at_ns=UnixNanos(0), ib_ranges=ib_ranges)
    list(subject.on_message(carry, UnixNanos(0)))
    return subject


def test_narrow_balance_without_extension_is_no_trend_at_all() -> None:
    """Less than half the median of 20: non_trend; half of it, or 19 sessions only: normal."""
    corners = {"16:00": MIDDLE}
    assert read(corners, subject=_after((201,) * 20))[-1].day.sub_type is DaySubType.NON_TREND
    assert read(corners, subject=_after((200,) * 20))[-1].day.sub_type is NORMAL
    assert read(corners, subject=_after((201,) * 19))[-1].day.sub_type is NORMAL
    extended = {"13:00": HIGH + 30, "16:00": MIDDLE}
    assert read(extended, subject=_after((300,) * 20))[-1].day.sub_type is VARIATION


def test_flat_balance_measures_nothing() -> None:
    """An IB without a range has no extensions, no type, no strength."""
    day = {"09:30": LOW, "10:30": LOW, "12:00": LOW + 50, "16:00": LOW - 50}
    last = updates(play(machine(), drawn(day)))[-1]
    assert last.opening.ib_final
    assert (last.day.extension_up, last.day.extension_down, last.day.type) == (None, None, None)
    assert (last.day.strength, last.day.sub_type) == (None, None)


def test_type_develops_and_comes_back() -> None:
    """Balance, P day, trend, failed trend and trend again on one day, each at its own close."""
    corners = {"11:00": HIGH, "12:00": HIGH + 120, "13:00": MIDDLE - 10, "14:00": HIGH + 60}
    said = read(corners)

    def types(first: str, last: str) -> set[DayType | None]:
        first_ns, last_ns = at(said, first).close_ns, at(said, last).close_ns
        return {u.day.type for u in said if first_ns <= u.close_ns <= last_ns}

    assert types("10:30", "11:10") == {DayType.B_DAY}
    assert types("11:11", "11:50") == {DayType.P_DAY}
    assert types("11:51", "12:00") == {DayType.TREND_UP}
    assert at(said, "13:00").day.type is DayType.NEUTRAL
    assert at(said, "13:00").day.sub_type is FAILED
    assert at(said, "14:00").day.type is DayType.TREND_UP
    assert at(said, "14:00").day.extension_up == at(said, "13:00").day.extension_up == 1.2


def test_a_day_is_named_when_its_balance_is_final_and_remembers_extremes() -> None:
    """Nothing before 10:30; a spike that came back still counts; nothing moves after 16:00."""

    def price(n: int) -> int:
        # 1,100 minutes after 18:00 is 12:20.
        return 40_400 if n == 1_100 else 40_000 + n % 60

    said = play(machine(), session_bars(DAY, price=price))
    before, first = at(said, "10:29"), at(said, "10:30")
    assert (before.day.type, before.day.extension_up, before.day.strength) == (None, None, None)
    assert first.day.type is DayType.B_DAY
    assert (first.day.extension_up, first.day.extension_down, first.day.strength) == (
        0.0,
        0.0,
        WEAK,
    )
    spike, after = at(said, "12:21"), at(said, "14:00")
    assert spike.day.type is DayType.SUPER_TREND_UP
    assert after.day.extension_up == spike.day.extension_up
    assert {u.day.type for u in updates(said) if u.close_ns > spike.close_ns} <= {
        DayType.SUPER_TREND_UP,
        DayType.NEUTRAL,
    }
    assert at(said, "17:00").day.type is at(said, "16:00").day.type
    assert at(said, "17:00").day.rth == at(said, "16:00").day.rth


@pytest.mark.parametrize("seed", range(6))
def test_no_reading_depends_on_the_future(seed: int) -> None:
    """Cut anywhere: what was read up to the cut is the same, whatever came afterwards."""
    dice = Random(seed)
    day = drawn({"09:30": 40_000, "16:00": 40_000 + dice.randint(-300, 300)})
    walked, price = [], 40_000
    for each in day:
        close = price + dice.randint(-40, 40)
        ends = Ticks(min(price, close) - dice.randint(0, 9)), Ticks(max(price, close))
        walked.append(
            replace(each, open=Ticks(price), close=Ticks(close), low=ends[0], high=ends[1])
        )
        price = close
    whole = updates(play(machine(), walked))
    for _ in range(6):
        cut = dice.randint(30, 380)
        assert updates(play(machine(), walked[:cut])) == whole[:cut]
        raised = [replace(b, high=Ticks(b.high + 400)) for b in walked[cut:]]
        assert updates(play(machine(), walked[:cut] + raised))[:cut] == whole[:cut]


def test_trend_in_two_parts_is_a_double_distribution() -> None:
    """Two balances, a thin climb between; without profile or second balance it is a trend."""
    lower = {f"{h}:{m}": LOW + 10 * (m == "45") for h in (11, 12) for m in ("15", "45")}
    upper = {f"{h}:{m}": HIGH + 280 + 80 * (m == "45") for h in (13, 14, 15) for m in ("15", "45")}
    two = {**lower, "12:55": HIGH, "13:05": HIGH + 300, **upper, "16:00": HIGH + 330}
    assert read(two)[-1].day.sub_type is DaySubType.DOUBLE_DISTRIBUTION
    assert read(two)[-1].day.type is DayType.SUPER_TREND_UP
    alone = machine(features=())
    assert read(two, subject=alone)[-1].day.sub_type is TREND
    climb = {**lower, "16:00": HIGH + 330}
    assert read(climb)[-1].day.sub_type is TREND
