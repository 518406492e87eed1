"""What a command, a fill, a phase and a state are called in every sentence people read.

The narration of a running day, the trace of a past one, the status of a desk and the stand-in for
NinjaTrader describe the same messages: they use the same words.
"""

from typing import Final

from services.domain.calendar import et_text
from services.domain.instruments import points_text
from services.domain.messages.orders import CommandAck, Execution, OrderRole
from services.domain.messages.risk import Decision, OrderCommand, StateChanged
from services.domain.messages.session import Phase
from services.domain.messages.strategy import Side
from services.domain.units import UnixNanos

PHASE_TEXTS: Final = {
    Phase.OVERNIGHT: "session open, overnight",
    Phase.OR_BUILD: "regular hours open",
    Phase.EOR_BUILD: "opening range of 15 minutes complete",
    Phase.IB_BUILD: "opening range of 30 minutes complete",
    Phase.AM: "Initial Balance complete",
    Phase.PM: "afternoon",
    Phase.CLOSING: "closing half-hour",
    Phase.CLOSED: "regular hours closed",
}
"""What has just happened when a phase begins."""


def clock_text(ns: UnixNanos) -> str:
    """New York, `10:31`."""
    return et_text(ns)[11:16]


def command_text(command: OrderCommand) -> str:
    """`ENTER_SHORT 1 MNQ 03-26, stop 25076.25, target 24873.75 (OR_REVERSAL_SHORT)`."""
    quantity = f"{command.quantity} " if command.quantity else ""
    prices = "".join(
        f", {name} {points_text(command.contract, price)}"
        for name, price in (("stop", command.stop), ("target", command.target))
        if price is not None
    )
    return f"{command.action.name} {quantity}{command.contract}{prices} ({command.code})"


def ack_text(ack: CommandAck) -> str:
    """The client's answer to a command: `REFUSED 7f3a…: expired`."""
    return f"{ack.status.name} {ack.command_id}{f': {ack.text}' if ack.text else ''}"


def fill_text(fill: Execution) -> str:
    """`sold 1 MNQ 03-26 at 25008.50, entry`."""
    verb = "bought" if fill.side is Side.LONG else "sold"
    role = "by hand" if fill.role is OrderRole.EXTERNAL else fill.role.name.lower()
    price = points_text(fill.contract, fill.price)
    return f"{verb} {fill.quantity} {fill.contract} at {price}, {role}"


def decision_text(decision: Decision) -> str:
    """`refused DAILY_LOSS: …`; a verdict that is its own code is named once."""
    name = decision.verdict.name
    code = "" if decision.code == name else f" {decision.code}"
    return f"{name.lower()}{code}: {decision.text}"


def state_text(changed: StateChanged) -> str:
    """The trading state, or the latch that tripped, with its reason."""
    latch = f" {changed.code}" if changed.code else ""
    scope = f" of {changed.scope}" if changed.scope else ""
    reason = f": {changed.reason}" if changed.reason else ""
    return f"{changed.state.name}{latch}{scope}{reason}"


def holding_text(contract: str, quantity: int) -> str:
    """What an account holds in a contract: `+2 MNQ 03-26`, negative for short."""
    return f"{quantity:+d} {contract}"
