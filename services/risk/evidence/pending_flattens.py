"""Flattens of a kill that are not proven to have closed their contract (spec P02).

A position the ledger knows is closed by commands of its own (exits/). This is for the rest: a
contract in which only the account knows an order or a position. What is not answered the router
hands over again with the next connection; what is refused is commanded again here, and what was
accepted as well, if the account still holds something there a while later.
"""

import msgspec

from services.domain.messages.orders import AckStatus, CommandAck, OrderUpdate
from services.domain.messages.risk import Action, OrderCommand
from services.domain.units import UnixNanos
from services.risk.evidence.account_state import AccountState
from services.risk.ledger.position import TERMINAL_UNFILLED


class PendingFlatten(msgspec.Struct, frozen=True):
    """A flatten whose contract is not known to be flat."""

    command_id: str
    at_ns: UnixNanos
    attempts: int
    refused: bool = False
    accepted_ns: UnixNanos | None = None
    """When the client accepted it, on our clock."""
    held: int = 0
    """What the account has held in the contract since then, by its newest holdings; signed."""


class PendingFlattens:
    """Flattens of a kill by order contract."""

    def __init__(self) -> None:
        self.by_contract: dict[str, PendingFlatten] = {}
        """Those the client has not carried out, as far as is known."""

    def apply_command(self, command: OrderCommand) -> None:
        """Apply a published command."""
        if command.action is Action.FLATTEN and command.code == "KILL":
            before = self.by_contract.get(command.contract)
            tries = 1 if before is None else before.attempts + 1
            pending = PendingFlatten(command.command_id, command.created_ns, tries)
            self.by_contract[command.contract] = pending

    def handle_answer(self, report: CommandAck | OrderUpdate, now: UnixNanos) -> None:
        """Handle an answer: what the client refused is commanded again."""
        if isinstance(report, CommandAck):
            is_accepted = report.status in (AckStatus.ACCEPTED, AckStatus.DUPLICATE)
        else:
            is_accepted = report.status not in TERMINAL_UNFILLED
        for contract, pending in tuple(self.by_contract.items()):
            # One that ends after it was accepted is judged by what the account holds then.
            if pending.command_id == report.command_id and pending.accepted_ns is None:
                accepted_ns = now if is_accepted else None
                self.by_contract[contract] = msgspec.structs.replace(
                    pending, accepted_ns=accepted_ns, refused=not is_accepted
                )

    def handle_account(self, account_state: AccountState) -> None:
        """Handle new holdings: a contract that is flat is done."""
        for contract, pending in tuple(self.by_contract.items()):
            if pending.accepted_ns is None:
                continue
            held = account_state.quantity(contract, pending.accepted_ns)
            if held == 0:
                del self.by_contract[contract]
            elif held is not None:
                self.by_contract[contract] = msgspec.structs.replace(pending, held=held)

    def reset(self) -> None:
        """Reset what the carry of a date does not hold."""
        self.by_contract.clear()
