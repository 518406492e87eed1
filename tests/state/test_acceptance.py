"""Acceptance outside the Initial Balance (spec B.8): counted, lost, latched, on five minutes."""

from services.domain.calendar import et_ns
from services.domain.messages.market import Bar
from services.domain.messages.reading import Range
from services.domain.messages.session import SessionUpdate
from services.domain.units import Ticks
from services.state.config import AcceptanceReset, AcceptanceTf, StateConfig
from services.state.day.acceptance import Acceptance
from tests.support.drawn_day import HIGH, LOW, drawn, opening_hour
from tests.support.state_builder import DAY, at, bar, machine, play, session_bars, updates

IB = Range(Ticks(1_000), Ticks(1_100))
LATCHED = StateConfig(acceptance_reset=AcceptanceReset.LATCH)
FIVE = StateConfig(acceptance_tf=AcceptanceTf.FIVE_MINUTES)
BACK = 1_049
"""A tick below the IB's middle."""


def _accept(*closes: int, config: StateConfig | None = None) -> Acceptance:
    acceptance = Acceptance()
    start_ns = et_ns(DAY, "10:31")
    for n, close in enumerate(closes):
        acceptance.fold(bar(start_ns + n * 60_000_000_000, close), IB, config or StateConfig())
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
    assert not _accept(1_101, 1_102, BACK).long
    assert not _accept(1_101, 1_102, BACK, 1_101).long
    assert _accept(1_101, 1_102, BACK, 1_101, 1_101).long
    assert _accept(999, 998, 997, 1_050).short
    assert not _accept(999, 998, 997, 1_051).short


def test_acceptance_latched_stands_for_the_session() -> None:
    """The option `latch`: nothing clears a flag, both sides can be accepted on one day."""
    assert _accept(1_101, 1_102, BACK, config=LATCHED).long
    both = _accept(1_101, 1_102, 999, 998, 997, config=LATCHED)
    assert (both.long, both.short) == (True, True)
    assert not _accept(1_101, BACK, config=LATCHED).long
    other = _accept(1_101, 1_102, 999, 998, 997)
    assert (other.long, other.short) == (False, True)


def test_six_closes_in_a_row_are_ideal() -> None:
    """Six beyond the edge on the side in force; five are not, nor is one that came back inside."""
    assert not _accept(*[1_101] * 5).ideal
    assert _accept(*[1_101] * 6).ideal
    assert not _accept(*[1_101] * 6, 1_100).ideal
    assert not _accept(*[999] * 5).ideal
    assert _accept(*[999] * 6).ideal
    slow = StateConfig(acceptance_long_closes=8)
    assert not _accept(*[1_101] * 7, config=slow).ideal
    assert _accept(*[1_101] * 8, config=slow).ideal


def test_five_minute_closes_count_at_their_own_stamps() -> None:
    """10:35 and 10:40 above make an acceptance; what the minutes between did does not matter."""
    inside_between = [1_050] * 4 + [1_101] + [999] * 4 + [1_101]
    assert _accept(*inside_between[:9], config=FIVE).closes_above == 1
    accepted = _accept(*inside_between, config=FIVE)
    assert (accepted.long, accepted.closes_above, accepted.closes_below) == (True, 2, 0)
    assert not _accept(*([1_101] * 9), config=FIVE).long
    outside_between = [1_101] * 4 + [1_100] + [1_101] * 4 + [1_101]
    assert not _accept(*outside_between, config=FIVE).long
    assert _accept(*outside_between).long


def test_five_minute_acceptance_is_lost_by_a_five_minute_close() -> None:
    """A one-minute close beyond the middle clears nothing, a five-minute one does."""
    held = [1_101] * 10 + [BACK] * 4
    assert _accept(*held, config=FIVE).long
    assert not _accept(*held, BACK, config=FIVE).long


def _read(day: list[Bar], config: StateConfig) -> list[SessionUpdate]:
    return updates(play(machine(config=config), day))


def test_five_minutes_whose_last_minute_never_came() -> None:
    """They are counted with their last close when the next bar comes, once."""
    day = drawn({**opening_hour(), "10:31": HIGH + 5, "11:00": HIGH + 5})
    gone = [b for b in day if b.close_ns != et_ns(DAY, "10:35")]
    said = _read(gone, FIVE)
    assert at(said, "10:34").day.closes_above_ib == 0
    assert at(said, "10:36").day.closes_above_ib == 1
    assert (at(said, "10:39").day.closes_above_ib, at(said, "10:39").day.accepted_long) == (
        1,
        False,
    )
    assert (at(said, "10:40").day.closes_above_ib, at(said, "10:40").day.accepted_long) == (2, True)
    whole = _read(day, FIVE)
    assert at(whole, "10:35").day.closes_above_ib == 1


def test_closes_are_counted_from_the_bar_after_the_balance() -> None:
    """The bar stamped 10:30 is inside the IB; 10:31 is the first that counts."""

    def price(n: int) -> int:
        # 989 minutes after 18:01 is the bar stamped 10:30.
        return 40_000 + (500 if n > 989 else n % 9)

    said = play(machine(), session_bars(DAY, price=price))
    assert at(said, "10:30").day.closes_above_ib == 0
    assert (at(said, "10:31").day.closes_above_ib, at(said, "10:31").day.accepted_long) == (
        1,
        False,
    )
    assert (at(said, "10:32").day.closes_above_ib, at(said, "10:32").day.accepted_long) == (2, True)
    assert (at(said, "10:35").day.accepted_ideal, at(said, "10:36").day.accepted_ideal) == (
        False,
        True,
    )
    assert at(said, "16:30").day.closes_above_ib == at(said, "16:00").day.closes_above_ib == 330


def test_acceptance_needs_no_day_type() -> None:
    """On any kind of day: here both sides on one neutral day, one after the other."""
    corners = {"11:00": HIGH + 20, "11:30": LOW - 20, "12:00": LOW - 10}
    said = _read(drawn({**opening_hour(), **corners}), StateConfig())
    assert at(said, "11:00").day.accepted_long
    assert not at(said, "11:20").day.accepted_long
    assert at(said, "12:00").day.accepted_short
