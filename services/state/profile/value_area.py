"""Point of control and 70 % value area of a profile, by the CBOT's procedure (spec B.5).

Begin with the row of the point of control; compare the two rows above with the two below, add the
larger pair (a tie goes above; one row where only one is left), until 70 % of the whole is held.

Rule 1: a profile is a dense run of rows from its lowest upward, whole numbers only.
Rule 2: row r holds the prices [r, r + 1) · row ticks and is named by its lower edge; so is a value.
Rule 3: beside its n rows a profile keeps their n + 1 pairs as running sums, pair k = row k − 1 +
        row k, a row that is not there counting 0: then a step of the walk is one look.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from services.domain.messages.reading import ValueArea
from services.domain.units import Ticks

_USED_UP: Final = -1
"""Stands after the last pair of a side: less than any pair, so it is never chosen."""


def nearest_to_middle(tied: Iterable[int], rows: int) -> int:
    """Choose among tied rows the one nearest to the middle of all rows, then the lower."""
    middle = rows - 1
    return min(tied, key=lambda row: (abs(2 * row - middle), row))


def bounds(pairs: Sequence[int], control: int, held: int, total: int) -> tuple[int, int]:
    """Give the outer rows of the value area around the point of control, whose row holds `held`."""
    above = [*pairs[control + 2 :: 2], _USED_UP]
    below = [*pairs[:control][::-2], _USED_UP]
    up, down, needed = 0, 0, -(-7 * total // 10)
    higher, lower = above[0], below[0]
    while held < needed:
        if higher >= lower:
            held += higher
            up += 1
            higher = above[up]
        else:
            held += lower
            down += 1
            lower = below[down]
    return max(control - 2 * down, 0), min(control + 2 * up, len(pairs) - 2)


def value_area(low: int, control: int, high: int, *, base: int, row_ticks: int) -> ValueArea:
    """Name rows by their lower edges; `base` is the number of row 0."""
    return ValueArea(
        poc=Ticks((base + control) * row_ticks),
        low=Ticks((base + low) * row_ticks),
        high=Ticks((base + high) * row_ticks),
    )
