"""Whether the account shows what its events explain, and since when it does not. Pure.

A platform may lose an event of its own: a fill that was never reported leaves a position nobody
knows, an end that was never reported an order that works for ever. What the account shows of
itself, beside its events, is the proof against it.

Rule: an event may be on its way for half a second; what differs longer was lost, and the account is
asked for.
"""

from typing import Final

from services.domain.units import NANOS_PER_MS, UnixNanos

_ON_ITS_WAY_NS: Final = 500 * NANOS_PER_MS


class AccountAgreement:
    """One account against the client's positions and orders."""

    def __init__(self) -> None:
        self._since_ns: UnixNanos | None = None

    def must_ask(self, now: UnixNanos, *, differs: bool) -> bool:
        """Whether the account must be asked for; `differs`: from what the client knows, now."""
        if not differs:
            self._since_ns = None
            return False
        if self._since_ns is None:
            self._since_ns = now
        return now - self._since_ns >= _ON_ITS_WAY_NS

    def begin_anew(self) -> None:
        """Forget the difference: the account is adopted, or cannot be seen."""
        self._since_ns = None
