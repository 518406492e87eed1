"""A position as its message, and back: what is published of it and what crosses into a new date.

A date begins without the exits of the one before: every position that is carried is past the
flat-by time of the date it was opened on, so its exit is commanded anew, at the first stamp or by
the timer, under an id of the new date.
"""

from services.domain.messages.risk import Position, PositionState
from services.domain.units import Contracts, MicroUsd, Ticks
from services.risk.ledger.position import PositionRecord


def position_message(record: PositionRecord, account: str, report_sequence: int) -> Position:
    """The position message of a record."""
    state = record.state
    closed = state is PositionState.CLOSED
    return Position(
        position_id=record.position_id,
        account=account,
        strategy=record.strategy,
        contract=record.contract,
        order_contract=record.order_contract,
        state=state,
        side=record.side,
        quantity=Contracts(record.entered - record.exited),
        entered=Contracts(record.entered),
        entry_price=record.entry_sum / record.entered if record.entered else None,
        entry_ns=record.entry_ns,
        exit_price=record.exit_sum / record.exited if closed and record.exited else None,
        exit_ns=record.exit_ns,
        exit_code=record.exit_code,
        stop=record.stop,
        target=record.target,
        initial_stop=record.initial_stop,
        signal_ns=record.signal_ns,
        trade_date=record.trade_date,
        realised=record.realised,
        commissions=MicroUsd(record.commissions),
        report_sequence=report_sequence,
        protected=record.protected and not closed,
    )


def restored_position(
    position: Position,
    tick_value: MicroUsd,
    *,
    in_flight: Contracts | None,
    size_max: Contracts,
    day: int,
) -> PositionRecord:
    """Restore a position of an earlier trade date.

    `in_flight` is what its entry may still fill; None: not known, and an entry that is still open
    counts at `size_max`. `day` keeps the ids of its commands apart from those of the date before.
    """
    entered, held = position.entered, position.quantity
    # Also one whose cancel is on its way: the client must report its outcome again.
    alive = position.state in (PositionState.OPENING, PositionState.UNKNOWN) or not entered
    entry_quantity = max(entered, size_max) if alive else entered
    if in_flight is not None:
        entry_quantity = Contracts(entered + in_flight)
    record = PositionRecord(
        position_id=position.position_id,
        strategy=position.strategy,
        contract=position.contract,
        order_contract=position.order_contract,
        side=position.side,
        tick_value=tick_value,
        entry_quantity=entry_quantity,
        trade_date=position.trade_date,
        signal_ns=position.signal_ns,
        created_ns=position.signal_ns,
        entered=entered,
        entry_sum=round((position.entry_price or 0.0) * entered),
        entry_ns=position.entry_ns,
        exited=Contracts(entered - held),
        exit_ns=position.exit_ns,
        exit_code=position.exit_code,
        commissions=position.commissions,
        realised_before_today=position.realised,
        acknowledged=not alive,
        unknown=position.state is PositionState.UNKNOWN,
        protected=position.protected,
        stop=position.stop,
        target=position.target,
        initial_stop=position.initial_stop,
        commanded_stop=_commanded_stop(position),
        command_number_base=day,
    )
    if record.exited and tick_value:
        # The inverse of `realised`: the only unknown in it is the sum of the exit prices.
        gross = (position.realised + position.commissions) * entered * record.side.sign
        record.exit_sum = round((gross / tick_value + record.entry_sum * record.exited) / entered)
    return record


def _commanded_stop(position: Position) -> Ticks | None:
    # Moves only ever come nearer, so of the last known and the first stop it is the nearer one.
    stop, first = position.stop, position.initial_stop
    if stop is None or first is None:
        return first if stop is None else stop
    return stop if position.side.sign * (stop - first) >= 0 else first
