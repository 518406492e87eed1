"""What is played: bar files or generated days, as the options of a command line name them."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from services.domain.calendar import Calendar, et_text
from services.domain.contracts import expiry_ns, parse
from services.domain.errors import ConfigError
from services.domain.manifest import Manifest
from services.domain.units import NANOS_PER_SECOND, UnixNanos
from services.ingest.bar_files.recognition import read_options
from services.ingest.config import IngestConfig
from services.ingest.files import merge, open_files
from services.runtime.config import ConfigFolder
from services.synthetic.day_plans import EXAMPLE_DATE, EXAMPLE_KINDS, DayKind
from services.synthetic.market import generate_days
from services.venue.played_market.minutes import MinuteBars, renamed_minutes
from services.venue.played_market.playback_extent import (
    HistoryRange,
    PlaybackExtent,
    contract_names,
    extent,
)

_BEFORE_EXPIRY_NS: Final = 45 * 86_400 * NANOS_PER_SECOND
"""So long before their expiry contracts play where they have expired by that Tuesday."""


class MarketOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a command line that name a market."""

    files: tuple[Path, ...] = ()
    tz: str | None = None
    contract: str | None = None
    days: int = 1
    kinds: tuple[DayKind, ...] = EXAMPLE_KINDS
    seed: int = 7
    first_date: str | None = None
    history: HistoryRange = HistoryRange()

    def arguments(self) -> list[str]:
        """Give them as a command line again."""
        named = {
            "--tz": self.tz,
            "--contract": self.contract,
            "--days": self.days,
            "--seed": self.seed,
            "--first-date": self.first_date,
            "--history-until": self.history.until or None,
            "--history-days": self.history.days or None,
        }
        pairs = [(key, str(value)) for key, value in named.items() if value is not None]
        pairs += [("--kind", kind.value) for kind in self.kinds]
        return [
            *(str(f.absolute()) for f in self.files),
            *(part for pair in pairs for part in pair),
        ]


class PlayedMarket(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes that can be passed over again and again, under their own names and times."""

    minutes: Callable[[], Iterator[MinuteBars]]
    names: dict[str, str]
    """Played contract to its name at the desk."""
    text: str
    volumetric: bool
    """Its bars carry bid and ask volume."""

    def extent(self, history: HistoryRange, calendar: Calendar) -> PlaybackExtent:
        """Count the minutes, and find where history ends.

        Raises: ConfigError when nothing is left to play behind the history.
        """
        return extent(lambda: renamed_minutes(self.minutes(), self.names), history, calendar)


def open_market(
    options: MarketOptions, folder: ConfigFolder, calendar: Calendar, *, by_root: bool
) -> PlayedMarket:
    """Open files, or generate days for the contracts of a desk.

    `by_root`: a month stands for the desk's own month of the same root.
    Raises: ConfigError and FeedError for files and options that cannot be played.
    """
    manifest = folder.manifest()
    if options.files:
        return _from_files(options, folder, manifest, by_root=by_root)
    contracts = [name for group in manifest.groups for name in group.contracts]
    first = _checked(options.first_date) if options.first_date else _first_date(contracts)
    days = options.history.days + options.days

    def minutes() -> Iterator[MinuteBars]:
        return generate_days(
            first,
            days,
            seed=options.seed,
            kinds=options.kinds,
            calendar=calendar,
            contracts=contracts,
        )

    text = f"{days} generated days from {first} (seed {options.seed}) of {', '.join(contracts)}"
    names = {name: name for name in contracts}
    return PlayedMarket(minutes=minutes, names=names, text=text, volumetric=True)


def _from_files(
    options: MarketOptions, folder: ConfigFolder, manifest: Manifest, *, by_root: bool
) -> PlayedMarket:
    config = folder.read("ingest.toml", IngestConfig)
    read = read_options(config.files, zone=options.tz, contract=options.contract)
    files = open_files(options.files, read)
    contracts = dict.fromkeys(file.contract for file in files)
    names = contract_names(manifest, tuple(contracts), by_root=by_root)
    names_text = ", ".join(
        f"{file.path.name} ({file.contract}, {file.zone_rule})" for file in files
    )
    unused = [name for name in contracts if name not in names]
    text = names_text + (f"; not used here: {', '.join(unused)}" if unused else "")
    split = all(file.is_split for file in files)
    return PlayedMarket(minutes=lambda: merge(files), names=names, text=text, volumetric=split)


def _checked(date_text: str) -> str:
    try:
        return date.fromisoformat(date_text).isoformat()
    except ValueError as error:
        raise ConfigError(f"first date {date_text!r}, expected a date as 2026-03-03") from error


def _first_date(contracts: list[str]) -> str:
    # Generated bars must be of a time at which the desk's own months are alive.
    soonest = min(expiry_ns(parse(name)) for name in contracts)
    return min(EXAMPLE_DATE, et_text(UnixNanos(soonest - _BEFORE_EXPIRY_NS))[:10])
