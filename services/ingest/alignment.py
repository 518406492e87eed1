"""Bars on their way to minutes: each waits here until its minute closes; minutes close in order.

Rule 1: playback closes a minute when the desk's watermark has reached it.
Rule 2: live closes it when every contract of its group has sent its bar or a later one, at the
        latest the alignment deadline after the minute's first live arrival. Bars of history wait
        for their peers or for the watermark.
Rule 3: closing a minute closes every earlier one of its group first.
Rule 4: a bar whose minute has closed makes a late minute of its own at once, and closes nothing.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from services.domain.manifest import Group
from services.domain.messages.market import Bar, MarketMinute, MinuteKind, PendingBar, Watermark
from services.domain.units import UnixNanos

MINUTES_MAX: Final = 20_000
"""Minutes that may wait: two weeks of them; the oldest closes when one more comes."""


class GroupAlignment:
    """The waiting bars of one group."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self.closed_ns = UnixNanos(0)
        """Newest minute that closed; a bar at or before it is late."""
        self.minutes: list[UnixNanos] = []
        """Minutes that wait, oldest first."""
        self._bars: dict[UnixNanos, dict[str, PendingBar]] = {}
        self._first_live_ns: dict[UnixNanos, UnixNanos] = {}
        self._newest: dict[str, int] = dict.fromkeys(group.contracts, 0)

    def add(self, pending: PendingBar) -> None:
        """Take a bar whose minute has not closed."""
        bar = pending.bar
        close_ns = bar.close_ns
        held = self._bars.get(close_ns)
        if held is None:
            held = self._bars[close_ns] = {}
            insort(self.minutes, close_ns)
        held[bar.contract] = pending
        self._newest[bar.contract] = close_ns
        if not bar.historical:
            # The earliest arrival counts, in whatever order a restart hands them back.
            first_ns, arrived_ns = self._first_live_ns.get(close_ns), pending.arrived_ns
            if first_ns is None or arrived_ns < first_ns:
                self._first_live_ns[close_ns] = arrived_ns

    def note_arrival(self, bar: Bar) -> None:
        """Remember how far a contract has come (a late bar, a restart)."""
        self._newest[bar.contract] = max(self._newest[bar.contract], bar.close_ns)

    def pop_complete(self) -> Iterator[MarketMinute]:
        """Close what nobody can add to any more, and what is beyond the bound."""
        reached = min(self._newest.values())
        while self.minutes and (self.minutes[0] <= reached or len(self.minutes) > MINUTES_MAX):
            yield self.pop_oldest(None)

    def pop_history(self, watermark: Watermark) -> Iterator[MarketMinute]:
        """Close the historical minutes at the head, up to the watermark."""
        while self.minutes and self.minutes[0] <= watermark.now_ns:
            if self.minutes[0] in self._first_live_ns:
                return
            yield self.pop_oldest(watermark)

    def first_arrival_ns(self) -> UnixNanos | None:
        """When the first bar of a waiting live minute came."""
        return min(self._first_live_ns.values(), default=None)

    def pop_arrived_until(self, arrived_ns: int) -> Iterator[MarketMinute]:
        """Close every live minute whose first bar came by then, and those before it."""
        due = [minute for minute, at_ns in self._first_live_ns.items() if at_ns <= arrived_ns]
        last = max(due, default=0)
        while self.minutes and self.minutes[0] <= last:
            yield self.pop_oldest(None)

    def pop_oldest(self, watermark: Watermark | None) -> MarketMinute:
        """Close the oldest minute."""
        close_ns = self.closed_ns = self.minutes.pop(0)
        self._first_live_ns.pop(close_ns, None)
        held = self._bars.pop(close_ns)
        bars = tuple([held[name].bar for name in self._newest if name in held])
        return self._minute(close_ns, bars, watermark)

    def late(self, bar: Bar) -> MarketMinute:
        """Give the minute of its own that a late bar makes."""
        self.note_arrival(bar)
        return self._minute(bar.close_ns, (bar,), None, late=True)

    def pending(self) -> tuple[PendingBar, ...]:
        """Give the bars that wait, oldest first."""
        return tuple(bar for minute in self.minutes for bar in self._bars[minute].values())

    def _minute(
        self,
        close_ns: UnixNanos,
        bars: tuple[Bar, ...],
        watermark: Watermark | None,
        *,
        late: bool = False,
    ) -> MarketMinute:
        return MarketMinute(
            group=self._group.name,
            kind=MinuteKind.BAR,
            close_ns=close_ns,
            bars=bars,
            late=late,
            report_sequence=None if watermark is None else watermark.report_sequence,
            depth_sequence=None if watermark is None else watermark.depth_sequence,
        )


