"""Days drawn by hand: bars along straight lines between prices at clock times.

Rule: a bar opens at the line's price a minute before its stamp and closes at the price at its
stamp, so the day's extremes are exactly the prices named.
"""

from collections.abc import Mapping
from itertools import pairwise

import msgspec

from services.domain.calendar import et_ns
from services.domain.messages.market import Bar
from services.domain.messages.session import SessionUpdate
from services.domain.units import NANOS_PER_MINUTE, Ticks
from services.state.machine import SessionMachine
from tests.support.state_builder import DAY, NQ, bar, machine, play, updates

LOW, HIGH = 40_000, 40_100
"""The Initial Balance of `opening_hour`, ticks: 100 wide, its middle 40,050."""


def drawn(corners: Mapping[str, int], *, trade_date: str = DAY, contract: str = NQ) -> list[Bar]:
    """Draw bars from the first corner's time to the last one's; `HH:MM` to a price in ticks."""
    points = [(et_ns(trade_date, clock), price) for clock, price in corners.items()]
    bars = []
    for (start_ns, first), (end_ns, last) in pairwise(points):
        steps = (end_ns - start_ns) // NANOS_PER_MINUTE
        prices = [first + (last - first) * n // steps for n in range(steps + 1)]
        bars += [
            _bar(start_ns + n * NANOS_PER_MINUTE, prices[n - 1], prices[n], contract)
            for n in range(1, steps + 1)
        ]
    return bars


def opening_hour(low: int = LOW, high: int = HIGH) -> dict[str, int]:
    """Draw an Initial Balance of exactly this range that ends in its middle."""
    middle = (low + high) // 2
    return {"09:30": middle, "09:45": high, "10:15": low, "10:30": middle}


def read(
    corners: Mapping[str, int], *, subject: SessionMachine | None = None
) -> list[SessionUpdate]:
    """Fold the opening hour and then these corners, to the last one's time."""
    return updates(play(subject or machine(), drawn({**opening_hour(), **corners})))


def _bar(stamp: int, first: int, last: int, contract: str) -> Bar:
    made = bar(stamp, last, contract=contract)
    return msgspec.structs.replace(
        made, open=Ticks(first), high=Ticks(max(first, last)), low=Ticks(min(first, last))
    )
