"""The state machine: minutes of bars and faults in; carries and minutes of readings out.

Rule 1: each contract with a bar folds it (contract_state.py); when all have, divergence is read off
        them and the minute's readings leave as one message, with who was missing.
Rule 2: a late minute is folded and published at once with a note; nothing is decided on it.
"""

from collections.abc import Iterable, Sequence

from services.domain.calendar import Calendar
from services.domain.indicator_families import IndicatorFamily
from services.domain.manifest import Manifest
from services.domain.messages.market import Bar, FeedFault, MarketMinute, SuppliedLevels
from services.domain.messages.reading import SmtReading
from services.domain.messages.session import SessionCarry, SessionMinute
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.state.config import StateConfig
from services.state.confluence.divergence import diverge
from services.state.contract_state import ContractState


class SessionMachine:
    """The logic of the state service."""

    def __init__(self, config: StateConfig, manifest: Manifest, calendar: Calendar) -> None:
        # Nothing optional is computed but what state.toml names, and what an enabled strategy
        # declares to read of its own signal contract.
        self._reads_smt = IndicatorFamily.SMT in manifest.indicator_families.union(
            config.indicator_families
        )
        self._groups = {
            group.name: {
                contract: ContractState(
                    contract,
                    config,
                    calendar,
                    manifest.indicator_families_of(contract).union(config.indicator_families),
                )
                for contract in group.contracts
            }
            for group in manifest.groups
        }
        self._contracts = {
            name: state for states in self._groups.values() for name, state in states.items()
        }

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Take one message of the market stream, or a carry at restart."""
        del now
        match message:
            case MarketMinute():
                return self._on_minute(message)
            case FeedFault():
                self._on_fault(message)
            case SuppliedLevels():
                contract_state = self._contracts.get(message.contract)
                if contract_state is not None:
                    contract_state.supply(message)
            case SessionCarry():
                contract_state = self._contracts.get(message.contract)
                if contract_state is not None:
                    contract_state.restore(message)
            case _:
                pass
        return ()

    def next_deadline(self) -> UnixNanos | None:
        """Nothing here waits."""
        return None

    def on_timer(self, now: UnixNanos) -> Iterable[Message]:
        """Nothing here waits."""
        del now
        return ()

    def carry(self) -> Iterable[Message]:
        """Pack every contract as it stands."""
        packed = (contract_state.carry() for contract_state in self._contracts.values())
        return [carry for carry in packed if carry is not None]

    def _on_minute(self, minute: MarketMinute) -> Sequence[Message]:
        contracts = self._groups.get(minute.group, {})
        outputs: list[Message] = []
        folded: list[tuple[ContractState, Bar]] = []
        for bar in minute.bars:
            contract_state = contracts.get(bar.contract)
            if contract_state is None or bar.partial:
                # The gateway refuses both by name; nothing is built on them here either.
                continue
            begun = contract_state.fold(bar)
            if begun is not None:
                outputs += begun
                folded.append((contract_state, bar))
        if not folded:
            return outputs
        # Divergence is read off all of them, so no update is built before every contract has
        # folded.
        whole = len(folded) == len(contracts)
        smt = _divergence(folded) if whole and self._reads_smt else None
        updates = tuple([state.build_update(bar, smt, late=minute.late) for state, bar in folded])
        present = {state.contract for state, _ in folded}
        outputs.append(
            SessionMinute(
                group=minute.group,
                close_ns=minute.close_ns,
                trade_date=updates[-1].trade_date,
                updates=updates,
                missing=() if whole else tuple([c for c in contracts if c not in present]),
                historical=all(update.historical for update in updates),
                late=minute.late,
                required_report_sequence=minute.report_sequence,
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


def _divergence(folded: Iterable[tuple[ContractState, Bar]]) -> SmtReading | None:
    members = []
    for contract_state, bar in folded:
        member = contract_state.divergence_member(bar)
        if member is None:
            return None
        members.append(member)
    return diverge(members)