class Alignment:
    """Every group's waiting bars."""

    def __init__(self, groups: Sequence[Group], wait_ns: int, *, playback: bool) -> None:
        self._groups = {group.name: GroupAlignment(group) for group in groups}
        self._of_contract = {
            contract: self._groups[group.name] for group in groups for contract in group.contracts
        }
        self._wait_ns = wait_ns
        self._playback = playback

    def add(self, bar: Bar, now: UnixNanos) -> list[MarketMinute]:
        """Take an accepted bar; give the minutes it closes."""
        group = self._of_contract[bar.contract]
        late = bar.close_ns <= group.closed_ns
        if late:
            minutes = [group.late(bar)]
        else:
            group.add(PendingBar(bar, now))
            minutes = []
        if not self._playback:
            minutes += group.pop_complete()
        return minutes

    def advance(self, watermark: Watermark) -> list[MarketMinute]:
        """Apply a watermark that rose; give the minutes it closes, oldest first."""
        minutes: list[MarketMinute] = []
        if not self._playback:
            for group in self._groups.values():
                minutes += group.pop_history(watermark)
            return minutes
        while (due := self._next_due(watermark.now_ns)) is not None:
            minutes.append(due.pop_oldest(watermark))
        return minutes

    def deadline_ns(self) -> UnixNanos | None:
        """When the first waiting live minute has waited long enough; none in playback."""
        if self._playback:
            return None
        arrivals = (group.first_arrival_ns() for group in self._groups.values())
        first = min((at for at in arrivals if at is not None), default=None)
        return None if first is None else UnixNanos(first + self._wait_ns)

    def overdue(self, now: UnixNanos) -> list[MarketMinute]:
        """Close the live minutes whose peers did not come in time."""
        if self._playback:
            return []
        until = now - self._wait_ns
        return [m for group in self._groups.values() for m in group.pop_arrived_until(until)]

    def pending(self) -> tuple[PendingBar, ...]:
        """Give every bar that waits, group by group, oldest first."""
        return tuple(bar for group in self._groups.values() for bar in group.pending())

    def closed(self) -> tuple[tuple[str, int], ...]:
        """Give each group's newest closed minute."""
        return tuple((name, group.closed_ns) for name, group in self._groups.items())

    def restore(
        self,
        closed: Iterable[tuple[str, int]],
        last_bars: Iterable[Bar],
        pending: Iterable[PendingBar],
    ) -> None:
        """Go on from what a carry holds."""
        for name, close_ns in closed:
            if name in self._groups:
                self._groups[name].closed_ns = UnixNanos(close_ns)
        for bar in last_bars:
            if bar.contract in self._of_contract:
                self._of_contract[bar.contract].note_arrival(bar)
        for waiting in pending:
            if waiting.bar.contract in self._of_contract:
                self._of_contract[waiting.bar.contract].add(waiting)

    def _next_due(self, clock_ns: int) -> GroupAlignment | None:
        # The group with the oldest minute; the manifest's order decides between equals.
        due: GroupAlignment | None = None
        oldest_ns = clock_ns + 1
        for group in self._groups.values():
            if group.minutes and group.minutes[0] < oldest_ns:
                due, oldest_ns = group, group.minutes[0]
        return due
