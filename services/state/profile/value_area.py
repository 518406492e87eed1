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

_ENDLESS: Final = 1 << 80
"""More than any pair: the least of a side nothing has been taken from."""
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


def redrawn(
    pairs: Sequence[int], control: int, held: int, total: int, *, before: tuple[int, int]
) -> tuple[int, int]:
    """Give what `bounds` gives, beginning where an earlier value area of this control ended.

    The walk takes pairs in falling order of the least pair met so far on their side. So whether it
    comes by a place is told by the least pair taken and the next one of either side, and from there
    it is seldom more than a step on or back. Only where it no longer comes by is it walked anew.
    """
    size = len(pairs) - 1
    up, down = (before[1] - control + 1) // 2, (control - before[0] + 1) // 2
    higher, lower = control + 2 * up + 2, control - 2 * down - 1
    above, below = pairs[control + 2 : higher : 2], pairs[lower + 2 : control : 2]
    least_above, least_below = min(above) if up else _ENDLESS, min(below) if down else _ENDLESS
    next_above = pairs[higher] if higher <= size else _USED_UP
    next_below = pairs[lower] if lower >= 0 else _USED_UP
    if (least_above < next_below and least_above < least_below) or (
        least_below <= next_above and least_below <= least_above
    ):
        return bounds(pairs, control, held, total)
    needed = -(-7 * total // 10)
    held += sum(above) + sum(below)
    if held < needed:
        while held < needed:
            if next_above >= next_below:
                held += next_above
                higher += 2
                next_above = pairs[higher] if higher <= size else _USED_UP
            else:
                held += next_below
                lower -= 2
                next_below = pairs[lower] if lower >= 0 else _USED_UP
    else:
        while higher - lower > 3:
            # The pair taken last is of the side whose least is less; of equals it is the lower.
            last_above = least_above < least_below
            held -= pairs[higher - 2] if last_above else pairs[lower + 2]
            if held < needed:
                break
            if last_above:
                higher -= 2
                above = above[:-1]
                least_above = min(above) if above else _ENDLESS
            else:
                lower += 2
                below = below[1:]
                least_below = min(below) if below else _ENDLESS
    return max(lower + 1, 0), min(higher - 2, size - 1)


def value_area(low: int, control: int, high: int, *, base: int, row_ticks: int) -> ValueArea:
    """Name rows by their lower edges; `base` is the number of row 0."""
    return ValueArea(
        poc=Ticks((base + control) * row_ticks),
        low=Ticks((base + low) * row_ticks),
        high=Ticks((base + high) * row_ticks),
    )
