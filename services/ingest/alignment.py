"""Bars on their way to minutes: each waits here until its minute closes; minutes close in order.

Rule 1: playback closes a minute when the desk's watermark has reached it.
Rule 2: live closes it when every contract of its group has sent its bar or a later one, at the
        latest the alignment deadline after the minute's first live arrival. Bars of history wait
        for their peers or for the watermark.
Rule 3: closing a minute closes every earlier one of its group first.
Rule 4: a bar whose minute has closed makes a late minute of its own at once, and closes nothing.
"""

from bisect import insort
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from services.domain.manifest import Group
from services.domain.messages.market import (
    Bar,
    FeedCarry,
    MarketMinute,
    MinuteKind,
    PendingBar,
    Watermark,
)
from services.domain.units import UnixNanos

MINUTES_MAX: Final = 20_000
"""Minutes that may wait: two weeks of them; the oldest closes when one more comes."""
_NO_WATERMARK: Final = Watermark(now_ns=UnixNanos(0))


class _GroupAlignment:
    # The waiting bars of one group.

    def __init__(self, group: Group) -> None:
        self.group = group
        self.closed_ns = UnixNanos(0)
        """Newest minute that closed; a bar at or before it is late."""
        self.minutes: list[UnixNanos] = []
        """Minutes that wait, oldest first."""
        self.bars: dict[UnixNanos, dict[str, PendingBar]] = {}
        """What waits, by minute and contract."""
        self.first_live_ns: dict[UnixNanos, UnixNanos] = {}
        """When the first live bar of a waiting minute came."""
        self.newest: dict[str, int] = dict.fromkeys(group.contracts, 0)
        """How far each contract has come, in the group's order."""

    def add(self, pending: PendingBar) -> None:
        bar, arrived_ns = pending.bar, pending.arrived_ns
        minute = bar.close_ns
        if minute not in self.bars:
            self.bars[minute] = {}
            insort(self.minutes, minute)
        self.bars[minute][bar.contract] = pending
        self.newest[bar.contract] = minute
        if not bar.historical:
            # The earliest arrival counts, in whatever order a restart hands them back.
            first_ns = self.first_live_ns.get(minute, arrived_ns)
            self.first_live_ns[minute] = min(first_ns, arrived_ns)

    def close_until(self, limit_ns: int, mark: Watermark = _NO_WATERMARK) -> list[MarketMinute]:
        closed = []
        while self.minutes and self.minutes[0] <= limit_ns:
            self.closed_ns = minute = self.minutes.pop(0)
            self.first_live_ns.pop(minute, None)
            held = self.bars.pop(minute)
            closed.append(
                MarketMinute(
                    group=self.group.name,
                    kind=MinuteKind.BAR,
                    close_ns=minute,
                    bars=tuple([held[name].bar for name in self.newest if name in held]),
                    report_sequence=mark.report_sequence,
                    depth_sequence=mark.depth_sequence,
                )
            )
        return closed

    def close_complete(self) -> list[MarketMinute]:
        # What nobody can add to any more, and what is beyond the bound.
        beyond = self.minutes[-MINUTES_MAX - 1] if len(self.minutes) > MINUTES_MAX else 0
        return self.close_until(max(beyond, min(self.newest.values())))


class Alignment:
    """Every group's waiting bars."""

    def __init__(self, groups: Sequence[Group], wait_ns: int, *, playback: bool) -> None:
        self._groups = {group.name: _GroupAlignment(group) for group in groups}
        self._of_contract = {
            contract: self._groups[group.name] for group in groups for contract in group.contracts
        }
        self._wait_ns = wait_ns
        self._playback = playback

    def add(self, bar: Bar, now: UnixNanos) -> list[MarketMinute]:
        """Take an accepted bar; give the minutes it closes."""
        waiting = self._of_contract[bar.contract]
        minutes = []
        if bar.close_ns > waiting.closed_ns:
            waiting.add(PendingBar(bar, now))
        else:
            waiting.newest[bar.contract] = max(waiting.newest[bar.contract], bar.close_ns)
            group, kind = waiting.group.name, MinuteKind.BAR
            late = MarketMinute(
                group=group, kind=kind, close_ns=bar.close_ns, bars=(bar,), late=True
            )
            minutes.append(late)
        return minutes if self._playback else minutes + waiting.close_complete()

    def advance(self, mark: Watermark) -> list[MarketMinute]:
        """Apply a watermark that rose; give the minutes it closes, in playback oldest first."""
        minutes: list[MarketMinute] = []
        for waiting in self._groups.values():
            # Live it closes history alone: what is live waits for its peers.
            live_ns = UnixNanos(mark.now_ns + 1)
            if not self._playback:
                live_ns = min(waiting.first_live_ns, default=live_ns)
            minutes += waiting.close_until(min(mark.now_ns, live_ns - 1), mark)
        if self._playback:  # of equals the manifest's order stands
            minutes.sort(key=attrgetter("close_ns"))
        return minutes

    def deadline_ns(self) -> UnixNanos | None:
        """When the first waiting live minute has waited long enough; asked live alone."""
        arrivals = [at for each in self._groups.values() for at in each.first_live_ns.values()]
        return UnixNanos(min(arrivals) + self._wait_ns) if arrivals else None

    def overdue(self, now: UnixNanos) -> list[MarketMinute]:
        """Close the live minutes whose peers did not come in time, and those before them."""
        minutes: list[MarketMinute] = []
        for waiting in self._groups.values():
            arrived = waiting.first_live_ns.items()
            due = (minute for minute, at_ns in arrived if at_ns + self._wait_ns <= now)
            minutes += waiting.close_until(max(due, default=0))
        return minutes

    def snapshot(self) -> tuple[tuple[PendingBar, ...], tuple[tuple[str, int], ...]]:
        """Give every bar that waits, oldest first, and each group's newest closed minute."""
        groups = self._groups.values()
        pending = (bar for each in groups for at in each.minutes for bar in each.bars[at].values())
        return tuple(pending), tuple((name, each.closed_ns) for name, each in self._groups.items())

    def restore(self, carry: FeedCarry) -> None:
        """Go on from what a carry holds."""
        for name, close_ns in carry.closed:
            if name in self._groups:
                self._groups[name].closed_ns = UnixNanos(close_ns)
        for bar in carry.last_bars:
            if bar.contract in self._of_contract:
                self._of_contract[bar.contract].newest[bar.contract] = bar.close_ns
        for waiting in carry.pending:
            if waiting.bar.contract in self._of_contract:
                self._of_contract[waiting.bar.contract].add(waiting)
