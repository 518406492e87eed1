"""Cancels entries nobody knows, and names every order the desk does not know to an operator.

Rule 1: only an entry is cancelled, by a CANCEL that names its position: it can end an order and
        open none. Each snapshot that still shows it has it cancelled again, under a new id.
Rule 2: an operator is called `CALL_AFTER_NS` after the first snapshot that showed it, link or no
        link, and again every `CALL_AGAIN_NS`.
Rule 3: nothing here ends a position or repairs one.
Live the clock judges; in lock-step the snapshot and the stamps do.
"""

from collections.abc import Iterator
from typing import Final

from services.domain.messages.risk import Alert, OrderCommand, OrphanKind, OrphanOrder
from services.domain.units import NANOS_PER_SECOND, UnixNanos
from services.risk.evidence.orphan_orders import ORPHAN_ORDER, ORPHAN_WORKS, OrphanOrders
from services.risk.exits.order_commands import OrderCommands

_KEPT: Final = "it is kept, since it may protect a position: look at the account"
_DONE_ABOUT: Final = {
    OrphanKind.ENTRY: "it is cancelled",
    OrphanKind.STOP: _KEPT,
    OrphanKind.TARGET: _KEPT,
    OrphanKind.EXTERNAL: "placed by hand, it is left alone and the desk has halted",
}


class OrphanCancels:
    """Reads the orphans, makes commands and alerts; changes nothing itself."""

    def __init__(self, orphans: OrphanOrders, order_commands: OrderCommands) -> None:
        self._orphans = orphans
        self._order_commands = order_commands

    def due(self, now: UnixNanos) -> Iterator[OrderCommand | Alert]:
        """Everything that is due by now."""
        named = self._orphans.to_name(now)
        if named:
            text = "; ".join(f"{each.text}; {_DONE_ABOUT[each.kind]}" for each in named)
            yield Alert(code=ORPHAN_ORDER, text=f"no order of this desk: {text}", at_ns=now)
        for orphan in self._orphans.to_cancel():
            yield self._order_commands.cancel_orphan(orphan, now)
        called = self._orphans.to_call(now)
        if called:
            yield Alert(code=ORPHAN_WORKS, text=_call_text(called, now), at_ns=now)


def _call_text(orphans: list[OrphanOrder], now: UnixNanos) -> str:
    each = "; ".join(
        f"{orphan.text}, shown for {(now - orphan.since_ns) // NANOS_PER_SECOND} s"
        for orphan in orphans
    )
    return f"entries that this desk does not know still work: {each}: cancel them in NinjaTrader"
