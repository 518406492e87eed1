"""What a service shows of itself on /status; apart from its port, for those who only read it."""

from typing import Final

import msgspec

CLIENT_SILENCE_S: Final = 2.0
"""A live client that sends nothing for this long is gone (spec R.1)."""


class ServiceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Status of the service as of the last heartbeat."""

    service: str
    epoch: int = 0
    run: str = ""
    ready: bool = False
    reasons: tuple[str, ...] = ("starting",)
    """Why not ready."""
    config_hash: str = ""
    trade_date: str = ""
    heads: dict[str, int] = {}
    """Last sequence per stream of ours."""
    inputs: dict[str, int] = {}
    """Last sequence applied per input stream."""
    handled: int = 0
    client_silence_s: float | None = None
    """Since NinjaTrader's last call on this service's link; None: no link, or no call yet."""
    detail: msgspec.Raw = msgspec.Raw(b"null")
    """The machine's own status, JSON."""
