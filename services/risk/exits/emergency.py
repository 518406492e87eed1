"""What must end now: a kill that flattens, a fill that no stop protects, an excess, an orphan.

Rule 1: an exit is repeated until the position is closed: when the client refused it or did not
        answer within `unknown_after_ms`, never faster, and at most `ATTEMPTS_MAX` times; then an
        alert is raised. One that was acknowledged and does not fill: unfilled_exits.py. An alert is
        also raised, once, when a position is held a minute past its flat-by or holding time (spec
        P12).
Rule 2: a position that no stop covers (evidence/stop_protection.py) is alerted after
        `ALERT_AFTER_NS` and exited once `stop_confirmation_ms_max` have passed (spec P50, I5): the
        client restores a stop within half a second by itself, and flattens after two. In lock-step
        both are judged at the stamp.
Rule 3: an excess, what our own orders filled beyond what was held, is flattened with the fill that
        shows it, and alerted (spec P52). A flatten closes what the account holds, not what the
        ledger believes: where the fills only came in another order, it finds nothing to close.
Rule 4: an entry that works on the account and is none of the ledger's: orphan_cancels.py.
Reads the ledger and the latches, makes commands and alerts; changes nothing itself.
"""

from collections.abc import Iterator
from typing import Final

from services.domain.messages.control import Kill
from services.domain.messages.risk import Alert, OrderCommand
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos
from services.risk.account.equity import AccountEquity
from services.risk.account.trading_state import TradingStateMachine
from services.risk.evidence.evidence import Evidence
from services.risk.evidence.pending_flattens import PendingFlatten
from services.risk.evidence.readiness import Readiness
from services.risk.evidence.stop_protection import UNPROTECTED
from services.risk.exits.exits import ATTEMPTS_MAX, LOOK_AFTER_NS, PositionExits
from services.risk.exits.order_commands import OrderCommands
from services.risk.exits.orphan_cancels import OrphanCancels
from services.risk.exits.unfilled_exits import UnfilledExits
from services.risk.ledger.ledger import Ledger
from services.risk.ledger.position import EXCESS, EXIT_UNFILLED, NOT_FLAT, PositionRecord

ALERT_AFTER_NS: Final = NANOS_PER_SECOND
"""Spec P50: from the loss of the cover to the alert."""
_UNFILLED_ATTEMPTS: Final = 2
"""Flattens of a contract the ledger knows nothing in until an operator is called: some 10 s."""


