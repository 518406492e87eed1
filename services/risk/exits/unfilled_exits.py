"""Exits that the client has acknowledged and that do not close their position.

What can go wrong. The client answered and then lost the order; the exchange rejected or cancelled
it; it filled in part; its protection limit left a rest in a market that ran away; the market is
halted; the fill happened and its report is on the way, or lost. From the desk all of this looks
alike: an answer, and a position that stays. A market exit fills in milliseconds, so after
`LOOK_AFTER_NS` the desk looks, and repeats the exit for what is still held, under a new id.

Why a repeat cannot turn a position around.

1.  There is one exit at a time. An EXIT names a position and no quantity: the client closes what
    that position holds when it carries the command out, and it refuses one while another exit of
    the position works. So a repeat is carried out only where the first has ended. Refused, it
    proves that the first works, which then counts as the exit on its way again; the refusal is no
    rejection that halts the desk.
2.  A repeat that changes nothing is followed by a FLATTEN, where no other position is held in the
    contract: the client cancels what works there, waits until it has ended, and closes what the
    account then holds. That is also how an exit that rests at a limit is priced anew. Beside
    another position the own EXIT is repeated.
3.  Nothing is repeated while the account shows nothing to close: by our executions, trades by hand
    counted, or by holdings newer than the acknowledgement. Then the fill is on its way, or the
    ledger is wrong, and an order would open a position instead of ending one.
4.  The first repeat comes after `LOOK_AFTER_NS`, so does the FLATTEN after it; further ones
    `unknown_after_ms` apart, `ATTEMPTS_MAX` in all. Nothing is repeated without a connection.

An operator is called `CALL_AFTER_NS` after the first exit was commanded, whatever was answered
since, and again every `CALL_AGAIN_NS` until the position is closed.

In lock-step a gate asks at its stamps and not by the clock: there every one of these times has
passed at the stamp after the command, whose reports are folded by then.
"""

from collections.abc import Iterator
from typing import Final

from services.domain.messages.risk import Alert, OrderCommand
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.risk.evidence.account_state import AccountState
from services.risk.evidence.readiness import Readiness
from services.risk.exits.exits import PositionExits
from services.risk.ledger.position import EXIT_UNFILLED, PositionRecord

CALL_AFTER_NS: Final = 10 * NANOS_PER_SECOND
"""From the first exit command to the alert."""
CALL_AGAIN_NS: Final = 10 * NANOS_PER_MINUTE


class UnfilledExits:
    """Reads positions and the account, makes commands and alerts; changes nothing itself."""

    def __init__(self, account_state: AccountState, exits: PositionExits) -> None:
        self._account_state = account_state
        self._exits = exits

    def due_repeats(
        self, record: PositionRecord, ready: Readiness, now: UnixNanos
    ) -> Iterator[OrderCommand | Alert]:
        """Repeat the exit of a position that holds on after it; call an operator."""
        due, pending = self._exits.repeat_due(record, ready), record.pending_exit
        if due is not None and due <= now and pending is not None:
            yield from self._exits.close(record, pending.code, ready, now)
        call = _call_due(record)
        if call is not None and call <= now:
            yield self._alert(record, now)

    def deadlines(self, record: PositionRecord, ready: Readiness) -> Iterator[UnixNanos]:
        """When to look at a position next."""
        for due in (self._exits.repeat_due(record, ready), _call_due(record)):
            if due is not None:
                yield due

    def _alert(self, record: PositionRecord, now: UnixNanos) -> Alert:
        since_ns = record.exit_wanted_ns or now
        waited_s = (now - since_ns) // NANOS_PER_SECOND
        answered = "acknowledged" if record.is_exit_acknowledged else "not acknowledged"
        held = self._account_state.holdings_text(record.order_contract, now)
        text = (
            f"position {record.position_id} holds {record.held} {record.order_contract} "
            f"{waited_s} s after its exit was commanded ({answered}), {held}: look at the account, "
            "close it by hand in NinjaTrader"
        )
        return Alert(code=EXIT_UNFILLED, text=text, at_ns=now, position_id=record.position_id)


def _call_due(record: PositionRecord) -> UnixNanos | None:
    if not record.held or record.exit_wanted_ns is None:
        return None
    if record.exit_alerted_ns is not None:
        return UnixNanos(record.exit_alerted_ns + CALL_AGAIN_NS)
    return UnixNanos(record.exit_wanted_ns + CALL_AFTER_NS)
