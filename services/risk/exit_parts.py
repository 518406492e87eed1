"""What the gate commands exits with."""

from services.risk.exits.emergency import EmergencyExits
from services.risk.exits.exits import PositionExits
from services.risk.exits.order_commands import OrderCommands
from services.risk.parts import GateParts


def exits_of(parts: GateParts, commands: OrderCommands) -> tuple[PositionExits, EmergencyExits]:
    """Build the exits of positions, and those of emergencies over them."""
    ledger, equity, evidence = parts.ledger, parts.equity, parts.evidence
    exits = PositionExits(
        ledger,
        parts.hours,
        equity,
        account_state=evidence.account_state,
        order_commands=commands,
    )
    emergency_exits = EmergencyExits(
        ledger, parts.trading, equity, exits=exits, order_commands=commands, evidence=evidence
    )
    return exits, emergency_exits