class EmergencyExits:
    """Ends what must not be held any longer."""

    def __init__(
        self,
        ledger: Ledger,
        trading: TradingStateMachine,
        equity: AccountEquity,
        *,
        exits: PositionExits,
        order_commands: OrderCommands,
        evidence: Evidence,
    ) -> None:
        self._ledger = ledger
        self._trading = trading
        self._equity = equity
        self._exits = exits
        self._order_commands = order_commands
        self._pending_flattens = evidence.pending_flattens
        self._stop_protection = evidence.stop_protection
        self._unfilled_exits = UnfilledExits(evidence.account_state, exits)
        self._orphans = evidence.orphans
        self.orphan_cancels = OrphanCancels(evidence.orphans, order_commands)
        """Cancels of entries nobody knows, and the alerts that name orders nobody knows."""

    def kill(self, command: Kill, ready: Readiness, now: UnixNanos) -> Iterator[OrderCommand]:
        """Cancel unfilled entries and, with flatten, close what is held."""
        if command.flatten and not command.strategy:
            for contract in self._ledger.flatten_contracts():
                yield self._order_commands.flatten(contract, "KILL", now)
        for record in self._ledger.open_positions():
            meant = record.strategy == command.strategy or not command.strategy
            if meant and (not record.held or (command.flatten and command.strategy)):
                yield from self._exits.close(record, "KILL", ready, now)

    def overdue_exits(self, ready: Readiness, now: UnixNanos) -> Iterator[OrderCommand | Alert]:
        """End what is due by now."""
        for record in self._ledger.open_positions():
            alert_due = self._unprotected_alert_due(record)
            if alert_due is not None and alert_due <= now:
                yield self._unprotected_alert(record, now)
            yield from self._exit_if_due(record, ready, now)
            if record.pending_exit is not None or record.exit_wanted_ns is not None:
                yield from self._unfilled_exits.due_repeats(record, ready, now)
        yield from self._retried_flattens(ready, now)
        yield from self._not_flat_alerts(now)
        yield from self.orphan_cancels.due(now)

    def excess_exits(self, ready: Readiness, now: UnixNanos) -> Iterator[OrderCommand | Alert]:
        """End what a fill has just shown to be an excess."""
        for record in tuple(self._ledger.open_records.values()):
            if record.strategy == EXCESS and record.last_exit_attempt_ns is None:
                yield from self._exit_if_due(record, ready, now)

    def deadlines(self, ready: Readiness) -> Iterator[UnixNanos]:
        """When something must be ended."""
        for record in self._ledger.open_positions():
            _, due = self._exit_deadline(record, ready)
            alerts = (self._unprotected_alert_due(record), self._exits.alert_due(record))
            yield from (when for when in (due, *alerts) if when is not None)
            if record.pending_exit is not None or record.exit_wanted_ns is not None:
                yield from self._unfilled_exits.deadlines(record, ready)
        yield from (due for _, due in self._flatten_deadlines(ready))
        yield from self._orphans.deadlines()

    def _exit_if_due(
        self, record: PositionRecord, ready: Readiness, now: UnixNanos
    ) -> Iterator[OrderCommand | Alert]:
        code, due = self._exit_deadline(record, ready)
        if due is None or due > now:
            return
        tries = record.commands_by_code.get(code, 0)
        for command in self._exits.close(record, code, ready, now):
            yield command
            if code == EXCESS and not tries:
                text = (
                    f"{record.side.name}, what our own orders filled beyond what was held; it is "
                    "flattened at the market: look at the account before you trade by hand"
                )
                yield self._alert(code, record, text, now)
            elif tries + 1 == ATTEMPTS_MAX:
                text = (
                    f"{ATTEMPTS_MAX} exit commands have not closed it: "
                    "close it by hand in NinjaTrader"
                )
                yield self._alert("NOT_CLOSED", record, text, now)

    def _unprotected_alert_due(self, record: PositionRecord) -> UnixNanos | None:
        uncovered = self._stop_protection.uncovered.get(record.position_id)
        if uncovered is None or uncovered.alerted or record.is_exiting:
            return None
        return UnixNanos(uncovered.since_ns + min(ALERT_AFTER_NS, self._confirmation_ns))

    def _unprotected_alert(self, record: PositionRecord, now: UnixNanos) -> Alert:
        uncovered = self._stop_protection.uncovered[record.position_id]
        waited_ms = (now - uncovered.since_ns) // NANOS_PER_MS
        allowed_ms = self._equity.config.stop_confirmation_ms_max
        text = f"{uncovered.text}, for {waited_ms} ms; after {allowed_ms} ms it is exited"
        return self._alert(UNPROTECTED, record, f"{text} at the market", now)

    def _not_flat_alerts(self, now: UnixNanos) -> Iterator[Alert]:
        # The last step of flat-by: every exit has been tried, or the market does not take it.
        for record in self._ledger.open_positions():
            due = self._exits.alert_due(record)
            if due is not None and due <= now:
                text = (
                    "one minute past its flat-by or holding time: close it by hand in NinjaTrader"
                )
                yield self._alert(NOT_FLAT, record, text, now)

    def _retried_flattens(self, ready: Readiness, now: UnixNanos) -> Iterator[OrderCommand | Alert]:
        for contract, due in tuple(self._flatten_deadlines(ready)):
            if due > now:
                continue
            pending = self._pending_flattens.by_contract[contract]
            yield self._order_commands.flatten(contract, "KILL", now)
            if pending.held and pending.attempts == _UNFILLED_ATTEMPTS:
                text = f"contract {contract}: the account still holds {pending.held:+d}"
                hand = "look at the account, close it by hand in NinjaTrader"
                text = f"{text} after {pending.attempts} flattens were accepted: {hand}"
                yield Alert(code=EXIT_UNFILLED, text=text, at_ns=now)
            if pending.attempts + 1 == ATTEMPTS_MAX:
                text = (
                    f"{ATTEMPTS_MAX} flattens were refused or have closed nothing: "
                    "close it by hand in NinjaTrader"
                )
                yield Alert(code="NOT_CLOSED", text=f"contract {contract}: {text}", at_ns=now)

    def _flatten_deadlines(self, ready: Readiness) -> Iterator[tuple[str, UnixNanos]]:
        # What the ledger holds is closed position by position: one command at a time is enough.
        if (
            not self._pending_flattens.by_contract
            or not self._trading.kill_flattens
            or not ready.connected
        ):
            return
        held = {record.order_contract for record in self._ledger.open_positions()}
        for contract, pending in self._pending_flattens.by_contract.items():
            if contract not in held and pending.attempts < ATTEMPTS_MAX:
                due = self._flatten_due(pending)
                if due is not None:
                    yield contract, due

    def _flatten_due(self, pending: PendingFlatten) -> UnixNanos | None:
        if not pending.refused and not pending.held:
            return None
        first = pending.held and pending.attempts < _UNFILLED_ATTEMPTS
        wait_ns = LOOK_AFTER_NS if first else self._equity.limits.unknown_after_ns
        return UnixNanos(pending.at_ns + wait_ns)

    def _exit_deadline(
        self, record: PositionRecord, ready: Readiness
    ) -> tuple[str, UnixNanos | None]:
        code, first = self._exit_reason(record)
        if first is None or not record.tick_value:
            return code, None
        if record.commands_by_code.get(code, 0) >= ATTEMPTS_MAX:
            return code, None
        if record.last_exit_attempt_ns is None:
            return code, first
        pending = record.pending_exit
        if record.is_exit_acknowledged or (pending is not None and pending.is_chained):
            return code, None
        if not ready.connected:
            return code, None
        return code, UnixNanos(
            max(first, record.last_exit_attempt_ns + self._equity.limits.unknown_after_ns)
        )

    def _exit_reason(self, record: PositionRecord) -> tuple[str, UnixNanos | None]:
        """Why a position must end now, and since when it must have."""
        if record.strategy == EXCESS:
            return EXCESS, UnixNanos(0)
        if self._trading.kill_flattens_strategy(record.strategy):
            return "KILL", UnixNanos(0)
        uncovered = self._stop_protection.uncovered.get(record.position_id)
        if uncovered is None or self._exits.holds_none(record, uncovered.since_ns):
            return UNPROTECTED, None  # a stop has filled, or a hand has closed it
        return UNPROTECTED, UnixNanos(uncovered.since_ns + self._confirmation_ns)

    @property
    def _confirmation_ns(self) -> int:
        return self._equity.config.stop_confirmation_ms_max * NANOS_PER_MS

    def _alert(self, code: str, record: PositionRecord, text: str, now: UnixNanos) -> Alert:
        found = f"position {record.position_id} holds {record.held} {record.order_contract}"
        return Alert(code=code, text=f"{found}: {text}", at_ns=now, position_id=record.position_id)
