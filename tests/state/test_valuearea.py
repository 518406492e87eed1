"""Value area by the CBOT's procedure: profiles made by hand, and any, walked with a pencil."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.messages.reading import ValueArea
from services.domain.units import Ticks
from services.state.profile.value_area import bounds, nearest_to_middle, value_area


def _pairs(rows: list[int]) -> list[int]:
    return [a + b for a, b in zip([0, *rows], [*rows, 0], strict=True)]


def _bounds(rows: list[int], control: int) -> tuple[int, int]:
    return bounds(_pairs(rows), control, rows[control], sum(rows))


@pytest.mark.parametrize(
    ("rows", "control", "expected"),
    [
        # 28 of 40 are needed: 8, then 7 + 6 above (21), then 5 + 4 below (30).
        ([1, 2, 4, 5, 8, 7, 6, 4, 2, 1], 4, (2, 6)),
        # A tie of pairs goes above: 10, then 4 + 4 above (18 of 26, 19 needed), then below.
        ([1, 4, 4, 10, 4, 4, 1], 3, (1, 5)),
        # 70 % exactly is enough: 14 of 20.
        ([3, 3, 6, 4, 4], 2, (2, 4)),
        # One row is left above: it is used alone, and 3 alone beats 1 + 1.
        ([1, 1, 1, 1, 5, 3], 4, (2, 5)),
        # One row is left below.
        ([3, 5, 1, 1, 1, 1], 1, (0, 3)),
        # The point of control is the lowest row: only above is left.
        ([9, 1, 2, 3, 4], 0, (0, 4)),
        ([4, 3, 2, 1, 9], 4, (0, 4)),
        # The point of control holds enough by itself.
        ([1, 9, 1], 1, (1, 1)),
        ([5], 0, (0, 0)),
        # Rows nobody traded between two parts are walked over, two at a time.
        ([6, 6, 0, 0, 0, 0, 7], 6, (0, 6)),
    ],
)
def test_by_hand(rows: list[int], control: int, expected: tuple[int, int]) -> None:
    """Larger pair first, ties above, single rows at the ends, stop at 70 %."""
    assert _bounds(rows, control) == expected


def test_tie_of_the_point_of_control() -> None:
    """Of rows with the most, the nearest to the middle of the profile; then the lower."""
    assert nearest_to_middle([0, 3, 9], 10) == 3
    assert nearest_to_middle([3, 6], 10) == 3
    assert nearest_to_middle([2, 6], 10) == 6
    assert nearest_to_middle([8], 9) == 8


def test_rows_are_named_by_their_lower_edge() -> None:
    """Row 25,000 of NQ at 1.00 pt is 25,000.00 to 25,000.75: its value is 100,000 ticks."""
    area = value_area(0, 1, 3, base=25_000, row_ticks=4)
    assert area == ValueArea(poc=Ticks(100_004), low=Ticks(100_000), high=Ticks(100_012))


def _plainly(rows: list[int], control: int) -> tuple[int, int]:
    # The procedure as a person with a pencil does it.
    taken = {control}
    while sum(rows[r] for r in taken) * 10 < sum(rows) * 7:
        above = [r for r in (max(taken) + 1, max(taken) + 2) if r < len(rows)]
        below = [r for r in (min(taken) - 1, min(taken) - 2) if r >= 0]
        if not below or (above and sum(rows[r] for r in above) >= sum(rows[r] for r in below)):
            taken.update(above)
        else:
            taken.update(below)
    return min(taken), max(taken)


@given(st.lists(st.integers(0, 13), min_size=1, max_size=40).filter(any), st.data())
def test_any_profile_as_with_a_pencil(rows: list[int], data: st.DataObject) -> None:
    """Whatever the rows and wherever the walk begins, it is the procedure's."""
    control = data.draw(st.integers(0, len(rows) - 1))
    assert _bounds(rows, control) == _plainly(rows, control)
