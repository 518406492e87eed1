"""A reading follows from the state as it is packed: nothing stands beside it."""

from collections.abc import Callable

import msgspec
import pytest

from services.domain.messages.market import (
    Bar,
    DeltaSource,
    FaultKind,
    FeedFault,
    SuppliedLevels,
)
from services.domain.messages.union import Message
from services.domain.units import Ticks
from services.state.machine import SessionMachine
from tests.support.state_builder import DAY, NQ, machine, minute, session_bars, updates

_EVENTS: dict[int, Message] = {
    300: SuppliedLevels(
        contract=NQ, trade_date=DAY, overnight_high=Ticks(40_300), overnight_low=Ticks(39_500),
        prior_high=Ticks(40_100), prior_low=Ticks(39_900), prior_close=Ticks(40_000),
    ),
}  # fmt: skip
"""What comes between bars, by minutes from the session's open."""


def _fault(bar: Bar) -> FeedFault:
    return FeedFault(
        contract=NQ,
        at_ns=bar.close_ns,
        kind=FaultKind.CONFLICT,
        text="two prices",
        blocks_entries=True,
    )


def _wave(n: int) -> int:
    return 40_000 + (n * 7) % 23 - (n * 5) % 17


def _trend(n: int) -> int:
    return _wave(n) + max(0, n - 960)


def _both_sides(n: int) -> int:
    return _wave(n) + ((n // 40) % 3 - 1) * max(0, n - 900) // 3


def _bars(price: Callable[[int], int]) -> list[Bar]:
    # With holes, minutes without trades, without a split, and history before the first live bar.
    made = []
    for n, bar in enumerate(session_bars(DAY, price=price)):
        if n % 37 == 5:
            continue
        changed = bar
        if n % 53 == 7:
            changed = msgspec.structs.replace(
                bar, bid_volume=None, ask_volume=None, delta_source=DeltaSource.NONE
            )
        made.append(msgspec.structs.replace(changed, historical=n < 200))
    return made


def _say(subject: SessionMachine, n: int, bar: Bar) -> list[Message]:
    said = list(subject.on_message(_EVENTS[n], bar.close_ns)) if n in _EVENTS else []
    if n == 1_000:
        said += subject.on_message(_fault(bar), bar.close_ns)
    return said + list(subject.on_message(minute(bar), bar.close_ns))


@pytest.mark.parametrize("price", [_wave, _trend, _both_sides])
def test_a_desk_restarted_before_every_bar_publishes_the_same(price: Callable[[int], int]) -> None:
    """Field for field: what a family passed on as it is comes back from the carry too."""
    lasting = machine()
    forgetful = machine()
    spoken = 0
    for n, bar in enumerate(_bars(price)):
        expected = _say(lasting, n, bar)
        anew = machine()
        for carry in forgetful.carry():
            anew.on_message(carry, bar.close_ns)
        forgetful = anew
        assert _say(forgetful, n, bar) == expected
        spoken += len(updates(expected))
    assert spoken > 1_300
