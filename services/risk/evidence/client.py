"""What the client reports about itself: its account, its clock, its last reconciliation.

Rule 1: account values sample the client's clock, and those with holdings reconcile the account,
        both at the time at which they were handed over here.
Rule 2: the offset of the clocks is the smallest of the last samples: a message that waited in a
        queue measures the queue, not the clock.
Rule 3: a journal of a new date begins without samples; what the client reported of its account
        stays.
"""

from collections import deque
from typing import Final

from services.domain.messages.orders import AccountValues, LinkState, LinkStatus
from services.domain.units import UnixNanos

_SAMPLES: Final = 8


class ClientState:
    """The client of one account."""

    def __init__(self, account: str) -> None:
        self.account = account
        self._clock_offsets: deque[int] = deque(maxlen=_SAMPLES)
        self.simulated: bool | None = None
        """The account trades no money; None: unknown."""
        self.version = ""
        """Of its program; empty: unknown."""
        self.reconciled_ns: UnixNanos | None = None
        """When its account was last compared with the desk; None: not in this journal."""

    @property
    def clock_offset_ns(self) -> int | None:
        """Our clock less the client's, transit included; None without a sample."""
        return min(self._clock_offsets, default=None)

    def handle_account_values(self, values: AccountValues, now: UnixNanos) -> None:
        """Handle account values of the client."""
        if values.account == self.account:
            if values.holdings is not None:
                self.reconciled_ns = now
            self._clock_offsets.append(now - values.at_ns)

    def handle_link_status(self, status: LinkStatus, now: UnixNanos) -> None:
        """Handle a status of the order link."""
        if status.state is LinkState.DOWN or status.account != self.account:
            return
        if status.simulated is not None:
            self.simulated = status.simulated
        self.version = status.version or self.version
        if status.state is LinkState.RECONCILED:
            self.reconciled_ns = now

    def reset(self) -> None:
        """Reset what the carry of a date does not hold."""
        self._clock_offsets.clear()
        self.reconciled_ns = None
