"""Flattens of a kill that the client has not accepted yet (spec P02).

A position the ledger knows is closed by commands of its own (emergency.py). This is for the rest: a
contract in which only the account knows an order or a position. What is not answered the router
hands over again with the next connection; what is refused is commanded again here.
"""

import msgspec

from services.domain.messages.orders import AckStatus, CommandAck, OrderUpdate
from services.domain.messages.risk import Action, OrderCommand
from services.domain.units import UnixNanos
from services.risk.ledger.position import TERMINAL_UNFILLED


class PendingFlatten(msgspec.Struct, frozen=True):
    """A flatten that the client has not accepted."""

    command_id: str
    at_ns: UnixNanos
    attempts: int
    refused: bool = False


class PendingFlattens:
    """Flattens of a kill by order contract."""

    def __init__(self) -> None:
        self.by_contract: dict[str, PendingFlatten] = {}
        """Those the client has not taken."""

    def apply_command(self, command: OrderCommand) -> None:
        """Apply a published command."""
        if command.action is Action.FLATTEN and command.code == "KILL":
            before = self.by_contract.get(command.contract)
            tries = 1 if before is None else before.attempts + 1
            pending = PendingFlatten(command.command_id, command.created_ns, tries)
            self.by_contract[command.contract] = pending

    def handle_answer(self, report: CommandAck | OrderUpdate) -> None:
        """Handle an answer: what was accepted is not commanded again."""
        if isinstance(report, CommandAck):
            is_accepted = report.status in (AckStatus.ACCEPTED, AckStatus.DUPLICATE)
        else:
            is_accepted = report.status not in TERMINAL_UNFILLED
        for contract, pending in tuple(self.by_contract.items()):
            if pending.command_id != report.command_id:
                continue
            if is_accepted:
                del self.by_contract[contract]
            else:
                self.by_contract[contract] = msgspec.structs.replace(pending, refused=True)

    def reset(self) -> None:
        """Reset what the carry of a date does not hold."""
        self.by_contract.clear()
