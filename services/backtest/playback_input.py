"""What is to be played: files as a trader has them, opened, judged and counted."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from services.domain import contracts
from services.domain.errors import ConfigError, InstrumentError
from services.domain.units import UnixNanos
from services.ingest.bar_files.recognition import read_options
from services.ingest.config import IngestConfig
from services.ingest.files import SourceFile, merge, open_files
from services.nt_twin.source import MinuteBars
from services.runtime.config import ConfigFolder


class PlaybackRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be played, against which configuration."""

    config: Path
    files: tuple[Path, ...] = ()
    runs: Path = Path("runs")
    tz: str | None = None
    contract: str | None = None
    stamp: str | None = None
    """`close` or `open`; None: what ingest.toml has, else what the file shows."""
    price_kind: str | None = None
    """`last`, `bid`, `ask` or `midpoint`; None: last, and a file of another kind is refused."""
    dates: str | None = None
    """`mdy` or `dmy`; None: what ingest.toml has, else what the file shows."""


class Playback(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes to play and the contracts in them."""

    minutes: Callable[[], Iterator[MinuteBars]]
    contracts: tuple[str, ...]
    total: int | None
    """Minutes, where known."""
    label: str
    """Part of the run id."""


def open_request(request: PlaybackRequest) -> list[SourceFile]:
    """Open a request's files.

    Raises: FeedError and ConfigError naming the file and what is wrong with it.
    """
    config = ConfigFolder(request.config, UnixNanos(0)).read("ingest.toml", IngestConfig)
    options = read_options(
        config.files,
        zone=request.tz,
        stamp=request.stamp,
        contract=request.contract,
        price_kind=request.price_kind,
        dates=request.dates,
    )
    files = open_files(request.files, options)
    for file in files:
        try:
            contracts.refuse_expired(file.contract, file.first_ns)
        except InstrumentError as error:
            raise InstrumentError(f"file {file.path} is refused: {error}") from error
    return files


def playback_of(files: list[SourceFile]) -> Playback:
    """The minutes of opened files, played together."""
    return Playback(
        minutes=lambda: merge(files),
        contracts=tuple(dict.fromkeys(file.contract for file in files)),
        # A pass over the stamps is a second for a year of bars; the bar is worth it.
        total=sum(1 for _ in merge(files)),
        label=_label(files),
    )


def _label(files: list[SourceFile]) -> str:
    if not files:
        raise ConfigError("no files to replay, expected NinjaTrader exports or CSV")
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.path.name.encode() + b"\0" + file.path.read_bytes())
    return f"replay-{digest.hexdigest()[:10]}"
