"""One group's stamps: bars wait here until their stamp closes, and stamps close in order.

Rule 1: a stamp is complete when every contract of the group has sent its bar or a later one.
Rule 2: a live bar waits at most the alignment deadline from its stamp's first live arrival;
        history waits for its peers or for the client's clock; playback waits for the clock.
Rule 3: closing a stamp closes every earlier one first.
"""

from bisect import insort
from collections.abc import Iterator
from typing import Final

from services.domain.manifest import Group
from services.state.carry import PendingBar

STAMPS_MAX: Final = 20_000
"""Stamps that may wait: two weeks of minutes; the oldest closes when one more comes."""

ClosedMinute = tuple[int, dict[str, PendingBar]]
"""A stamp that closes and its bars by contract."""


class Alignment:
    """The waiting bars of one group."""

    def __init__(self, group: Group, wait_ns: int) -> None:
        self.group = group
        self.contracts = group.contracts
        self.closed_ns = 0
        """Newest stamp that closed; a bar at or before it is late."""
        self._wait_ns = wait_ns
        self.stamps: list[int] = []
        """Stamps that wait, oldest first."""
        self._bars: dict[int, dict[str, PendingBar]] = {}
        self._first_live_ns: dict[int, int] = {}
        self._newest: dict[str, int] = dict.fromkeys(self.contracts, 0)

    def add(self, pending: PendingBar) -> None:
        """Take a bar whose stamp has not closed."""
        bar = pending.bar
        contract, stamp = bar.contract, bar.close_ns
        held = self._bars.get(stamp)
        if held is None:
            held = self._bars[stamp] = {}
            insort(self.stamps, stamp)
        held[contract] = pending
        self._newest[contract] = stamp
        if not bar.historical:
            # The earliest arrival counts, in whatever order a restart hands them back.
            first_ns, arrived_ns = self._first_live_ns.get(stamp), pending.arrived_ns
            if first_ns is None or arrived_ns < first_ns:
                self._first_live_ns[stamp] = arrived_ns

    def note_arrival(self, contract: str, stamp: int) -> None:
        """Remember how far a contract has come (a late bar, a restart)."""
        self._newest[contract] = max(self._newest[contract], stamp)

    def pop_oldest(self) -> ClosedMinute:
        """Close the oldest stamp."""
        stamp = self.stamps.pop(0)
        self.closed_ns = stamp
        self._first_live_ns.pop(stamp, None)
        return stamp, self._bars.pop(stamp)

    def pop_complete(self) -> Iterator[ClosedMinute]:
        """Close what nobody can add to any more, and what is beyond the bound."""
        reached = min(self._newest.values())
        while self.stamps and (self.stamps[0] <= reached or len(self.stamps) > STAMPS_MAX):
            yield self.pop_oldest()

    def pop_history(self, watermark_ns: int) -> Iterator[ClosedMinute]:
        """Close the historical stamps at the head, up to the client's clock."""
        while self.stamps and self.stamps[0] <= watermark_ns:
            if self.stamps[0] in self._first_live_ns:
                return
            yield self.pop_oldest()

    def deadline_ns(self) -> int | None:
        """When the first waiting live stamp has waited long enough."""
        arrivals = self._first_live_ns.values()
        return min(arrivals) + self._wait_ns if arrivals else None

    def pop_overdue(self, now_ns: int) -> Iterator[ClosedMinute]:
        """Close every stamp that has waited long enough, and those before it."""
        due = [s for s, at_ns in self._first_live_ns.items() if at_ns + self._wait_ns <= now_ns]
        last = max(due, default=0)
        while self.stamps and self.stamps[0] <= last:
            yield self.pop_oldest()

    def pending_of(self, contract: str) -> tuple[PendingBar, ...]:
        """Give a contract's waiting bars, oldest first."""
        held = (self._bars[stamp].get(contract) for stamp in self.stamps)
        return tuple(waiting for waiting in held if waiting is not None)
