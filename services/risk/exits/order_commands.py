"""Order commands: the only place where one is made.

Rule 1: an entry's id is its candidate's; every later command's id is derived from its position,
        reason and count, so a decision that is repeated is still one order.
Rule 2: only an `ApprovedEntry` enters.
Rule 3: an exit only ever ends what is held; a stop moves only toward less risk, by a tick at least,
        never through the market, and not again within `stop_move_gap_ms`.
"""

from services.domain.approval import ApprovalKey
from services.domain.identity import exit_id
from services.domain.messages.risk import Action, OrderCommand, OrphanOrder
from services.domain.messages.strategy import Adjustment, AdjustmentKind, Side
from services.domain.units import NANOS_PER_MS, Contracts, Ticks, UnixNanos
from services.risk.account.equity import AccountEquity
from services.risk.exits.approvals import Approvals
from services.risk.ledger.decided import ApprovedEntry
from services.risk.ledger.position import ORPHAN, PositionRecord


class OrderCommands:
    """Makes the commands of one account."""

    def __init__(self, account: str, equity: AccountEquity, key: ApprovalKey) -> None:
        self._account = account
        self._equity = equity
        self._approve = Approvals(equity, key).approve

    def enter(self, entry: ApprovedEntry, now: UnixNanos) -> OrderCommand:
        """Enter as approved; prices go over unchanged, the pair has one price scale."""
        candidate = entry.candidate
        long = candidate.side is Side.LONG
        command = OrderCommand(
            command_id=candidate.candidate_id,
            account=self._account,
            contract=candidate.order_contract,
            action=Action.ENTER_LONG if long else Action.ENTER_SHORT,
            position_id=candidate.candidate_id,
            strategy=candidate.strategy,
            quantity=entry.decision.quantity,
            entry_reference=candidate.entry,
            stop=candidate.stop,
            target=candidate.target,
            created_ns=now,
            expires_ns=UnixNanos(now + self._equity.config.entry_expiry_ms * NANOS_PER_MS),
            code=candidate.model,
        )
        return self._approve(command)

    def close(self, record: PositionRecord, code: str, now: UnixNanos) -> OrderCommand:
        """End a position: exit what is held, cancel an entry that has not filled."""
        if not record.has_strategy:  # the client knows no position of this id
            return self.flatten(record.order_contract, code, now)
        action = Action.EXIT if record.held else Action.CANCEL
        return self._position_command(record, action, code, now)

    def move(
        self, record: PositionRecord, adjustment: Adjustment, market: Ticks | None, now: UnixNanos
    ) -> OrderCommand | None:
        """Move a stop or target as asked, or None when it must not move there."""
        price = adjustment.price
        if price is None or market is None or not record.held or record.is_exiting:
            return None
        beyond = record.side.sign * (price - market)
        if adjustment.kind is AdjustmentKind.MOVE_STOP:
            tightens = record.stop is None or record.side.sign * (price - record.stop) >= 1
            moved_ns = record.stop_moved_ns
            if beyond >= 0 or not tightens:
                return None
            if moved_ns is not None and now - moved_ns < self._equity.limits.stop_move_gap_ns:
                return None
            return self._position_command(
                record, Action.MOVE_STOP, adjustment.code, now, stop=price
            )
        if beyond <= 0 or price == record.target:
            return None
        return self._position_command(
            record, Action.MOVE_TARGET, adjustment.code, now, target=price
        )

    def flatten(self, order_contract: str, code: str, now: UnixNanos) -> OrderCommand:
        """Cancel everything in a contract and close whatever is held; the id is this moment's."""
        command = OrderCommand(
            command_id=exit_id(order_contract, code, now),
            account=self._account,
            contract=order_contract,
            action=Action.FLATTEN,
            position_id="",
            strategy="",
            quantity=Contracts(0),
            created_ns=now,
            expires_ns=UnixNanos(now + self._equity.limits.unknown_after_ns),
            code=code,
        )
        return self._approve(command)

    def cancel_orphan(self, orphan: OrphanOrder, now: UnixNanos) -> OrderCommand:
        """Cancel an entry that works on the account and is none of the ledger's."""
        command = OrderCommand(
            command_id=exit_id(orphan.position_id, ORPHAN, now),
            account=self._account,
            contract=orphan.contract,
            action=Action.CANCEL,
            position_id=orphan.position_id,
            strategy="",
            quantity=Contracts(0),
            created_ns=now,
            expires_ns=UnixNanos(now + self._equity.limits.unknown_after_ns),
            code=ORPHAN,
        )
        return self._approve(command)

    def _position_command(
        self,
        record: PositionRecord,
        action: Action,
        code: str,
        now: UnixNanos,
        *,
        stop: Ticks | None = None,
        target: Ticks | None = None,
    ) -> OrderCommand:
        command = OrderCommand(
            command_id=exit_id(record.position_id, code, record.next_command_number(code)),
            account=self._account,
            contract=record.order_contract,
            action=action,
            position_id=record.position_id,
            strategy=record.strategy,
            quantity=Contracts(0),
            stop=stop,
            target=target,
            created_ns=now,
            expires_ns=UnixNanos(now + self._equity.limits.unknown_after_ns),
            code=code,
        )
        return self._approve(command)
