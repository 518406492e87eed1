"""The trades of a day: entry, every place the stop and the target stood, exit, profit."""

from itertools import groupby

import msgspec

from services.domain.messages.orders import OrderRole, OrderStatus
from services.domain.messages.risk import Action, OrderCommand, Position, PositionState
from services.domain.messages.strategy import Side
from services.domain.units import MicroUsd, Ticks, UnixNanos
from services.review.day.record import DayRecord


class BracketStep(msgspec.Struct, frozen=True):
    """Where a bracket leg stood from a moment on."""

    at_ns: UnixNanos
    price: Ticks
    code: str = ""
    """Why it was moved; empty for where it began."""


class TradeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A position that was filled, as far as the day knows it."""

    position: Position
    """Its last state."""
    entry_ns: UnixNanos
    entry: float
    """Average fill, ticks of the order contract."""
    stops: tuple[BracketStep, ...]
    targets: tuple[BracketStep, ...]

    @property
    def is_long(self) -> bool:
        """Bought first."""
        return self.position.side is Side.LONG

    @property
    def is_closed(self) -> bool:
        """Nothing is held any more."""
        return self.position.state is PositionState.CLOSED and self.position.exit_ns is not None

    @property
    def ticks(self) -> float | None:
        """Ticks won per contract before costs; None while it is open."""
        if self.position.exit_price is None:
            return None
        won = self.position.exit_price - self.entry
        return won if self.is_long else -won


def trades_of(record: DayRecord) -> tuple[TradeRecord, ...]:
    """Give every filled position of a day in order of entry."""
    found = []
    for states in record.positions.values():
        last = states[-1]
        if last.entry_price is None or last.entry_ns is None:
            continue
        found.append(
            TradeRecord(
                position=last,
                entry_ns=last.entry_ns,
                entry=last.entry_price,
                stops=_steps(record, last, OrderRole.STOP),
                targets=_steps(record, last, OrderRole.TARGET),
            )
        )
    return tuple(sorted(found, key=lambda trade: trade.entry_ns))


def net_of(record: DayRecord) -> MicroUsd:
    """Realised profit of the day's positions after commissions."""
    return MicroUsd(sum(states[-1].realised for states in record.positions.values()))


def _steps(record: DayRecord, position: Position, role: OrderRole) -> tuple[BracketStep, ...]:
    commands = [c for c in record.commands if c.position_id == position.position_id]
    reported = [
        BracketStep(update.at_ns, update.price, _code(commands, role, update.price))
        for update in record.orders
        if update.position_id == position.position_id
        and update.role is role
        and update.status is OrderStatus.WORKING
        and update.price is not None
    ]
    # A client that reports no legs: what was commanded is the next best thing to know.
    steps = reported or _commanded(commands, role, position)
    return tuple(next(same) for _, same in groupby(steps, lambda step: step.price))


def _commanded(
    commands: list[OrderCommand], role: OrderRole, position: Position
) -> list[BracketStep]:
    steps = []
    for command in commands:
        price = command.stop if role is OrderRole.STOP else command.target
        if price is not None:
            at = max(command.created_ns, position.entry_ns or command.created_ns)
            steps.append(BracketStep(UnixNanos(at), price, _code([command], role, price)))
    return steps


def _code(commands: list[OrderCommand], role: OrderRole, price: Ticks) -> str:
    move = Action.MOVE_STOP if role is OrderRole.STOP else Action.MOVE_TARGET
    for command in reversed(commands):
        found = command.stop if role is OrderRole.STOP else command.target
        if command.action is move and found == price:
            return command.code
    return ""
