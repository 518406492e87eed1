"""Orders that work on the account and that the desk does not know, or knows to be over.

How one comes about: a desk that was restored from an older disk, a second desk that has traded the
same account, a client that works an entry it had burnt, a hand at the platform.

Rule 1: snapshots show them; what a later one does not show, or a report ends, is none any more.
Rule 2: an entry is one where the ledger has no entry of that id in flight. It opens a position
        nobody decided on: entries are refused while it works, and each snapshot that shows it has
        it cancelled (exits/orphan_cancels.py).
Rule 3: a stop or a target is one where the ledger has no open position of that id. It may protect
        what somebody holds: it is kept, and named. Where the position closed on this trade date its
        end is on the way, so it is named only after `LEG_GRACE_NS`.
Rule 4: what was placed by hand halts the desk once, as a trade by hand does, and is left alone.
Rule 5: orders that only close (exits, flattens, the client's guard) are the client's business: it
        sizes them by what is held.
They cross into a new trade date: a snapshot that shows nothing new is not published again.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from services.domain.instruments import points_text
from services.domain.messages.orders import (
    AccountSnapshot,
    OrderRole,
    OrderStatus,
    OrderUpdate,
    WorkingOrder,
)
from services.domain.messages.risk import Alert, OrderCommand, OrphanKind, OrphanOrder
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.risk.ledger.ledger import Ledger
from services.risk.ledger.position import ORPHAN, TERMINAL_UNFILLED

ORPHAN_ORDER: Final = "ORPHAN_ORDER"
"""Alert: an order works that the desk does not know."""
ORPHAN_WORKS: Final = "ORPHAN_WORKS"
"""Alert: such an entry works on although its cancel was commanded."""
LEG_GRACE_NS: Final = 2 * NANOS_PER_SECOND
"""Spec P50: so long a client may take to end a bracket."""
CALL_AFTER_NS: Final = 10 * NANOS_PER_SECOND
"""From the first snapshot that shows an entry to the first call (spec R.1)."""
CALL_AGAIN_NS: Final = 10 * NANOS_PER_MINUTE

_KINDS: Final = {
    OrderRole.ENTRY: OrphanKind.ENTRY,
    OrderRole.STOP: OrphanKind.STOP,
    OrderRole.TARGET: OrphanKind.TARGET,
    OrderRole.EXTERNAL: OrphanKind.EXTERNAL,
}
_ENDED: Final = (*TERMINAL_UNFILLED, OrderStatus.FILLED)


class OrphanOrders:
    """The orphans of one account, by name, as the newest snapshot shows them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.by_name: dict[str, OrphanOrder] = {}
        self._cancels_due: set[str] = set()
        self._cancel_ids: set[str] = set()

    def handle_snapshot(self, snapshot: AccountSnapshot, now: UnixNanos) -> str:
        """Handle what works on the account; return why the desk must halt, or ''."""
        before, found = self.by_name, dict[str, OrphanOrder]()
        for order in snapshot.orders:
            orphan = self._orphan(order, now)
            if orphan is None:
                continue
            known = before.get(orphan.name)
            if known is not None:
                orphan = replace(known, text=orphan.text)
            found[orphan.name] = orphan
        self.by_name = found
        self._cancels_due = {x.position_id for x in self.entries()}
        placed = [
            orphan.text
            for name, orphan in found.items()
            if orphan.kind is OrphanKind.EXTERNAL and name not in before
        ]
        return f"placed by hand: {'; '.join(placed)}" if placed else ""

    def handle_update(self, update: OrderUpdate) -> None:
        """Handle an order that has ended."""
        ended = (_KINDS.get(update.role), update.position_id)
        if update.status not in _ENDED or update.role is OrderRole.EXTERNAL:
            return
        for name, orphan in tuple(self.by_name.items()):
            if (orphan.kind, orphan.position_id) == ended:
                del self.by_name[name]

    def apply_command(self, command: OrderCommand) -> None:
        """Apply a published command: the entry it names has its cancel."""
        if command.code != ORPHAN:
            return
        self._cancel_ids.add(command.command_id)
        self._cancels_due.discard(command.position_id)

    def apply_alert(self, alert: Alert) -> None:
        """Apply a published alert: it names all that were due at its time."""
        for name, orphan in self.by_name.items():
            due = _alert_due(orphan) if alert.code == ORPHAN_ORDER else _call_due(orphan)
            if due is None or due > alert.at_ns:
                continue
            if alert.code == ORPHAN_ORDER:
                self.by_name[name] = replace(orphan, alerted=True)
            elif alert.code == ORPHAN_WORKS:
                self.by_name[name] = replace(orphan, called_ns=alert.at_ns)

    def entries(self) -> tuple[OrphanOrder, ...]:
        """Those that open a position: entries are refused while one works."""
        return tuple(x for x in self.by_name.values() if x.kind is OrphanKind.ENTRY)

    def to_cancel(self) -> tuple[OrphanOrder, ...]:
        """Entries of the newest snapshot that have no cancel since."""
        return tuple(x for x in self.entries() if x.position_id in self._cancels_due)

    def cancels(self, command_id: str) -> bool:
        """Whether a command cancels one; the client may refuse it where nothing works any more."""
        return command_id in self._cancel_ids

    def to_name(self, now: UnixNanos) -> list[OrphanOrder]:
        """Those an alert must name now."""
        return [x for x in self.by_name.values() if _is_due(_alert_due(x), now)]

    def to_call(self, now: UnixNanos) -> list[OrphanOrder]:
        """Entries that work on: an operator must be called now."""
        return [x for x in self.by_name.values() if _is_due(_call_due(x), now)]

    def deadlines(self) -> Iterator[UnixNanos]:
        """When one must be named, or an operator called."""
        for orphan in self.by_name.values():
            for due in (_alert_due(orphan), _call_due(orphan)):
                if due is not None:
                    yield due

    def reset(self) -> None:
        """Reset what the carry of a date does not hold."""
        self._cancel_ids.clear()
        self._cancels_due.clear()

    def snapshot(self) -> tuple[OrphanOrder, ...]:
        """What crosses into a new trade date."""
        return tuple(self.by_name.values())

    def restore(self, orphans: tuple[OrphanOrder, ...]) -> None:
        """Begin with what was carried over."""
        self.by_name = {orphan.name: orphan for orphan in orphans}

    def _orphan(self, order: WorkingOrder, now: UnixNanos) -> OrphanOrder | None:
        kind = _KINDS.get(order.role)
        position_id = order.position_id or order.command_id
        if kind is None:
            return None
        due = now
        if kind is not OrphanKind.EXTERNAL:
            record = self._ledger.open_position(position_id)
            if kind is OrphanKind.ENTRY:
                known = record is not None and record.in_flight > 0
            else:
                known = record is not None
                if self._ledger.knows(position_id):
                    due = UnixNanos(now + LEG_GRACE_NS)
            if known:
                return None
        return OrphanOrder(
            name=order.name,
            kind=kind,
            position_id=position_id,
            contract=order.contract,
            text=self._text(order),
            since_ns=now,
            alert_due_ns=due,
        )

    def _text(self, order: WorkingOrder) -> str:
        contract, price = order.contract, order.price
        text = f"{order.name}: {order.role.name} {order.side.name} {order.quantity} {contract}"
        if price is None:
            return f"{text} at the market"
        known = self._ledger.tick_value(contract)
        return f"{text} at {points_text(contract, price) if known else f'{price} ticks'}"


def _alert_due(orphan: OrphanOrder) -> UnixNanos | None:
    return None if orphan.alerted else orphan.alert_due_ns


def _call_due(orphan: OrphanOrder) -> UnixNanos | None:
    if orphan.kind is not OrphanKind.ENTRY:
        return None
    if orphan.called_ns is not None:
        return UnixNanos(orphan.called_ns + CALL_AGAIN_NS)
    return UnixNanos(orphan.since_ns + CALL_AFTER_NS)


def _is_due(due: UnixNanos | None, now: UnixNanos) -> bool:
    return due is not None and due <= now
