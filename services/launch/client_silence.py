"""NinjaTrader's last sign of life, by the services that have a link to it."""

from collections.abc import Iterable

import msgspec

from services.runtime.service_status import CLIENT_SILENCE_S, ServiceStatus


class ClientSilence(msgspec.Struct, frozen=True):
    """How long NinjaTrader has sent nothing: one program, so one answer for all its links."""

    seconds: float | None
    """Since its last call on any link; None: there has been none."""
    live: bool
    """In playback the client waits for the desk, and silence means nothing."""

    @property
    def is_silent(self) -> bool:
        """Live, and silent for longer than a client that is there ever is."""
        return self.live and self.seconds is not None and self.seconds > CLIENT_SILENCE_S

    def link_text(self, state: str) -> str:
        """The last known state of a link, in the light of the silence."""
        if self.seconds is None:
            return state
        if self.is_silent:
            return f"SILENT for {self.seconds:.0f} s (last: {state})"
        return f"{state}, last sign of life {self.seconds:.1f} s ago"


def client_silence(statuses: Iterable[ServiceStatus | None], *, live: bool) -> ClientSilence:
    """The silence of the client as the services that have a link to it know it."""
    found = [x.client_silence_s for x in statuses if x is not None]
    return ClientSilence(min((x for x in found if x is not None), default=None), live)
