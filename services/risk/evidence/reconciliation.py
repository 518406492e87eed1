"""Whether the account holds what the ledger holds, by the client's holdings (spec P05).

Rule 1: holdings are compared when they arrive. While they differ they are compared again with
        every fill, which may have been in flight; once equal, later fills are no difference.
Rule 2: a difference counts when it has lasted longer than the grace period: until then fills may be
        in flight.
Rule 3: it is over with the first statement, or fill, that makes both equal; nothing is repaired.
"""

from services.domain.holdings import position_difference
from services.domain.messages.orders import HeldPosition
from services.domain.units import NANOS_PER_MS, UnixNanos, at_least
from services.risk.ledger.ledger import Ledger


class PositionReconciliation:
    """The last statement of one account against the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._account_positions: tuple[HeldPosition, ...] = ()
        self._differs_since_ns: UnixNanos | None = None
        self._difference_text = ""
        self._alerted = False

    def handle_holdings(self, positions: tuple[HeldPosition, ...], now: UnixNanos) -> None:
        """Handle the holdings of the account, every report before them folded."""
        self._account_positions = positions
        self._compare(now)

    def handle_fill(self, now: UnixNanos) -> None:
        """Compare again after a fill."""
        if self._differs_since_ns is not None:
            self._compare(now)

    def difference(self, now: UnixNanos, grace_ms: int) -> str:
        """What differs for longer than the grace period; empty: nothing."""
        since_ns = self._differs_since_ns
        if since_ns is None or now - since_ns <= grace_ms * NANOS_PER_MS:
            return ""
        stands_ms = at_least(now - since_ns, NANOS_PER_MS)
        return f"{self._difference_text}, since {stands_ms} ms, {grace_ms} ms allowed"

    def alert_text(self, now: UnixNanos, grace_ms: int) -> str:
        """The same, once per difference."""
        text = "" if self._alerted else self.difference(now, grace_ms)
        self._alerted = self._alerted or bool(text)
        return text

    def reset(self) -> None:
        """Reset what the carry of a date does not hold."""
        self._account_positions, self._difference_text = (), ""
        self._differs_since_ns, self._alerted = None, False

    def _compare(self, now: UnixNanos) -> None:
        self._difference_text = position_difference(
            self._ledger.net_positions(), self._account_positions
        )
        if not self._difference_text:
            self._differs_since_ns, self._alerted = None, False
            return
        if self._differs_since_ns is None:
            self._differs_since_ns = now
