"""Configuration of the gateway: `ingest.toml`."""

from typing import Annotated

import msgspec


class IngestConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the gateway; everything else it knows from the manifest and the calendar."""

    future_ms_max: Annotated[int, msgspec.Meta(ge=0, le=60_000)] = 2_000
    """Live: how far a stamp may be ahead of our clock before it is refused, milliseconds.
    Covers the skew between the client's clock and ours, never a bar that is still forming."""
    alignment_deadline_ms: Annotated[int, msgspec.Meta(ge=50, le=30_000)] = 1_500
    """Live: how long the first bar of a minute waits for the other contracts, milliseconds."""
