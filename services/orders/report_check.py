"""What a report may be, judged against the order it names. Pure.

Rule 1: a report that cannot be is not passed on, and the link is a MISMATCH: risk halts.
Rule 2: a fill is different: what the account traded, it traded. It is passed on to the ledger
        whatever is wrong with the rest of it, unless it is of another account, or of no contracts.
Rule 3: prices are judged by risk, which knows the market; a commission below zero is taken as none.
"""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from services.domain.messages.orders import (
    AccountValues,
    CommandAck,
    Execution,
    OrderRole,
    OrderState,
    OrderUpdate,
)
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.messages.union import ReportMessage
from services.domain.units import NANOS_PER_SECOND, MicroUsd, UnixNanos

_CLOCK_NS: Final = 60 * NANOS_PER_SECOND
"""So far a report's time may lie beyond ours or before its command: two clocks, one in a platform
that stamps by its PC. More is not a time of this order."""
_BRACKET: Final = (OrderRole.STOP, OrderRole.TARGET)


class ReportCheck:
    """Judges the reports of one account."""

    def __init__(self, account: str, *, live: bool) -> None:
        """`live`: times are judged too; a playback stamps what happens within a bar by its end."""
        self._account = account
        self._live = live

    def fault(self, body: ReportMessage, orders: Mapping[str, OrderState], now: UnixNanos) -> str:
        """Why a report cannot be; empty: it can. `orders`: ours, by command id."""
        match body:
            case CommandAck():
                return _unknown_order(body, orders) or _ack_fault(body, orders)
            case OrderUpdate():
                return _update_fault(body, orders) or self._time_fault(body, orders, now)
            case Execution():
                return (
                    self._account_fault(body.execution_id, body.account)
                    or _fill_fault(body, orders)
                    or self._time_fault(body, orders, now)
                )
            case AccountValues():
                return self._account_fault("account values", body.account)
            case _:
                return ""

    def bookable(self, fill: Execution) -> Execution | None:
        """What of a fill the ledger must have; None: nothing of it is ours."""
        if fill.account != self._account or fill.quantity <= 0:
            return None
        if fill.commission < 0:
            return replace(fill, commission=MicroUsd(0))
        return fill

    def _account_fault(self, what: str, account: str) -> str:
        if account == self._account:
            return ""
        return f"{what} is of account {account}, the desk trades {self._account}"

    def _time_fault(
        self, body: OrderUpdate | Execution, orders: Mapping[str, OrderState], now: UnixNanos
    ) -> str:
        if not self._live:
            return ""
        order = orders.get(body.command_id)
        late = body.at_ns - now
        if late > _CLOCK_NS:
            return f"report {body.report_sequence} is of {late // NANOS_PER_SECOND} s in the future"
        early = 0 if order is None else order.command.created_ns - body.at_ns
        if early > _CLOCK_NS:
            seconds = early // NANOS_PER_SECOND
            return f"report {body.report_sequence} is of {seconds} s before its command was given"
        return ""


def _unknown_order(
    body: CommandAck | OrderUpdate | Execution, orders: Mapping[str, OrderState]
) -> str:
    if body.command_id in orders:
        return ""
    return f"report {body.report_sequence} is for order {body.command_id}, which was never sent"


def _ack_fault(ack: CommandAck, orders: Mapping[str, OrderState]) -> str:
    expected = orders[ack.command_id].command.limits_hash
    if ack.limits_hash in ("", expected):
        return ""
    return f"answer to {ack.command_id} names limits {ack.limits_hash}, expected {expected}"


def _update_fault(update: OrderUpdate, orders: Mapping[str, OrderState]) -> str:
    what = f"order {update.role.name} {update.command_id or update.position_id}"
    if update.quantity < 0 or not 0 <= update.filled <= update.quantity:
        return f"{what} has {update.filled} of {update.quantity} contracts filled"
    if update.price is not None and update.price <= 0:
        return f"{what} works at {update.price} ticks, expected > 0"
    if update.role is OrderRole.EXTERNAL:
        return ""
    if update.role is OrderRole.GUARD:
        return _guard_fault(what, update.position_id, update.contract, orders)
    if fault := _unknown_order(update, orders):
        cancelled = update.role is OrderRole.ENTRY and _is_cancelled(update.position_id, orders)
        return "" if cancelled else fault
    return _command_fault(what, orders[update.command_id].command, update.role, update.contract)


def _is_cancelled(position_id: str, orders: Mapping[str, OrderState]) -> bool:
    # An entry that a snapshot has shown and risk cancels although nobody knows it: it reports too.
    commands = (order.command for order in orders.values())
    return any(x.action is Action.CANCEL and x.position_id == position_id for x in commands)


def _fill_fault(fill: Execution, orders: Mapping[str, OrderState]) -> str:
    what = f"execution {fill.execution_id}"
    if fill.quantity <= 0:
        return f"{what} is of {fill.quantity} contracts, expected > 0"
    if fill.commission < 0:
        return f"{what} has a commission of {fill.commission} micro-dollars, expected >= 0"
    if fill.role is OrderRole.EXTERNAL:
        return f"{what} of {fill.quantity} {fill.contract} is not ours: it was traded by hand"
    if fill.role is OrderRole.GUARD:
        # Either side: a bracket that has filled twice is ended by buying back.
        return _guard_fault(what, fill.position_id, fill.contract, orders)
    if fault := _unknown_order(fill, orders):
        return fault
    order = orders[fill.command_id]
    fault = _command_fault(what, order.command, fill.role, fill.contract)
    entry = order if order.command.is_entry else orders.get(fill.position_id)
    return fault or _side_fault(what, fill, entry)


def _guard_fault(
    what: str, position_id: str, contract: str, orders: Mapping[str, OrderState]
) -> str:
    entry = orders.get(position_id)
    if entry is None:
        return f"{what} guards position {position_id}, which the desk does not have"
    if entry.command.contract != contract:
        return f"{what} is in {contract}, its position in {entry.command.contract}"
    return ""


def _command_fault(what: str, command: OrderCommand, role: OrderRole, contract: str) -> str:
    if contract != command.contract:
        return f"{what} is in {contract}, its command in {command.contract}"
    of_entry = role is OrderRole.ENTRY or role in _BRACKET
    if of_entry != command.is_entry:
        return f"{what} is a {role.name}, its command is {command.action.name}"
    return ""


def _side_fault(what: str, fill: Execution, entry: OrderState | None) -> str:
    side = None if entry is None else entry.command.entry_side
    if side is None:  # the flattening of a contract, or a position of a date long ended
        return ""
    expected = side if fill.role is OrderRole.ENTRY else side.opposite
    if fill.side is expected:
        return ""
    found = "bought" if fill.side is Side.LONG else "sold"
    return f"{what} {found}, a {fill.role.name} of a {side.name} position does not"
