"""Loss velocity: what the trades of the last minutes lost together, in R (spec P42).

R of a trade is what it risked: from its average entry to its first stop. A trade is counted once,
when it closes, after commissions; wins count against losses.

Rule 1: when the trades of the window together lose the limit, it is breached: entries wait for the
        cool-down, and from the second breach on for a resume or the next trade date.
Rule 2: trades that caused one breach do not count towards the next.
Rule 3: everything is of one trade date, but a wait for a resume, if configured.
"""

from collections import deque
from typing import Final

from services.domain.units import UnixNanos

_KEPT: Final = 1_000


class LossVelocity:
    """The losses of one account over time."""

    def __init__(self) -> None:
        self.breaches = 0
        """How often the limit was reached."""
        self.last_breach_ns = UnixNanos(0)
        """When it was reached last."""
        self.lost_milli_r = 0
        """Thousandths of R lost when it was reached last."""
        self._results: deque[tuple[UnixNanos, int]] = deque(maxlen=_KEPT)

    def apply_closed_trade(
        self, at_ns: UnixNanos, milli_r: int, *, limit_milli_r: int, window_ns: int
    ) -> None:
        """Apply a closed trade; the limit is in thousandths of R, 0: off."""
        self._results.append((at_ns, milli_r))
        lost = self.lost_since(UnixNanos(at_ns - window_ns))
        if limit_milli_r and lost >= limit_milli_r:
            self.breaches += 1
            self.last_breach_ns, self.lost_milli_r = at_ns, lost
            self._results.clear()

    def lost_since(self, start_ns: UnixNanos) -> int:
        """Thousandths of R lost by trades that ended after an instant; negative: won."""
        lost = 0
        for at_ns, milli_r in reversed(self._results):
            if at_ns <= start_ns:
                break
            lost -= milli_r
        return lost

    def begin_day(self, carried_breaches: int = 0) -> None:
        """Count anew, but for the breaches that still wait for a resume."""
        self._results.clear()
        self.breaches, self.last_breach_ns, self.lost_milli_r = carried_breaches, UnixNanos(0), 0
