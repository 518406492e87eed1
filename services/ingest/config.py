"""Configuration of the gateway and of the reading of files: `ingest.toml`."""

from typing import Annotated, Literal

import msgspec


class FilesConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How bar files are read where a file itself does not show it; an option goes before it."""

    stamp: Literal["", "close", "open"] = ""
    """The end of a bar that is stamped; empty: what the file shows, else the close."""
    zone: str = ""
    """IANA zone of stamps without an offset; empty: New York in volumetric exports, else none."""
    dates: Literal["", "mdy", "dmy"] = ""
    """Order of day and month where the year stands last; empty: what the file shows."""


class IngestConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the gateway; everything else it knows from the manifest and the calendar."""

    future_ms_max: Annotated[int, msgspec.Meta(ge=0, le=60_000)] = 2_000
    """Live: how far a stamp may be ahead of our clock before it is refused, milliseconds.
    Covers the skew between the client's clock and ours, never a bar that is still forming."""
    alignment_deadline_ms: Annotated[int, msgspec.Meta(ge=50, le=30_000)] = 1_500
    """Live: how long the first bar of a minute waits for the other contracts, milliseconds."""
    files: FilesConfig = FilesConfig()
    """Reading of bar files, in `replay` and wherever else they are played."""
