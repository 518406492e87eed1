"""Whether what risk depends on is proven good: upstream services and the order link.

Rule 1: without proof the desk is not ready; only a playback, which sends no samples, starts ready.
Rule 2: the link is good from RECONCILED until its next status. It is connected, which is what an
        exit needs, also while the account differs from the ledger.
"""

from services.domain.messages.control import Upstreams
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import LinkState, LinkStatus


class Readiness:
    """The last known state of every upstream and of the order link."""

    def __init__(self, account: str, mode: TimeMode) -> None:
        self._account = account
        unproven: tuple[str, ...] = ("upstreams have not been sampled yet",)
        self._upstreams = unproven if mode is TimeMode.LIVE else ()
        self._link = "order link to NinjaTrader has not reported yet"
        self.connected = False
        """The client is connected, reconciled or not."""
        self.link_lost = False
        """The link was good and went down, and no other status has come since."""

    @property
    def linked(self) -> bool:
        """The client is connected and reconciled."""
        return not self._link

    @property
    def reasons(self) -> tuple[str, ...]:
        """What keeps the desk from being ready; empty: ready."""
        return (*self._upstreams, *((self._link,) if self._link else ()))

    def handle_upstreams(self, upstreams: Upstreams) -> None:
        """Handle a sample of the upstream heartbeats."""
        reasons = upstreams.reasons or ("an upstream is not ready",)
        self._upstreams = () if upstreams.ready else reasons

    def handle_link_status(self, status: LinkStatus) -> str:
        """Handle a status of the order link; return why the desk must halt, or ''."""
        went_down = status.state is LinkState.DOWN and status.account == self._account
        self.link_lost = went_down and (self.link_lost or self.linked)
        ours = status.account == self._account
        self.connected = ours and status.state is not LinkState.DOWN
        if status.account != self._account:
            self._link = f"order link is for account {status.account}, expected {self._account}"
            return ""
        text = f"order link {status.client} {status.state.name} {status.text}".rstrip()
        self._link = "" if status.state is LinkState.RECONCILED else text
        return text if status.state is LinkState.MISMATCH else ""

    def restore(self, *, linked: bool) -> None:
        """Begin with what was known at the end of the last trade date."""
        self.connected = linked
        self._link = "" if linked else "order link was down when the trade date began"
