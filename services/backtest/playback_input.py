"""What is to be played: files as a trader has them, opened, judged and counted.

Rule: the order in which files are named means nothing. They are played in an order of their own,
      and the run's label, which every id is made of, is of what they hold.
"""

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
from services.runtime.config import ConfigFolder
from services.venue.played_market.minutes import MinuteBars


class PlaybackRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be played, against which configuration."""

    config: Path
    files: tuple[Path, ...] = ()
    runs: Path = Path("runs")
    tz: str | None = None
    contract: str | None = None
    signal: str = ""
    """The contract or root that is traded; empty: desk.toml's, else what is there."""
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
    """Open a request's files, in the order in which they are played.

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
    return sorted(files, key=lambda f: (f.contract, f.first_ns, f.path.name, _digest(f.path)))


def playback_of(
    files: list[SourceFile],
    request: PlaybackRequest,
    minutes: Callable[[], Iterator[MinuteBars]] | None = None,
) -> Playback:
    """The minutes of opened files, played together; `minutes` where somebody counts them."""
    return Playback(
        minutes=minutes or (lambda: merge(files)),
        contracts=tuple(dict.fromkeys(file.contract for file in files)),
        # A pass over the stamps is a second for a year of bars; the bar is worth it.
        total=sum(1 for _ in merge(files)),
        label=_label(files, request),
    )


def _label(files: list[SourceFile], request: PlaybackRequest) -> str:
    if not files:
        raise ConfigError("no files to replay, expected NinjaTrader exports or CSV")
    # Read in another zone or traded otherwise it is another run.
    read = (request.tz, request.contract, request.stamp, request.price_kind, request.dates)
    given = (*read, request.signal)
    digest = hashlib.sha256(repr(given).encode() if any(given) else b"")
    for name, held in sorted((file.path.name, _digest(file.path)) for file in files):
        digest.update(name.encode() + b"\0" + held)
    return f"replay-{digest.hexdigest()[:10]}"


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
