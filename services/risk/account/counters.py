"""Counters for the limits: commands, fills, rejects, losses in a row and losses over time.

Rule 1: counts change with inputs and our own outputs only, so a folded journal counts the same.
Rule 2: everything is of one trade date, but a wait for a resume, if configured.
Rule 3: an operator's resume is the review that fills, rejects, rate hits and streaks wait for.
Rule 4: every window is bounded: what is older than its limit looks back falls out.
"""

from collections import deque

from services.domain.messages.orders import (
    AckStatus,
    CommandAck,
    OrderRole,
    OrderStatus,
    OrderUpdate,
)
from services.domain.messages.risk import LossStreak, OrderCommand, Position, PositionState
from services.domain.units import NANOS_PER_MINUTE, MicroUsd, UnixNanos

_KEPT = 1_000
_HOUR_NS = 60 * NANOS_PER_MINUTE
_LEGS = (OrderRole.STOP, OrderRole.TARGET)
_GOOD = (OrderStatus.ACCEPTED, OrderStatus.WORKING, OrderStatus.PART_FILLED, OrderStatus.FILLED)


class TradeCounters:
    """The counts of one account."""

    def __init__(self) -> None:
        self.entry_times: deque[UnixNanos] = deque(maxlen=_KEPT)
        """When entries were commanded, oldest first."""
        self.command_times: deque[UnixNanos] = deque(maxlen=_KEPT)
        """When anything was commanded."""
        self.rate_refusals = 0
        """Entries refused for their rate."""
        self.fills: dict[str, int] = {}
        """Entries filled since the last review (an operator's resume), by strategy."""
        self.unfilled = 0
        """Entries that ended without a fill."""
        self.reject_times: deque[UnixNanos] = deque(maxlen=_KEPT)
        self.rejects_in_row = 0
        self.streaks: dict[str, LossStreak] = {}
        """Losses in a row by strategy, and of the account under ''."""
        self.closed_profits: dict[str, MicroUsd] = {}
        """What closed positions brought on this trade date, after commissions, by strategy."""
        self._profits_by_position: dict[str, MicroUsd] = {}
        self._counted_ids: set[str] = set()
        self._rejected: set[tuple[str, OrderRole]] = set()
        self._filled_ids: set[str] = set()

    def closed_profit(self, strategy: str) -> MicroUsd:
        """What a strategy's closed positions brought on this trade date, micro-dollars."""
        return self.closed_profits.get(strategy, MicroUsd(0))

    def losses_in_row(self, scope: str) -> int:
        """Losses in a row of a strategy, or of the account ('')."""
        return self.streaks[scope].losses if scope in self.streaks else 0

    def apply_command(self, command: OrderCommand) -> None:
        """Apply a published command."""
        self.command_times.append(command.created_ns)
        if command.entry_side is not None:
            self.entry_times.append(command.created_ns)

    def handle_answer(self, report: CommandAck | OrderUpdate) -> None:
        """Handle an acknowledgement or an order update."""
        key = report.command_id, OrderRole.ENTRY
        if isinstance(report, CommandAck):
            refused = report.status is AckStatus.REFUSED
        else:
            refused = report.status is OrderStatus.REJECTED
            if report.role in _LEGS:  # they carry the id of their entry
                key = report.command_id, report.role
        if refused:
            # Refused by the client's answer and rejected in the order's state: one order.
            if key not in self._rejected:
                self._rejected.add(key)
                self.reject_times.append(report.at_ns)
                self.rejects_in_row += 1
        elif isinstance(report, OrderUpdate) and report.status in _GOOD:
            self.rejects_in_row = 0

    def rejects_last_hour(self, now: UnixNanos) -> int:
        """Rejects of the last 60 minutes."""
        return count_since(self.reject_times, now - _HOUR_NS)

    def apply_position(self, position: Position, profit: MicroUsd) -> bool:
        """Apply a published position; `profit` is what it brought on this trade date.

        Returns True once for every position that was held and has ended.
        """
        key = position.position_id
        if position.entered and key not in self._filled_ids:
            self._filled_ids.add(key)
            self.fills[position.strategy] = self.fills.get(position.strategy, 0) + 1
        before = self._profits_by_position.pop(key, None)
        if before is not None:  # a fill that came after the end
            self._add_closed_profit(position.strategy, -before)
        if position.state is not PositionState.CLOSED:
            return False
        self._profits_by_position[key] = profit
        self._add_closed_profit(position.strategy, profit)
        if key in self._counted_ids:
            return False
        self._counted_ids.add(key)
        if not position.entered:
            self.unfilled += 1
            return False
        for scope in (position.strategy, ""):
            self._apply_closed_trade(scope, position)
        return True

    def _add_closed_profit(self, strategy: str, profit: int) -> None:
        self.closed_profits[strategy] = MicroUsd(self.closed_profit(strategy) + profit)

    def _apply_closed_trade(self, scope: str, position: Position) -> None:
        if position.realised >= 0:
            self.streaks.pop(scope, None)
            return
        last_ns = position.exit_ns or position.signal_ns
        self.streaks[scope] = LossStreak(scope, self.losses_in_row(scope) + 1, last_ns)

    def handle_resume(self, strategy: str) -> None:
        """Apply an operator's resume: of one strategy, or of everything where it names none."""
        if strategy:
            self.fills.pop(strategy, None)
            self.streaks.pop(strategy, None)
            return
        self.fills.clear()
        self.streaks.clear()
        self.reject_times.clear()
        self.rejects_in_row = self.rate_refusals = 0

    def begin_day(
        self, carried_streaks: tuple[LossStreak, ...], positions: tuple[Position, ...]
    ) -> None:
        """Count anew, but for the streaks that stay; what comes over has filled before."""
        for window in (self.entry_times, self.command_times, self.reject_times):
            window.clear()
        self.rate_refusals = self.unfilled = self.rejects_in_row = 0
        self.fills.clear()
        self._profits_by_position.clear()
        self._rejected.clear()
        self.closed_profits.clear()
        self._filled_ids = {p.position_id for p in positions if p.entered}
        self._counted_ids = {p.position_id for p in positions if p.entered and not p.quantity}
        self.streaks = {streak.scope: streak for streak in carried_streaks}


class LossVelocity:
    """What the trades of the last minutes lost together, in R (spec P42).

    R of a trade is what it risked, from its average entry to its first stop. A trade is counted
    once, when it closes, after commissions; wins count against losses. When the trades of the
    window together lose the limit, it is breached: entries wait for the cool-down, and from the
    second breach on for a resume or the next trade date. Trades that caused one breach do not count
    towards the next.
    """

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


def count_since(times: deque[UnixNanos], start_ns: int) -> int:
    """How many are after an instant; looks at no more than those and one."""
    count = 0
    for at_ns in reversed(times):
        if at_ns <= start_ns:
            break
        count += 1
    return count
