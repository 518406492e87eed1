"""The volume profile: equal shares, exact ties, price ladders, the value after every bar."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.messages.market import Bar, PriceLadder
from services.domain.messages.reading import ValueArea
from services.domain.units import Contracts, Ticks
from services.state.profile.volume_profile import PARTS, VolumeProfile
from tests.support.state_builder import bar


def _bar(low: int, high: int, volume: int) -> Bar:
    return bar("10:00", low, low=low, high=high, volume=volume)


def _folded(*bars: Bar, row_ticks: int = 1, ladders: bool = True) -> VolumeProfile:
    subject = VolumeProfile(row_ticks=row_ticks, ladders=ladders)
    for each in bars:
        subject.fold(each)
    return subject


def _ladder(low: int, *sizes: tuple[int, int]) -> PriceLadder:
    return PriceLadder(
        low=Ticks(low),
        bid=tuple(Contracts(bid) for bid, _ in sizes),
        ask=tuple(Contracts(ask) for _, ask in sizes),
    )


def test_volume_is_spread_uniformly() -> None:
    """30 contracts over 100–102 are ten a row; 8 more at 102 make it the point of control."""
    subject = _folded(_bar(100, 102, 30), _bar(102, 102, 8))
    assert [row // PARTS for row in subject.rows] == [10, 10, 18]
    # 18 of 38, 26.6 needed: below 10 + 10.
    assert subject.value == ValueArea(poc=Ticks(102), low=Ticks(100), high=Ticks(102))


def test_rows_of_several_ticks_share_alike() -> None:
    """A bar over 399–404 touches NQ's rows 396, 400 and 404: a third each, however little of it."""
    subject = _folded(_bar(399, 404, 9), row_ticks=4)
    assert (subject.base, subject.rows) == (99, [3 * PARTS] * 3)
    assert subject.value == ValueArea(poc=Ticks(400), low=Ticks(396), high=Ticks(404))


@pytest.mark.parametrize("rows", range(1, 25))
def test_up_to_24_rows_share_without_a_rest(rows: int) -> None:
    """One contract divides exactly, so rows that hold the same volume hold the same number."""
    assert set(_folded(_bar(100, 99 + rows, 1)).rows) == {PARTS // rows}
    assert PARTS % rows == 0


def test_rows_of_a_tall_bar_share_alike() -> None:
    """29 rows do not divide a contract: each gets as much, and less than a part a row is lost."""
    rows = _folded(_bar(100, 128, 1)).rows
    assert set(rows) == {PARTS // 29}
    assert 0 < PARTS - sum(rows) < 29


def test_a_tall_bar_ties_in_the_middle() -> None:
    """Rows only one bar touched hold the same however many they are: the middle one is chosen."""
    value = _folded(_bar(100, 128, 1)).value
    assert value is not None
    assert value.poc == 114
    value = _folded(_bar(100, 128, 1), _bar(90, 131, 2), _bar(98, 130, 4)).value
    assert value is not None
    assert value.poc == 110, "100 to 128 tie, the middle of 90 to 131 is 110.5"


def test_exact_ties_go_to_the_middle() -> None:
    """A third and two thirds tie exactly with a contract: nearest to the middle, then lower."""
    subject = _folded(_bar(100, 102, 1), _bar(100, 102, 2), _bar(106, 106, 1))
    assert subject.value is not None
    assert subject.value.poc == 102
    subject.fold(_bar(98, 98, 1))
    assert subject.value.poc == 102


def test_nothing_traded_changes_nothing() -> None:
    """A bar without volume leaves even the range alone; before the first there is no value."""
    assert _folded(_bar(100, 120, 0)).value is None
    subject = _folded(_bar(100, 102, 30))
    before = msgspec.msgpack.encode(subject)
    subject.fold(_bar(90, 110, 0))
    assert msgspec.msgpack.encode(subject) == before


def test_a_ladder_says_where_it_traded() -> None:
    """Contracts of each price go to its row, both sides, prices without any included."""
    ladder = _ladder(399, (1, 2), (0, 0), (0, 4), (5, 0), (0, 0), (1, 1))
    made = msgspec.structs.replace(_bar(398, 405, 14), ladder=ladder)
    subject = _folded(made, row_ticks=4)
    assert (subject.base, [row // PARTS for row in subject.rows]) == (99, [3, 9, 2])
    spread = _folded(made, row_ticks=4, ladders=False)
    assert spread.rows == [14 * PARTS // 3] * 3


def test_bars_with_and_without_a_ladder_add_up() -> None:
    """A client that loses its ticks for a while: each bar by what it knows."""
    made = msgspec.structs.replace(_bar(100, 101, 5), ladder=_ladder(101, (2, 3)))
    subject = _folded(_bar(100, 101, 4), made)
    assert [row // PARTS for row in subject.rows] == [2, 7]


def _plainly(bars: list[Bar], row_ticks: int) -> ValueArea:
    # Rows as a dictionary, everything from the start, in exact fractions.
    rows: dict[int, Fraction] = {}
    for each in bars:
        touched = range(each.low // row_ticks, each.high // row_ticks + 1)
        for row in touched:
            rows[row] = rows.get(row, Fraction()) + Fraction(each.volume, len(touched))
    first, last, most = min(rows), max(rows), max(rows.values())
    poc = min(
        (row for row in rows if rows[row] == most), key=lambda r: (abs(2 * r - first - last), r)
    )
    low = high = poc
    while sum(rows.get(r, 0) for r in range(low, high + 1)) * 10 < 7 * sum(rows.values()):
        above = [rows.get(r, 0) for r in (high + 1, high + 2) if r <= last]
        below = [rows.get(r, 0) for r in (low - 1, low - 2) if r >= first]
        if above and (not below or sum(above) >= sum(below)):
            high += len(above)
        else:
            low -= len(below)
    return ValueArea(Ticks(poc * row_ticks), Ticks(low * row_ticks), Ticks(high * row_ticks))


BARS = st.lists(
    st.builds(
        lambda low, wide, volume: _bar(low, low + wide, volume),
        st.integers(100, 160),
        st.integers(0, 23),
        st.integers(1, 6),
    ),
    min_size=1,
    max_size=12,
)


@given(BARS, st.sampled_from([1, 4]))
def test_after_every_bar_as_from_the_start(bars: list[Bar], row_ticks: int) -> None:
    """Of bars over up to 24 rows it is the exact profile, and it sums to their volume."""
    subject = VolumeProfile(row_ticks=row_ticks)
    for n, each in enumerate(bars, 1):
        subject.fold(each)
        assert subject.value == _plainly(bars[:n], row_ticks)
        assert sum(subject.rows) == subject.total == sum(b.volume for b in bars[:n]) * PARTS
