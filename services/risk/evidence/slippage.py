"""How far entries fill from the price they were judged at (spec P22).

Rule: an entry counts once, at its worst fill; when `slippage_breaches_max` entries of a
trade date are beyond the collar the desk halts.
"""

from services.domain.messages.orders import Execution, OrderRole
from services.domain.messages.risk import OrderCommand
from services.domain.units import Ticks


class Slippage:
    """Reference prices of the entries of a trade date, and those that were beyond the collar."""

    def __init__(self) -> None:
        self._references: dict[str, Ticks] = {}
        self.breaches: dict[str, Ticks] = {}
        """Slippage of every entry beyond the collar, by command id."""

    def apply_command(self, command: OrderCommand) -> None:
        """Remember what an entry is judged against."""
        if command.entry_reference is not None:
            self._references[command.command_id] = command.entry_reference

    def handle_fill(self, execution: Execution, ticks_max: Ticks) -> str | None:
        """Handle a fill; return a sentence when it is an entry's first beyond the collar."""
        if execution.role is not OrderRole.ENTRY:
            return None
        reference = self._references.get(execution.command_id)
        if reference is None or execution.command_id in self.breaches:
            return None
        ticks = Ticks(abs(execution.price - reference))
        if ticks <= ticks_max:
            return None
        self.breaches[execution.command_id] = ticks
        return (
            f"entry {execution.command_id} filled {ticks} ticks from its reference, "
            f"{ticks_max} allowed"
        )

    def clear(self) -> None:
        """Begin a trade date."""
        self._references.clear()
        self.breaches.clear()
