"""What the client reports about itself: its account, its clock, its last reconciliation.

Rule 1: account values sample the client's clock, and those with holdings reconcile the account,
        both at the time at which they were handed over here.
Rule 2: the offset of the clocks is the smallest of the last samples: a message that waited in a
        queue measures the queue, not the clock.
Rule 3: a journal of a new date begins without samples; what the client reported of its account
        and of its platform stays.
Rule 4: the last report on the platform holds until the next, also while the link is down: reports
        are numbered and kept, so a change meanwhile is folded before the account is reconciled. A
        client that has never reported it is not held to it.
"""

from collections import deque
from typing import Final

from services.domain.messages.orders import (
    AccountSnapshot,
    AccountValues,
    LinkState,
    LinkStatus,
    PlatformState,
)
from services.domain.messages.risk import PlatformCarry
from services.domain.units import UnixNanos

_SAMPLES: Final = 8


class ClientState:
    """The client of one account."""

    def __init__(self, account: str, *, live: bool) -> None:
        """`live`: the desk runs by the clock, and the client must report its platform."""
        self.account = account
        self._live = live
        self._clock_offsets: deque[int] = deque(maxlen=_SAMPLES)
        self.simulated: bool | None = None
        """The account trades no money; None: unknown."""
        self.version = ""
        """Of its program; empty: unknown."""
        self.platform: PlatformCarry | None = None
        """What stands between it and the market; None: not reported in this run."""
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

    def handle_snapshot(self, snapshot: AccountSnapshot, now: UnixNanos) -> None:
        """Handle a snapshot the router has judged."""
        if snapshot.account == self.account:
            self.reconciled_ns = now

    def handle_platform(self, state: PlatformState) -> str:
        """Handle the platform's state; return why the desk must halt, or ''."""
        before = "" if self.platform is None else self.platform.killed_by
        self.platform = PlatformCarry(
            account=self.account,
            prices_connected=state.prices_connected,
            orders_connected=state.orders_connected,
            trading_enabled=state.trading_enabled,
            killed_by=state.killed_by,
            quiet_until_ns=state.quiet_until_ns,
        )
        if state.killed_by and not before:
            return f"killed at the client by {state.killed_by}"
        return ""

    def platform_fault(self, now: UnixNanos) -> str:
        """What keeps entries out at the platform; empty: nothing.

        Live, a platform that was never reported is a doubt; a played one reports what is wrong.
        """
        state = self.platform
        if state is None:
            return "the client has not reported its platform" if self._live else ""
        quiet_until = state.quiet_until_ns
        found = {
            f"the client is killed by {state.killed_by}": bool(state.killed_by),
            "the platform receives no prices": not state.prices_connected,
            "the platform reaches no broker": not state.orders_connected,
            "trading is not enabled at the client": not state.trading_enabled,
            "the client waits after a reconnect": quiet_until is not None and now < quiet_until,
        }
        return "; ".join(text for text, stands in found.items() if stands)

    def restore_platform(self, platform: PlatformCarry | None) -> None:
        """Begin with what was carried over; the client of another account has another platform."""
        ours = platform is not None and platform.account == self.account
        self.platform = platform if ours else None

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
