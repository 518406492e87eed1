"""The state machine: bars, clocks and faults in; carries, session updates and closed stamps out.

Rule 1: bars of a group wait for their stamp (alignment.py); when it closes, each contract with a
        bar folds it (contract_state.py); then each publishes its update in the manifest's order,
        and MinuteClosed lists who came.
Rule 2: playback closes a stamp when the client's clock has reached it; live when every contract has
        come that far, or at the alignment deadline; a live clock closes history only.
Rule 3: a bar later than its closed stamp is folded and published at once with a note, and closes
        nothing.
"""

from collections.abc import Iterable, Sequence

from services.domain.calendar import Calendar
from services.domain.indicator_families import IndicatorFamily
from services.domain.manifest import Manifest
from services.domain.messages.market import Bar, FeedFault, SuppliedLevels, TimeMode, Watermark
from services.domain.messages.reading import SmtReading
from services.domain.messages.session import MinuteClosed, SessionCarry
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MS, UnixNanos
from services.state.alignment import Alignment, ClosedMinute
from services.state.carry import PendingBar
from services.state.config import StateConfig
from services.state.confluence.divergence import diverge
from services.state.contract_state import ContractState


class SessionMachine:
    """The logic of the state service."""

    def __init__(self, config: StateConfig, manifest: Manifest, calendar: Calendar) -> None:
        self._playback = manifest.mode is TimeMode.PLAYBACK
        wait_ns = config.alignment_deadline_ms * NANOS_PER_MS
        self._alignments = [Alignment(group, wait_ns) for group in manifest.groups]
        # Nothing optional is computed but what state.toml names, and what an enabled strategy
        # declares to read of its own signal contract.
        self._reads_smt = IndicatorFamily.SMT in manifest.indicator_families.union(
            config.indicator_families
        )
        self._contracts: dict[str, ContractState] = {}
        self._aligned_contracts: dict[str, tuple[ContractState, Alignment]] = {}
        """Each contract's state and the stamps it is aligned by."""
        for alignment in self._alignments:
            for contract in alignment.contracts:
                features = manifest.indicator_families_of(contract).union(config.indicator_families)
                contract_state = self._contracts[contract] = ContractState(
                    contract, config, calendar, features
                )
                self._aligned_contracts[contract] = contract_state, alignment

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Take one message of the market stream, or a carry at restart."""
        match message:
            case Bar():
                return self._on_bar(message, now)
            case Watermark():
                return self._on_watermark(message)
            case FeedFault():
                self._on_fault(message)
            case SuppliedLevels():
                contract_state = self._contracts.get(message.contract)
                if contract_state is not None:
                    contract_state.supply(message)
            case SessionCarry():
                self._restore(message)
            case _:
                pass
        return []

    def next_deadline(self) -> UnixNanos | None:
        """Give the time at which the first live stamp has waited long enough; none in playback."""
        if self._playback:
            return None
        deadlines = (alignment.deadline_ns() for alignment in self._alignments)
        return min((UnixNanos(ns) for ns in deadlines if ns is not None), default=None)

    def on_timer(self, now: UnixNanos) -> Iterable[Message]:
        """Close the live stamps whose peers did not come in time."""
        if self._playback:
            return []
        outputs: list[Message] = []
        for alignment in self._alignments:
            for minute in alignment.pop_overdue(now):
                outputs += self._close(alignment, minute, None)
        return outputs

    def carry(self) -> Iterable[Message]:
        """Pack every contract as it stands, waiting bars included."""
        packed = []
        for contract, (contract_state, alignment) in self._aligned_contracts.items():
            carry = contract_state.carry(alignment.closed_ns, alignment.pending_of(contract))
            if carry is not None:
                packed.append(carry)
        return packed

    def _on_bar(self, bar: Bar, now: UnixNanos) -> Sequence[Message]:
        aligned = self._aligned_contracts.get(bar.contract)
        if aligned is None or bar.partial:
            # The gateway refuses both by name; nothing is built on them here either.
            return ()
        contract_state, alignment = aligned
        if not contract_state.accepts(bar):
            return ()
        late = bar.close_ns <= alignment.closed_ns
        if not late:
            alignment.add(PendingBar(bar, now))
            if self._playback:
                return ()
        outputs: list[Message] = []
        if late:
            alignment.note_arrival(bar.contract, bar.close_ns)
            begun = contract_state.fold(bar)
            if begun is not None:
                outputs += begun
                outputs.append(contract_state.build_update(bar, None, late=True))
        if not self._playback:
            for minute in alignment.pop_complete():
                outputs += self._close(alignment, minute, None)
        return outputs

    def _on_watermark(self, watermark: Watermark) -> Sequence[Message]:
        outputs: list[Message] = []
        if not self._playback:
            for alignment in self._alignments:
                for minute in alignment.pop_history(watermark.now_ns):
                    outputs += self._close(alignment, minute, watermark.report_sequence)
            return outputs
        while (due := self._next_due(watermark.now_ns)) is not None:
            outputs += self._close(due, due.pop_oldest(), watermark.report_sequence)
        return outputs

    def _next_due(self, clock_ns: int) -> Alignment | None:
        # The group with the oldest stamp; the manifest's order decides between equals.
        due: Alignment | None = None
        oldest_ns = clock_ns + 1
        for alignment in self._alignments:
            stamps = alignment.stamps
            if stamps and stamps[0] < oldest_ns:
                due, oldest_ns = alignment, stamps[0]
        return due

    def _close(
        self, alignment: Alignment, minute: ClosedMinute, report_sequence: int | None
    ) -> list[Message]:
        stamp, bars = minute
        contracts_by_name, contracts = self._contracts, alignment.contracts
        folded: list[tuple[ContractState, Bar, tuple[SessionCarry, ...]]] = []
        for contract in contracts:
            waiting = bars.get(contract)
            if waiting is not None:
                contract_state, bar = contracts_by_name[contract], waiting.bar
                begun = contract_state.fold(bar)
                if begun is not None:
                    folded.append((contract_state, bar, begun))
        if not folded:
            return []
        # Divergence is read off all of them, so no update is built before every contract has
        # folded.
        whole = len(folded) == len(contracts)
        smt = _divergence(folded) if whole and self._reads_smt else None
        outputs: list[Message] = []
        historical, trade_date = True, ""
        for contract_state, bar, begun in folded:
            if begun:
                outputs += begun
            update = contract_state.build_update(bar, smt)
            outputs.append(update)
            trade_date = update.trade_date
            if not bar.historical:
                historical = False
        present = contracts if whole else tuple([state.contract for state, _, _ in folded])
        outputs.append(
            MinuteClosed(
                group=alignment.group.name,
                close_ns=UnixNanos(stamp),
                trade_date=trade_date,
                present=present,
                missing=() if whole else tuple([c for c in contracts if c not in present]),
                historical=historical,
                required_report_sequence=report_sequence,
            )
        )
        return outputs

    def _on_fault(self, fault: FeedFault) -> None:
        if not fault.blocks_entries:
            return
        for contract, contract_state in self._contracts.items():
            # A fault that names no contract may concern any.
            if fault.contract in ("", contract):
                contract_state.fault(fault)

    def _restore(self, carry: SessionCarry) -> None:
        aligned = self._aligned_contracts.get(carry.contract)
        if aligned is None:
            return
        contract_state, alignment = aligned
        state = contract_state.restore(carry)
        alignment.closed_ns = max(alignment.closed_ns, state.closed_ns)
        alignment.note_arrival(carry.contract, state.arrived_ns)
        for waiting in state.pending:
            alignment.add(waiting)
        state.pending = ()


def _divergence(folded: Iterable[tuple[ContractState, Bar, object]]) -> SmtReading | None:
    members = []
    for contract_state, bar, _ in folded:
        member = contract_state.divergence_member(bar)
        if member is None:
            return None
        members.append(member)
    return diverge(members)
