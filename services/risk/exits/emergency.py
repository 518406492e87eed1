"""Positions that must end now: a kill that flattens, a fill that no stop protects.

Rule 1: an exit is repeated until the position is closed: when the client refused it or did not
        answer within `unknown_after_ms`, never faster, and at most `ATTEMPTS_MAX` times; then an
        alert is raised. An alert is also raised, once, when a position is held a minute past its
        flat-by or holding time (spec P12).
Rule 2: a fill is unprotected once `stop_confirmation_ms_max` have passed without a confirmed stop,
        and whenever its stop ends (spec P50, I5).
Reads the ledger and the latches, makes commands and alerts; changes nothing itself.
"""

from collections.abc import Iterator
from typing import Final

from services.domain.messages.control import Kill
from services.domain.messages.risk import Alert, OrderCommand
from services.domain.units import NANOS_PER_MS, UnixNanos
from services.risk.account.equity import AccountEquity
from services.risk.account.trading_state import TradingStateMachine
from services.risk.evidence.pending_flattens import PendingFlattens
from services.risk.evidence.readiness import Readiness
from services.risk.exits.exits import PositionExits
from services.risk.exits.order_commands import OrderCommands
from services.risk.ledger.ledger import Ledger
from services.risk.ledger.position import EXTERNAL, NOT_FLAT, PositionRecord

ATTEMPTS_MAX: Final = 30
"""Commands to end one position for one reason; at one per 10 s, five minutes."""


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
        pending_flattens: PendingFlattens,
    ) -> None:
        self._ledger = ledger
        self._trading = trading
        self._equity = equity
        self._exits = exits
        self._order_commands = order_commands
        self._pending_flattens = pending_flattens

    def kill(self, command: Kill, ready: Readiness, now: UnixNanos) -> Iterator[OrderCommand]:
        """Cancel unfilled entries and, with flatten, close what is held."""
        if command.flatten and not command.strategy:
            for contract in self._ledger.terms:
                yield self._order_commands.flatten(contract, "KILL", now)
        for record in self._ledger.open_positions():
            meant = record.strategy == command.strategy or not command.strategy
            if meant and (not record.held or (command.flatten and command.strategy)):
                yield from self._exits.close(record, "KILL", ready, now)

    def overdue_exits(self, ready: Readiness, now: UnixNanos) -> Iterator[OrderCommand | Alert]:
        """End what is due by now."""
        for record in self._ledger.open_positions():
            code, due = self._exit_deadline(record, ready)
            if due is None or due > now:
                continue
            tries = record.commands_by_code.get(code, 0)
            for command in self._exits.close(record, code, ready, now):
                yield command
                if code == "UNPROTECTED" and not tries:
                    yield self._alert(
                        code, record, "no working stop is confirmed, exiting at the market", now
                    )
                elif tries + 1 == ATTEMPTS_MAX:
                    text = (
                        f"{ATTEMPTS_MAX} exit commands have not closed it: "
                        "close it by hand in NinjaTrader"
                    )
                    yield self._alert("NOT_CLOSED", record, text, now)
        yield from self._retried_flattens(ready, now)
        yield from self._not_flat_alerts(now)

    def deadlines(self, ready: Readiness) -> Iterator[UnixNanos]:
        """When something must be ended."""
        for record in self._ledger.open_positions():
            _, due = self._exit_deadline(record, ready)
            yield from (when for when in (due, self._exits.alert_due(record)) if when is not None)
        yield from (due for _, due in self._flatten_deadlines(ready))

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
            tries = self._pending_flattens.by_contract[contract].attempts
            yield self._order_commands.flatten(contract, "KILL", now)
            if tries + 1 == ATTEMPTS_MAX:
                text = f"{ATTEMPTS_MAX} flattens were refused: close it by hand in NinjaTrader"
                yield Alert(code="NOT_CLOSED", text=f"contract {contract}: {text}", at_ns=now)

    def _flatten_deadlines(self, ready: Readiness) -> Iterator[tuple[str, UnixNanos]]:
        # What the ledger holds is closed position by position: one command at a time is enough.
        if (
            not self._pending_flattens.by_contract
            or not self._trading.kill_flattens
            or not ready.linked
        ):
            return
        held = {record.order_contract for record in self._ledger.open_positions()}
        for contract, pending in self._pending_flattens.by_contract.items():
            if pending.refused and contract not in held and pending.attempts < ATTEMPTS_MAX:
                yield contract, UnixNanos(pending.at_ns + self._equity.limits.unknown_after_ns)

    def _exit_deadline(
        self, record: PositionRecord, ready: Readiness
    ) -> tuple[str, UnixNanos | None]:
        first = UnixNanos(0)
        code = "KILL"
        if not self._trading.kill_flattens_strategy(record.strategy):
            code = "UNPROTECTED"
            if not _is_unprotected(record) or record.entry_ns is None:
                return code, None
            first = UnixNanos(
                record.entry_ns + self._equity.config.stop_confirmation_ms_max * NANOS_PER_MS
            )
        # A position traded by hand in a contract the desk does not trade is left alone.
        ours = record.order_contract in self._ledger.terms
        if not ours or record.commands_by_code.get(code, 0) >= ATTEMPTS_MAX:
            return code, None
        if record.last_exit_attempt_ns is None:
            return code, first
        if record.is_exit_acknowledged or not ready.linked:
            return code, None
        return code, UnixNanos(
            max(first, record.last_exit_attempt_ns + self._equity.limits.unknown_after_ns)
        )

    def _alert(self, code: str, record: PositionRecord, text: str, now: UnixNanos) -> Alert:
        found = f"position {record.position_id} holds {record.held} {record.order_contract}"
        return Alert(code=code, text=f"{found}: {text}", at_ns=now, position_id=record.position_id)


def _is_unprotected(record: PositionRecord) -> bool:
    # A position traded by hand has the stop it was given by hand; it halts the desk, and flat-by
    # closes it.
    return bool(record.held) and not record.protected and record.strategy != EXTERNAL
