"""The state machine: bars, clocks and faults in; carries, session updates and closed stamps out.

Rule 1: bars of a group wait for their stamp (align.py); when it closes, each contract with a bar
        folds it (lane.py); then each speaks in the manifest's order, StampClosed says who came.
Rule 2: playback closes a stamp when the client's clock has reached it; live when every contract has
        come that far, or at the alignment deadline; a live clock closes history only.
Rule 3: a bar later than its closed stamp is folded at once, spoken, noted, and closes nothing.
"""

from collections.abc import Iterable, Iterator

from services.domain.calendar import Calendar
from services.domain.features import Feature
from services.domain.manifest import Manifest
from services.domain.messages.market import Bar, Clock, FeedFault, SuppliedLevels, TimeMode
from services.domain.messages.reading import SmtReading
from services.domain.messages.session import SessionCarry, StampClosed
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MS, UnixNanos
from services.state.align import Alignment, Taken
from services.state.carry import Waiting
from services.state.config import StateConfig
from services.state.divergence import diverge
from services.state.lane import Lane


class SessionMachine:
    """The logic of the state service."""

    def __init__(self, config: StateConfig, manifest: Manifest, calendar: Calendar) -> None:
        self._playback = manifest.mode is TimeMode.PLAYBACK
        wait_ns = config.alignment_deadline_ms * NANOS_PER_MS
        self._alignments = [Alignment(group, wait_ns) for group in manifest.groups]
        # Nothing optional is computed but what state.toml names, and what an enabled strategy
        # declares to read of its own signal contract.
        self._reads_smt = Feature.SMT in manifest.features.union(config.features)
        self._lanes: dict[str, Lane] = {}
        self._alignment_of: dict[str, Alignment] = {}
        for alignment in self._alignments:
            for contract in alignment.group.contracts:
                features = manifest.features_of(contract).union(config.features)
                self._lanes[contract] = Lane(contract, config, calendar, features)
                self._alignment_of[contract] = alignment

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Take one message of the market stream, or a carry at restart."""
        match message:
            case Bar():
                return list(self._on_bar(message, now))
            case Clock():
                return list(self._on_clock(message))
            case FeedFault():
                self._on_fault(message)
            case SuppliedLevels():
                lane = self._lanes.get(message.contract)
                if lane is not None:
                    lane.supply(message)
            case SessionCarry():
                self._restore(message)
            case _:
                pass
        return []

    def next_deadline(self) -> UnixNanos | None:
        """Give the time at which the first live stamp has waited long enough; none in playback."""
        if self._playback:
            return None
        deadlines = [d for d in (a.deadline_ns() for a in self._alignments) if d is not None]
        return UnixNanos(min(deadlines)) if deadlines else None

    def on_timer(self, now: UnixNanos) -> Iterable[Message]:
        """Close the live stamps whose peers did not come in time."""
        if self._playback:
            return []
        return [
            message
            for alignment in self._alignments
            for taken in alignment.overdue(now)
            for message in self._close(alignment, taken, None)
        ]

    def carry(self) -> Iterable[Message]:
        """Pack every contract as it stands, waiting bars included."""
        packed = []
        for contract, lane in self._lanes.items():
            alignment = self._alignment_of[contract]
            carry = lane.carry(alignment.closed_ns, alignment.waiting_of(contract))
            if carry is not None:
                packed.append(carry)
        return packed

    def _on_bar(self, bar: Bar, now: UnixNanos) -> Iterator[Message]:
        alignment = self._alignment_of.get(bar.contract)
        if alignment is None or bar.partial:
            # The gateway refuses both by name; nothing is built on them here either.
            return
        lane = self._lanes[bar.contract]
        if not lane.accepts(bar):
            return
        if bar.close_ns <= alignment.closed_ns:
            alignment.note_arrival(bar.contract, bar.close_ns)
            begun = lane.fold(bar)
            if begun is not None:
                yield from begun
                yield lane.speak(bar, None, late=True)
        else:
            alignment.add(Waiting(bar, now))
        if not self._playback:
            for taken in alignment.complete():
                yield from self._close(alignment, taken, None)

    def _on_clock(self, clock: Clock) -> Iterator[Message]:
        if not self._playback:
            for alignment in self._alignments:
                for taken in alignment.history(clock.now_ns):
                    yield from self._close(alignment, taken, clock.report_sequence)
            return
        while (due := self._next_due(clock.now_ns)) is not None:
            yield from self._close(due, due.take(), clock.report_sequence)

    def _next_due(self, clock_ns: int) -> Alignment | None:
        # The group with the oldest stamp; the manifest's order decides between equals.
        due: Alignment | None = None
        oldest_ns = clock_ns + 1
        for alignment in self._alignments:
            stamp = alignment.oldest
            if stamp is not None and stamp < oldest_ns:
                due, oldest_ns = alignment, stamp
        return due

    def _close(
        self, alignment: Alignment, taken: Taken, report_sequence: int | None
    ) -> Iterator[Message]:
        stamp, bars = taken
        folded: list[tuple[Lane, Bar, tuple[SessionCarry, ...]]] = []
        for contract in alignment.group.contracts:
            waiting = bars.get(contract)
            if waiting is not None:
                lane, bar = self._lanes[contract], waiting.bar
                begun = lane.fold(bar)
                if begun is not None:
                    folded.append((lane, bar, begun))
        # Divergence is read off all of them, so nobody speaks before everybody has folded.
        whole = self._reads_smt and len(folded) == len(alignment.group.contracts)
        smt = _divergence(folded) if whole else None
        present, trade_date = [], ""
        for lane, bar, begun in folded:
            yield from begun
            update = lane.speak(bar, smt)
            present.append(lane.contract)
            trade_date = update.trade_date
            yield update
        if not present:
            return
        yield StampClosed(
            group=alignment.group.name,
            close_ns=UnixNanos(stamp),
            trade_date=trade_date,
            present=tuple(present),
            missing=tuple(c for c in alignment.group.contracts if c not in present),
            historical=all(bars[contract].bar.historical for contract in present),
            report_sequence=report_sequence,
        )

    def _on_fault(self, fault: FeedFault) -> None:
        if not fault.blocks_entries:
            return
        for contract, lane in self._lanes.items():
            # A fault that names no contract may concern any.
            if fault.contract in ("", contract):
                lane.fault(fault)

    def _restore(self, carry: SessionCarry) -> None:
        lane = self._lanes.get(carry.contract)
        if lane is None:
            return
        state = lane.restore(carry)
        alignment = self._alignment_of[carry.contract]
        alignment.closed_ns = max(alignment.closed_ns, state.closed_ns)
        alignment.note_arrival(carry.contract, state.arrived_ns)
        for waiting in state.waiting:
            alignment.add(waiting)
        state.waiting = ()


def _divergence(folded: Iterable[tuple[Lane, Bar, object]]) -> SmtReading | None:
    members = []
    for lane, bar, _ in folded:
        member = lane.divergence_member(bar)
        if member is None:
            return None
        members.append(member)
    return diverge(members)
