"""Exits and moves of open positions: requested, flat-by, time stop, loss limits, no answer.

Rule 1: no entry rule applies here; exits are made in every trading state.
Rule 2: a position has one exit on its way. A new one is made when the client refused it, did not
        answer within `unknown_after_ms` while it was connected, or acknowledged it without a fill
        following (unfilled_exits.py).
Rule 3: flat-by is enforced at the first minute that reaches it, after the strategies' own exits,
        and by the timer once a bar of that minute would be stale: then no bar is needed at all.
Rule 4: a time stop is enforced like flat-by, whichever of the two is earlier.
Rule 5: where minutes require reports, a missing answer is judged when a minute is settled, for then
        they are folded; the clock alone would judge by which stream was read first.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from services.domain.messages.risk import Action, Alert, OrderCommand, Position
from services.domain.messages.strategy import Adjustment, AdjustmentKind, Evaluation
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.risk.account.equity import AccountEquity
from services.risk.account.trading_state import TradingStateMachine
from services.risk.evidence.account_state import AccountState
from services.risk.evidence.readiness import Readiness
from services.risk.exits.order_commands import OrderCommands
from services.risk.exits.unknown_entries import call_due, unknown_calls
from services.risk.ledger.ledger import Ledger
from services.risk.ledger.position import PositionRecord
from services.risk.schedule.hours import HoursTable

ALERT_AFTER_NS: Final = NANOS_PER_MINUTE
"""Spec P12 ends with an alert to the operator and gives no time: a market exit fills in seconds,
and one that has not within a minute will not by itself."""
LOOK_AFTER_NS: Final = 2 * NANOS_PER_SECOND
"""From an acknowledgement to the first look at a position that is still held."""
ATTEMPTS_MAX: Final = 30
"""Commands to end one position for one reason; at one per 10 s, five minutes."""

AdjustmentRequest: TypeAlias = tuple[PositionRecord, Adjustment]
"""An open position and what its strategy asks for it."""


class PositionExits:
    """Reads the ledger, makes commands; changes nothing itself."""

    def __init__(
        self,
        ledger: Ledger,
        hours: HoursTable,
        equity: AccountEquity,
        *,
        account_state: AccountState,
        order_commands: OrderCommands,
    ) -> None:
        self._ledger = ledger
        self._account_state = account_state
        self._equity = equity
        self._hours = hours
        self._order_commands = order_commands

    def requests(self, answers: Iterable[Evaluation]) -> list[AdjustmentRequest]:
        """What strategies ask for the positions they hold; nothing for those of another."""
        return [
            (record, adjustment)
            for answer in answers
            for adjustment in answer.adjustments
            if (record := self._ledger.open_position(adjustment.position_id)) is not None
            and record.strategy == answer.strategy
        ]

    def requested_exits(
        self, requests: Iterable[AdjustmentRequest], ready: Readiness, now: UnixNanos
    ) -> Iterator[OrderCommand]:
        """Exit the positions that strategies ask to exit."""
        for record, adjustment in requests:
            if adjustment.kind is AdjustmentKind.EXIT:
                yield from self.close(record, adjustment.code, ready, now)

    def requested_moves(
        self, requests: Iterable[AdjustmentRequest], now: UnixNanos
    ) -> Iterator[OrderCommand]:
        """Move stops and targets as strategies ask, where that is allowed."""
        for record, adjustment in requests:
            if adjustment.kind is not AdjustmentKind.EXIT:
                market = self._ledger.marks.price(record.contract)
                command = self._order_commands.move(record, adjustment, market, now)
                if command is not None:
                    yield command

    def enforced_exits(
        self, trading: TradingStateMachine, ready: Readiness, minute_ns: UnixNanos, now: UnixNanos
    ) -> Iterator[OrderCommand]:
        """End what must end at a stamp: all after a loss limit, at flat-by, held too long."""
        lost = trading.latches.flatten_cause
        for record in self._ledger.open_positions():
            if lost is not None and not self._ledger.is_foreign(record):
                yield from self.close(record, lost[0], ready, now)
                continue
            end = self._exit_by(record)
            if end is not None and minute_ns >= end[0]:
                yield from self.close(record, end[1], ready, now)

    def overdue_exits(self, ready: Readiness, now: UnixNanos) -> Iterator[OrderCommand]:
        """End what no stamp has ended by the flat-by time or the end of its holding time."""
        for record in self._ledger.open_positions():
            end = self._exit_by(record)
            if end is not None and _passed(self._exit_deadline(record), now):
                yield from self.close(record, end[1], ready, now)

    def retried_exits(self, ready: Readiness, now: UnixNanos) -> Iterator[OrderCommand]:
        """Retry a flat-by exit that was refused or not answered."""
        for record in self._ledger.open_positions():
            end = self._exit_by(record)
            if end is not None and _passed(self._retry_deadline(record, ready), now):
                yield from self.close(record, end[1], ready, now)

    def close(
        self, record: PositionRecord, code: str, ready: Readiness, now: UnixNanos
    ) -> Iterator[OrderCommand]:
        """End one position, unless that is on its way."""
        if record.tick_value and not self._is_exiting(record, ready, now):
            yield self._exit_command(record, code, now)

    def repeat_due(self, record: PositionRecord, ready: Readiness) -> UnixNanos | None:
        """When to repeat an exit that was acknowledged and has not filled; None: not."""
        pending = record.pending_exit
        if pending is None or pending.action is Action.CANCEL or not ready.connected:
            return None
        if not record.held or not record.tick_value or pending.repeats >= ATTEMPTS_MAX:
            return None
        unknown_after_ns, known_ns = self._equity.limits.unknown_after_ns, pending.acknowledged_ns
        last_ns = record.last_exit_attempt_ns or pending.at_ns
        if known_ns is None:  # a repeat that was not answered
            return UnixNanos(last_ns + unknown_after_ns) if pending.repeats else None
        if self.holds_none(record, known_ns):
            return None
        spacing = LOOK_AFTER_NS if pending.repeats <= 1 else unknown_after_ns
        return UnixNanos(max(known_ns + LOOK_AFTER_NS, last_ns + spacing))

    def holds_none(self, record: PositionRecord, since_ns: UnixNanos) -> bool:
        """Whether the account holds nothing of a position, by our executions or its holdings.

        Holdings count that are not older than an instant.
        """
        return self._net_on_its_side(record) <= 0 or self._account_state.holds_none(
            record.order_contract, record.side, since_ns
        )

    def unknown_entries(self, now: UnixNanos) -> Iterator[Position | Alert]:
        """Every entry that was not acknowledged in time, as UNKNOWN; the calls to an operator."""
        for record in self._ledger.open_positions():
            if _passed(self._silence_deadline(record), now):
                yield self._ledger.unknown_position(record)
        yield from unknown_calls(self._ledger, now)

    def alert_due(self, record: PositionRecord) -> UnixNanos | None:
        """When to alert about a position held past its flat-by or holding time."""
        end = self._exit_by(record)
        if end is None or record.alerted or not record.held:
            return None
        return UnixNanos(end[0] + self._equity.limits.max_data_age_ns + ALERT_AFTER_NS)

    def exit_deadlines(self) -> list[UnixNanos]:
        """When a position must have been ended without a stamp."""
        return [
            due
            for record in self._ledger.open_positions()
            if (due := self._exit_deadline(record)) is not None
        ]

    def silence_deadlines(self, ready: Readiness) -> Iterator[UnixNanos]:
        """When silence has lasted too long: of an entry, or of an exit after the flat-by time."""
        for record in self._ledger.open_positions():
            silence, retry = self._silence_deadline(record), self._retry_deadline(record, ready)
            for due in (silence, retry, call_due(record)):
                if due is not None:
                    yield due

    # -- parts ------------------------------------------------------------------------------

    def _is_exiting(self, record: PositionRecord, ready: Readiness, now: UnixNanos) -> bool:
        pending = record.pending_exit
        if pending is None:
            return False
        if not record.is_exiting:
            # Its order has ended; while the account shows nothing to close, it closed that.
            known_ns = pending.acknowledged_ns if pending.ended and pending.is_chained else None
            return known_ns is not None and record.held > 0 and self.holds_none(record, known_ns)
        if pending.acknowledged_ns is not None or pending.repeats:
            due = self.repeat_due(record, ready)
            return due is None or now < due
        waited = now - pending.at_ns >= self._equity.limits.unknown_after_ns
        return not waited or not ready.connected

    def _exit_command(self, record: PositionRecord, code: str, now: UnixNanos) -> OrderCommand:
        contract, pending = record.order_contract, record.pending_exit
        if not record.held:
            return self._order_commands.close(record, code, now)
        repeated = pending is not None and pending.acknowledged_ns is not None and pending.repeats
        alone = all(
            other is record or not other.held or other.order_contract != contract
            for other in self._ledger.open_positions()
        )
        if self._net_on_its_side(record) < record.held or (repeated and alone):
            return self._order_commands.flatten(contract, code, now)
        return self._order_commands.close(record, code, now)

    def _net_on_its_side(self, record: PositionRecord) -> int:
        net = self._ledger.net_positions().get(record.order_contract, 0)
        return record.side.sign * net

    def _flat_by_ns(self, record: PositionRecord) -> UnixNanos | None:
        # Before the first stamp of a date there is no flat-by time to compare with.
        date = record.trade_date if record.has_strategy else self._ledger.trade_date
        return self._hours.hours(date).flat_by_ns if date else None

    def _exit_by(self, record: PositionRecord) -> tuple[int, str] | None:
        """When a position must have ended, and why: flat-by or its holding time."""
        if not record.has_strategy and self._ledger.is_foreign(record):
            return None
        flat = self._flat_by_ns(record)
        if record.entry_ns is None or not record.has_strategy:
            return None if flat is None else (flat, "FLAT_BY")
        held = record.entry_ns + self._equity.limits.budget(record.strategy).holding_ns_max
        return (held, "TIME_STOP") if flat is None or held < flat else (flat, "FLAT_BY")

    def _exit_deadline(self, record: PositionRecord) -> UnixNanos | None:
        end = self._exit_by(record) if record.tick_value else None
        if end is None or record.last_exit_attempt_ns is not None:
            return None
        return UnixNanos(end[0] + self._equity.limits.max_data_age_ns)

    def _retry_deadline(self, record: PositionRecord, ready: Readiness) -> UnixNanos | None:
        end = self._exit_by(record)
        attempt_ns, pending = record.last_exit_attempt_ns, record.pending_exit
        if end is None or attempt_ns is None or not ready.connected:
            return None
        if record.is_exit_acknowledged or (pending is not None and pending.is_chained):
            return None
        due = max(
            end[0] + self._equity.limits.max_data_age_ns,
            attempt_ns + self._equity.limits.unknown_after_ns,
        )
        return UnixNanos(due)

    def _silence_deadline(self, record: PositionRecord) -> UnixNanos | None:
        if record.acknowledged or record.unknown:
            return None
        return UnixNanos(record.created_ns + self._equity.limits.unknown_after_ns)


def _passed(due: UnixNanos | None, now: UnixNanos) -> bool:
    return due is not None and due <= now
