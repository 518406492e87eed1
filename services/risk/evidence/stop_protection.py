"""Whether a working stop covers what is held (spec P50, I5).

A stop protects a position when it works for every contract held, on the losing side, and no further
away than it was commanded, plus a collar. Part of it, none of it, or one somewhere else is no
protection, whoever moved or cancelled it.

Rule 1: it is judged with every report, and remembered since when a position is not covered: a fill
        comes before its stop, and a change of the stop takes a moment. Who acts how long after is
        decided elsewhere (limits/state.py at once, exits/emergency.py with a grace).
Rule 2: the losing side is that of the entry, of the stop as commanded, or of the last close known,
        whichever leaves the stop more room: a stop in the profit is one, too.
Rule 3: a stop counts as commanded once the client accepted the move; until then both places do.
Rule 4: a date begins with what the positions carried (`protected`: a stop was confirmed), until
        the client reports; they are past their flat-by time, and are being exited.
"""

from typing import Final

import msgspec

from services.domain.instruments import points_text
from services.domain.messages.orders import CommandAck, Execution, OrderRole, OrderUpdate
from services.domain.messages.risk import Alert
from services.domain.messages.union import ReportMessage
from services.domain.units import Ticks, UnixNanos, count_text
from services.risk.evidence.account_state import AccountState
from services.risk.ledger.ledger import Ledger
from services.risk.ledger.position import PositionRecord

UNPROTECTED: Final = "UNPROTECTED"
"""Alert and exit: a position is held that no stop covers."""


class Uncovered(msgspec.Struct, frozen=True):
    """A position that no stop covers."""

    since_ns: UnixNanos
    text: str
    """Why, as of the last report."""
    alerted: bool = False
    """The alert has been published."""


class StopProtection:
    """The stops of one account against what its positions hold."""

    def __init__(self, ledger: Ledger, account_state: AccountState) -> None:
        self._ledger = ledger
        self._account_state = account_state
        self.uncovered: dict[str, Uncovered] = {}
        """By position, of those a strategy entered."""

    def handle_report(self, report: ReportMessage, now: UnixNanos, collar: Ticks) -> None:
        """Judge every position again, if a report may have changed what covers it."""
        match report:
            case OrderUpdate(role=OrderRole.STOP) | Execution() | CommandAck():
                self.judge(now, collar)
            case _:
                pass

    def judge(self, now: UnixNanos, collar: Ticks) -> None:
        """Judge every position; the ledger and the account have the last report."""
        before, found = self.uncovered, dict[str, Uncovered]()
        for position_id, record in self._ledger.open_records.items():
            if record.entered == record.exited or not record.has_strategy:
                continue
            text = self._fault(record, collar)
            if text:
                since_ns = before[position_id].since_ns if position_id in before else now
                alerted = position_id in before and before[position_id].alerted
                found[position_id] = Uncovered(since_ns, text, alerted)
        self.uncovered = found

    def apply_alert(self, alert: Alert) -> None:
        """Apply a published alert: it is raised once while a position stays without cover."""
        found = self.uncovered.get(alert.position_id)
        if found is not None and alert.code == UNPROTECTED:
            self.uncovered[alert.position_id] = msgspec.structs.replace(found, alerted=True)

    def reset(self) -> None:
        """Reset what the carry of a date does not hold."""
        self.uncovered = {}

    def _fault(self, record: PositionRecord, collar: Ticks) -> str:
        cover = self._account_state.stop_cover(record.position_id)
        if cover is None:
            return "" if record.protected else "no working stop is confirmed"
        works, price = cover
        if works <= 0:
            return "no working stop is confirmed"
        if works < record.held:
            return f"its stop is for {works} of {count_text(record.held, 'contract')}"
        return "" if price is None else self._misplaced(record, price, collar)

    def _misplaced(self, record: PositionRecord, price: Ticks, collar: Ticks) -> str:
        sign, commanded = record.side.sign, record.commanded_stop
        where = f"its stop is at {points_text(record.order_contract, price)}"
        if commanded is not None and sign * (commanded - price) > collar:
            beyond = sign * (commanded - price)
            return (
                f"{where}, {beyond} ticks further away than commanded "
                f"({points_text(record.order_contract, commanded)}), {collar} allowed"
            )
        mark = self._ledger.marks.price(record.contract)
        edges = [record.entry_sum / record.entered]
        edges += [edge for edge in (commanded, mark) if edge is not None]
        if sign * price > max(sign * edge for edge in edges):
            return f"{where}, not on the losing side of a {record.side.name} position"
        return ""
