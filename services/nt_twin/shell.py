"""The twin as a process: configuration, files or generated days, the wall clock, the terminal."""

import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from services.domain.calendar import Calendar, et_text
from services.domain.contracts import expiry_ns, parse
from services.domain.errors import ConfigError, FeedRefusedError
from services.domain.manifest import Manifest
from services.domain.market_hours import closure_at
from services.domain.messages.market import SuppliedLevels, TimeMode
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_SECOND, UnixNanos
from services.ingest.bar_files.recognition import read_options
from services.ingest.config import IngestConfig
from services.ingest.files import merge, open_files
from services.nt_twin.client import TwinClient
from services.nt_twin.client_limits import ClientLimits, parse_limits
from services.nt_twin.config import PaceMode, TwinConfig
from services.nt_twin.link import TwinLink
from services.nt_twin.pace import (
    LivePace,
    LockStepPace,
    ScaledPace,
    live_offset,
    renamed_minutes,
    session_minutes,
)
from services.nt_twin.playback_extent import HistoryRange, PlaybackExtent, contract_names, extent
from services.nt_twin.progress_display import ProgressDisplay, TwinCounts, summary
from services.nt_twin.source import MinuteBars, parse_levels
from services.runtime.config import ConfigFolder
from services.runtime.stop_signals import on_stop_signals
from services.runtime.terminal import open_console
from services.synthetic.day_plans import EXAMPLE_DATE, EXAMPLE_KINDS, DayKind
from services.synthetic.market import generate_days
from services.venue.faults import ExchangeFaults, parse_faults

_BEFORE_EXPIRY_NS: Final = 45 * 86_400 * NANOS_PER_SECOND
"""So long before their expiry contracts play where they have expired by that Tuesday."""
_POLL_S: Final = 0.5


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command line."""

    config: Path
    files: tuple[Path, ...] = ()
    tz: str | None = None
    contract: str | None = None
    days: int = 1
    kinds: tuple[DayKind, ...] = EXAMPLE_KINDS
    seed: int = 7
    first_date: str | None = None
    history: HistoryRange = HistoryRange()
    speed: float | None = None
    """Market seconds per wall second; None: lock-step."""
    live: bool = False
    client: str = "twin"
    levels: Path | None = None
    """A TOML file of levels to supply."""
    faults: Path | None = None
    """A TOML file of faults at the simulated exchange."""
    limits: Path | None = None
    """A TOML file of the client's own limits."""


class _PlaybackSource(msgspec.Struct, frozen=True):
    stamps: Callable[[], Iterator[MinuteBars]]
    names: dict[str, str]
    """Played contract to its name at the desk."""
    text: str
    volumetric: bool
    """Its bars carry bid and ask volume."""


def run(options: Options) -> int:
    """Play to the end or until asked to stop; gives the exit code.

    Raises: FeedRefusedError when the desk refuses, ConfigError and FeedError for bad options.
    """
    console = open_console()
    stop = threading.Event()
    on_stop_signals(stop.set)
    folder = ConfigFolder(options.config, _now())
    manifest, calendar = folder.manifest(), folder.calendar()
    source = _playback_source(options, manifest, calendar)
    play_extent = extent(
        lambda: renamed_minutes(source.stamps(), source.names), options.history, calendar
    )
    console.print(_playback_text(options, source, play_extent), soft_wrap=True)
    market = _MarketHours(calendar, options.config) if options.live else None
    if market is not None and (text := market.news(_now())):
        console.print(text, soft_wrap=True)
    if not _wait_for_listeners(manifest, console, stop):
        return 0
    client, pace = _client(options, manifest, calendar, source, play_extent)
    counts = TwinCounts()
    screen = ProgressDisplay(console, play_extent.total)
    try:
        with screen.bar:
            _play(client, manifest, pace, counts, screen, market, stop)
    except FeedRefusedError:
        if counts.bars or counts.history:
            console.print(summary(client, counts))
        raise
    console.print("stopped before the end" if stop.is_set() else "played to the end")
    console.print(summary(client, counts))
    if client.client_orders.positions():
        console.print(
            "this simulated account is discarded: the desk will halt if its ledger still holds"
            " these positions"
        )
    return 0


def _play(
    client: TwinClient,
    manifest: Manifest,
    pace: LockStepPace | ScaledPace | LivePace,
    counts: TwinCounts,
    screen: ProgressDisplay,
    market: "_MarketHours | None",
    stop: threading.Event,
) -> None:
    def tap(message: Message) -> None:
        for line in counts.record(message):
            screen.print_line(line)

    link = TwinLink(
        client,
        manifest,
        silence_s=float("inf"),
        tick=lambda: pace.step(client, _now()) / NANOS_PER_SECOND,
        tap=tap,
    )

    def show() -> None:
        if market is not None and (text := market.news(_now())):
            screen.print_line(text)
        screen.show(client, link.broken_links, _now())

    try:
        link.run(show, stop.is_set)
    finally:
        link.close()


class _MarketHours:
    """Reports once whenever the market closes or opens while bars are stamped live."""

    def __init__(self, calendar: Calendar, config: Path) -> None:
        self._calendar = calendar
        self._config = config
        self._until_ns = 0

    def news(self, now: UnixNanos) -> str:
        """What has changed; empty: nothing."""
        if now < self._until_ns:
            return ""
        closure = closure_at(self._calendar, now)
        was_closed, self._until_ns = bool(self._until_ns), 0
        if closure is None:
            return "market open: bars are sent as the minutes pass" if was_closed else ""
        self._until_ns = closure.until_ns + 1
        here = datetime.fromtimestamp(closure.until_ns / NANOS_PER_SECOND, UTC).astimezone()
        return (
            f"market {closure.text}, here {here:%Y-%m-%d %H:%M %Z}: until then the client is"
            " connected and sends no bars; status, doctor, kill and resume can be tried. To see a"
            f" day traded now: pitwire demo --config {self._config}"
        )


