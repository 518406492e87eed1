"""Clock windows: membership by open time, completeness, the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.messages.reading import Range
from services.domain.units import NANOS_PER_MINUTE, Ticks
from services.state.levels.windows import ClockWindow
from tests.support.state_builder import DAY, at, bar, machine, minute, play, session_bars, updates

MINUTE = NANOS_PER_MINUTE
START, END = 100 * MINUTE, 115 * MINUTE


def _fold(window: ClockWindow, opened: int, low: int, high: int) -> None:
    window.fold(opened * MINUTE, (opened + 1) * MINUTE, Ticks(low), Ticks(high))


def test_first_and_last_minute_belong_and_their_neighbours_do_not() -> None:
    """The bar that closes at the start and the one that opens at the end are outside."""
    window = ClockWindow(START, END, END)
    for opened, low, high in ((99, 1, 99), (100, 10, 20), (114, 5, 15), (115, 1, 99)):
        _fold(window, opened, low, high)
    assert window.range == Range(Ticks(5), Ticks(20))
    assert (window.bars, window.first_minute, window.last_minute) == (2, True, True)


def test_final_with_the_closing_minute() -> None:
    """The bar that closes at the end makes it final at once."""
    window = ClockWindow(START, END, END)
    _fold(window, 113, 1, 2)
    assert not window.final
    _fold(window, 114, 1, 2)
    assert window.final


def test_final_by_a_later_bar_when_the_closing_minute_is_missing() -> None:
    """A bar that opens at the end or later makes it final and adds nothing."""
    window = ClockWindow(START, END, END)
    _fold(window, 100, 10, 20)
    _fold(window, 130, 1, 99)
    assert window.final
    assert not window.last_minute
    assert window.range == Range(Ticks(10), Ticks(20))


def test_empty_window_is_over_but_not_final() -> None:
    """No bar inside: there is no range to call final."""
    window = ClockWindow(START, END, END)
    _fold(window, 130, 1, 99)
    assert window.over
    assert not window.final


def test_window_that_outlives_the_day_is_never_final() -> None:
    """Trading ends inside the window: its range stands, never final, and takes nothing after."""
    window = ClockWindow(START, END, 110 * MINUTE)
    _fold(window, 109, 10, 20)
    _fold(window, 111, 1, 99)
    _fold(window, 116, 1, 99)
    assert not window.final
    assert window.range == Range(Ticks(10), Ticks(20))


@given(
    st.lists(
        st.tuples(st.integers(90, 125), st.integers(-50, 50), st.integers(0, 9)),
        unique_by=lambda row: row[0],
    )
)
def test_equals_a_selection(rows: list[tuple[int, int, int]]) -> None:
    """Whatever minutes are missing, the range is that of the bars that open inside."""
    window = ClockWindow(START, END, END)
    inside = []
    for opened, low, height in sorted(rows):
        _fold(window, opened, low, low + height)
        if 100 <= opened < 115:
            inside.append((low, low + height))
    expected = None
    if inside:
        expected = Range(Ticks(min(low for low, _ in inside)), Ticks(max(h for _, h in inside)))
    assert window.range == expected
    assert window.bars == len(inside)


@pytest.mark.parametrize(
    ("spike", "in_or", "in_eor", "in_ib", "in_night"),
    [
        ("09:30", False, False, False, True),
        ("09:31", True, True, True, False),
        ("09:45", True, True, True, False),
        ("09:46", False, True, True, False),
        ("10:00", False, True, True, False),
        ("10:01", False, False, True, False),
        ("10:30", False, False, True, False),
        ("10:31", False, False, False, False),
    ],
)
def test_stamps_at_every_boundary(
    spike: str,
    in_or: bool,  # noqa: FBT001
    in_eor: bool,  # noqa: FBT001
    in_ib: bool,  # noqa: FBT001
    in_night: bool,  # noqa: FBT001
) -> None:
    """A one-minute spike shows in exactly the windows its trades lie in; stamp 09:30 is night."""
    bars = session_bars(DAY)
    peak = bar(spike, 50_000)
    said = play(machine(), [peak if b.close_ns == peak.close_ns else b for b in bars])
    last = at(said, "12:00")
    found = [
        w is not None and w.high == 50_000
        for w in (last.opening.or15, last.opening.eor30, last.opening.ib)
    ]
    assert found == [in_or, in_eor, in_ib]
    assert last.levels.overnight is not None
    assert (last.levels.overnight.high == 50_000) == in_night


def test_building_then_final() -> None:
    """The IB is spoken while it builds, final at stamp 10:30, and does not move afterwards."""
    said = play(machine(), session_bars(DAY))
    assert at(said, "09:30").opening.ib is None
    assert at(said, "10:29").opening.ib is not None
    assert not at(said, "10:29").opening.ib_final
    assert at(said, "10:30").opening.ib_final
    assert at(said, "10:30").opening.ib_usable
    assert at(said, "10:30").opening.ib_bars == 60
    assert len({u.opening.ib for u in updates(said) if u.opening.ib_final}) == 1


def test_a_bar_sent_twice_counts_once() -> None:
    """A repeated stamp changes no window and is remarked on."""
    bars = session_bars(DAY)
    again = next(b for b in bars if b.close_ns == bar("10:00").close_ns)
    subject = machine()
    said = play(subject, [b for b in bars if b.close_ns <= again.close_ns])
    assert list(subject.on_message(minute(again), again.close_ns)) == []
    rest = play(subject, [b for b in bars if b.close_ns > again.close_ns])
    assert "came again" in at(rest, "10:01").notes[-1]
    assert at(rest, "10:30").opening.ib_bars == 60
    plain = play(machine(), bars)
    assert at(rest, "10:30").opening.ib == at(plain, "10:30").opening.ib
    assert at(rest, "10:31").order_flow.cvd_rth == at(plain, "10:31").order_flow.cvd_rth
    assert at(said, "10:00") == at(plain, "10:00")
