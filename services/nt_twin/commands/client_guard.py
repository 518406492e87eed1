"""When the client closes everything by itself, without a desk. Pure.

Rule 1: killed at the client, at its own flat-by, or beyond its own loss of a day, what works is
        cancelled and what is held is closed, again and again until nothing is.
Rule 2: a loss that was reached holds until the trade date ends, whatever the close has brought.
"""

from collections.abc import Callable
from typing import Final

from services.domain.calendar import et_ns
from services.domain.messages.orders import AccountValues
from services.domain.units import MICROS_PER_USD, NANOS_PER_MINUTE, UnixNanos
from services.nt_twin.client_limits import ClientLimits
from services.nt_twin.memory.trading_switch import TradingSwitch

_BEFORE_CLOSE_NS: Final = 5 * NANOS_PER_MINUTE
"""On a short session flat-by is so long before its close."""


class ClientGuard:
    """The client's own reasons to close."""

    def __init__(
        self,
        limits: ClientLimits,
        switch: TradingSwitch,
        date_of: Callable[[UnixNanos], str],
        close_of: Callable[[str], UnixNanos | None],
    ) -> None:
        """`date_of`: trade date; `close_of`: when its session closes, None: not known."""
        self._limits = limits
        self._switch = switch
        self._date_of = date_of
        self._close_of = close_of
        self._lost_on = ""
        """Trade date on which the day's loss was reached."""

    def code(self, values: AccountValues | None, now: UnixNanos) -> str:
        """Why everything is closed now; empty: it is not."""
        if self._switch.killed_by:
            return "KILL"
        if self._is_flat_by(now):
            return "FLAT_BY"
        return "DAY_LOSS" if self._is_lost(values, now) else ""

    @property
    def reads_values(self) -> bool:
        """Whether the account's money is looked at."""
        return self._limits.day_loss_usd_max is not None

    def _is_flat_by(self, now: UnixNanos) -> bool:
        clock = self._limits.flat_by
        if clock is None:
            return False
        date = self._date_of(now)
        due, close = et_ns(date, clock), self._close_of(date)
        return now >= (due if close is None else min(due, close - _BEFORE_CLOSE_NS))

    def _is_lost(self, values: AccountValues | None, now: UnixNanos) -> bool:
        most = self._limits.day_loss_usd_max
        if most is None:
            return False
        date = self._date_of(now)
        if values is not None and values.realised + values.unrealised <= -most * MICROS_PER_USD:
            self._lost_on = date
        return self._lost_on == date