# -- what is played --------------------------------------------------------------------------


def _playback_source(options: Options, manifest: Manifest, calendar: Calendar) -> _PlaybackSource:
    if options.files:
        return _from_files(options, manifest)
    contracts = [name for group in manifest.groups for name in group.contracts]
    first = _checked(options.first_date) if options.first_date else _first_date(contracts)
    days = options.history.days + options.days

    def stamps() -> Iterator[MinuteBars]:
        return generate_days(
            first,
            days,
            seed=options.seed,
            kinds=options.kinds,
            calendar=calendar,
            contracts=contracts,
        )

    text = f"{days} generated days from {first} (seed {options.seed}) of {', '.join(contracts)}"
    return _PlaybackSource(stamps, {name: name for name in contracts}, text, volumetric=True)


def _from_files(options: Options, manifest: Manifest) -> _PlaybackSource:
    config = ConfigFolder(options.config, UnixNanos(0)).read("ingest.toml", IngestConfig)
    read = read_options(config.files, zone=options.tz, contract=options.contract)
    files = open_files(options.files, read)
    contracts = dict.fromkeys(file.contract for file in files)
    names = contract_names(manifest, tuple(contracts), by_root=options.live)
    names_text = ", ".join(
        f"{file.path.name} ({file.contract}, {file.zone_rule})" for file in files
    )
    unused = [name for name in contracts if name not in names]
    text = names_text + (f"; not used here: {', '.join(unused)}" if unused else "")
    split = all(file.is_split for file in files)
    return _PlaybackSource(lambda: merge(files), names, text, volumetric=split)


def _checked(date_text: str) -> str:
    try:
        return date.fromisoformat(date_text).isoformat()
    except ValueError as error:
        raise ConfigError(f"first date {date_text!r}, expected a date as 2026-03-03") from error


def _first_date(contracts: list[str]) -> str:
    # Generated bars must be of a time at which the desk's own months are alive.
    soonest = min(expiry_ns(parse(name)) for name in contracts)
    return min(EXAMPLE_DATE, et_text(UnixNanos(soonest - _BEFORE_EXPIRY_NS))[:10])


def _playback_text(options: Options, source: _PlaybackSource, play_extent: PlaybackExtent) -> str:
    pace = "lock-step" if options.speed is None else f"speed {options.speed:g}"
    how = "live, stamped with today's minutes" if options.live else f"playback, {pace}"
    until = play_extent.history_until
    history = "" if until is None else f", history until {et_text(until)}"
    return f"stand-in for NinjaTrader: {source.text}; {play_extent.total:,} minutes{history}; {how}"


def _client(
    options: Options,
    manifest: Manifest,
    calendar: Calendar,
    source: _PlaybackSource,
    play_extent: PlaybackExtent,
) -> tuple[TwinClient, LockStepPace | ScaledPace | LivePace]:
    # Live minutes are counted from here: the desk is there, the next minute is the first.
    offset = live_offset(play_extent.first_live, _now()) if options.live else 0
    until = play_extent.history_until
    free = options.live or options.speed is not None
    config = TwinConfig(
        client=options.client,
        account=manifest.account,
        report_stream=secrets.token_hex(8),
        mode=TimeMode.LIVE if options.live else TimeMode.PLAYBACK,
        contracts=tuple(source.names.values()),
        volumetric=source.volumetric,
        prices={row.orders: row.signal for group in manifest.groups for row in group.trade},
        pace=PaceMode.FREE if free else PaceMode.LOCK_STEP,
        historical_until_ns=None if until is None else UnixNanos(until + offset),
        minutes_total=play_extent.total,
        levels=_levels(options.levels),
        faults=_faults(options.faults),
        limits=_limits(options.limits),
    )
    stamps = renamed_minutes(source.stamps(), source.names, offset)
    if options.live:
        stamps = session_minutes(stamps, calendar, 0 if until is None else until + offset)
    client = TwinClient(config, stamps, calendar.trade_date_of)
    if options.live:
        return client, LivePace()
    if options.speed is not None:
        return client, ScaledPace(options.speed, until)
    return client, LockStepPace()


def _levels(path: Path | None) -> tuple[SuppliedLevels, ...]:
    if path is None:
        return ()
    try:
        return parse_levels(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"levels {path}: {error}") from error


def _limits(path: Path | None) -> ClientLimits:
    if path is None:
        return ClientLimits()
    try:
        return parse_limits(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"limits {path}: {error}") from error


def _faults(path: Path | None) -> ExchangeFaults | None:
    if path is None:
        return None
    try:
        return parse_faults(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"faults {path}: {error}") from error


# -- the world -------------------------------------------------------------------------------


def _wait_for_listeners(manifest: Manifest, console: Console, stop: threading.Event) -> bool:
    """Wait until both gRPC edges listen; False when stopped first."""
    addresses = [manifest.endpoints[name].edge for name in ("ingest", "orders")]
    if missing := [address for address in addresses if not _listens(address)]:
        text = f"the desk is not running: nothing listens at {', '.join(missing)}; waiting"
        console.print(text, soft_wrap=True)
    while not all(map(_listens, missing)):
        if stop.wait(_POLL_S):
            return False
    return True


def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=_POLL_S):
            return True
    except OSError:
        return False


def _now() -> UnixNanos:
    return UnixNanos(time.time_ns())
