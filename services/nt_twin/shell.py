"""The twin as a process: configuration, files or generated days, the wall clock, the terminal."""

import secrets
import socket
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from services.domain.calendar import Calendar, et_text
from services.domain.errors import ConfigError, FeedLostError, FeedRefusedError
from services.domain.manifest import Manifest
from services.domain.market_hours import closure_at
from services.domain.messages.market import SuppliedLevels, TimeMode
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_SECOND, UnixNanos
from services.nt_twin.client import TwinClient
from services.nt_twin.client_limits import ClientLimits, parse_limits
from services.nt_twin.commands.client_orders import ClientOrders
from services.nt_twin.config import PaceMode, TwinConfig
from services.nt_twin.exchange.exchange_link import ExchangeLink
from services.nt_twin.exchange.exchange_process import ExchangeProcess, exchange_process
from services.nt_twin.exchange.exchange_session import ExchangeSession
from services.nt_twin.link import TwinLink
from services.nt_twin.memory.client_folder import ClientFolder
from services.nt_twin.memory.records import Memory, NoMemory
from services.nt_twin.memory.trading_switch import TradingSwitch
from services.nt_twin.pace import LivePace, LockStepPace, ScaledPace
from services.nt_twin.positions.remote_account import RemoteAccount
from services.nt_twin.progress_display import ProgressDisplay, TwinCounts, summary
from services.nt_twin.source import parse_levels
from services.runtime.config import ConfigFolder
from services.runtime.stop_signals import on_stop_signals
from services.runtime.terminal import open_console
from services.venue.exchange_messages import LiveStamps
from services.venue.faults import ExchangeFaults, parse_faults
from services.venue.played_market.market_source import MarketOptions, PlayedMarket, open_market
from services.venue.played_market.minutes import renamed_minutes
from services.venue.played_market.playback_extent import PlaybackExtent
from services.venue.shell import live_minutes

_ANSWER_S: Final = 1.0
"""An exchange that has not answered by then is reported."""
_LOOK_S: Final = 0.05
_POLL_S: Final = 0.5


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command line."""

    config: Path
    market: MarketOptions
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
    exchange: str = ""
    """Live: the address of an exchange that runs by itself; empty: one is started."""


class _LiveExchange(msgspec.Struct, frozen=True):
    account: RemoteAccount
    link: ExchangeLink
    stamps: LiveStamps
    process: ExchangeProcess | None
    """Of our own; None: it runs by itself."""


class _OptionFiles(msgspec.Struct, frozen=True):
    # What the files of the options hold, read before anything else is done.
    levels: tuple[SuppliedLevels, ...]
    faults: ExchangeFaults | None
    limits: ClientLimits


class _Own(msgspec.Struct, frozen=True):
    # The client's own: what it was given, what an operator has switched, what it remembers.
    files: _OptionFiles
    switch: TradingSwitch
    memory: Memory


def run(options: Options) -> int:
    """Play to the end or until asked to stop; gives the exit code.

    Raises: FeedRefusedError when the desk refuses, ConfigError and FeedError for bad options.
    """
    console = open_console()
    stop = threading.Event()
    on_stop_signals(stop.set)
    folder = ConfigFolder(options.config, _now())
    manifest, calendar = folder.manifest(), folder.calendar()
    source = open_market(options.market, folder, calendar, by_root=options.live)
    play_extent = source.extent(options.market.history, calendar)
    console.print(_playback_text(options, source, play_extent), soft_wrap=True)
    market = _MarketHours(calendar, options.config) if options.live else None
    if market is not None and (text := market.news(_now())):
        console.print(text, soft_wrap=True)
    with ExitStack() as stack:
        own = _own(options, manifest, stack)
        if not _wait_for_listeners(manifest, console, stop):
            return 0
        if refusal := own.switch.refusal:
            console.print(f"entries are refused: {refusal}", soft_wrap=True)
        exchange = None
        if options.live:
            exchange = _live_exchange(options, manifest, own, console, stop, stack)
            if exchange is None:
                return 0
            _check_same(exchange, source, play_extent)
        client, pace = _client(options, manifest, calendar, source, play_extent, own, exchange)
        counts = TwinCounts()
        screen = ProgressDisplay(console, play_extent.total)
        try:
            with screen.bar:
                _play(client, manifest, pace, counts, screen, market, exchange, stop)
        except (FeedRefusedError, FeedLostError):
            if counts.bars or counts.history:
                console.print(summary(client, counts))
            raise
    console.print("stopped before the end" if stop.is_set() else "played to the end")
    console.print(summary(client, counts))
    if client.client_orders.positions() and not options.exchange:
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
    exchange: _LiveExchange | None,
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
        exchange=None if exchange is None else exchange.link,
        before_send=lambda: client.client_orders.remember(_now()),
    )

    def show() -> None:
        if exchange is not None and exchange.process is not None:
            exchange.process.check()
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


def _own(options: Options, manifest: Manifest, stack: ExitStack) -> _Own:
    # A played account ends with its process: of it only what an operator has switched outlives it.
    files = _option_files(options)
    folder = ClientFolder(manifest.data_dir, options.client)
    stack.enter_context(folder.lock())
    switch = folder.switch()
    if not options.live:
        return _Own(files, switch, NoMemory())
    memory = folder.memory(manifest.run, switch)
    stack.callback(memory.close)
    return _Own(files, switch, memory)


def _close_of(calendar: Calendar, date: str) -> UnixNanos | None:
    session = calendar.session(date)
    return None if session is None else session.close_ns


# -- what is played --------------------------------------------------------------------------


def _playback_text(options: Options, source: PlayedMarket, play_extent: PlaybackExtent) -> str:
    pace = "lock-step" if options.speed is None else f"speed {options.speed:g}"
    how = "live, stamped with today's minutes" if options.live else f"playback, {pace}"
    until = play_extent.history_until
    history = "" if until is None else f", history until {et_text(until)}"
    return f"stand-in for NinjaTrader: {source.text}; {play_extent.total:,} minutes{history}; {how}"


def _client(
    options: Options,
    manifest: Manifest,
    calendar: Calendar,
    source: PlayedMarket,
    play_extent: PlaybackExtent,
    own: _Own,
    exchange: _LiveExchange | None,
) -> tuple[TwinClient, LockStepPace | ScaledPace | LivePace]:
    # Live, the exchange has counted the minutes from its start: both name them by one clock.
    offset = 0 if exchange is None else exchange.stamps.offset_ns
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
        levels=own.files.levels,
        faults=None if options.live else own.files.faults,
        limits=own.files.limits,
    )
    orders = ClientOrders(
        config,
        calendar.trade_date_of,
        None if exchange is None else exchange.account,
        memory=own.memory,
        switch=own.switch,
        close_of=lambda date: _close_of(calendar, date),
    )
    if exchange is not None:
        stamps = live_minutes(source, calendar, play_extent, offset)
        return TwinClient(config, stamps, calendar.trade_date_of, orders), LivePace()
    stamps = renamed_minutes(source.minutes(), source.names)
    client = TwinClient(config, stamps, calendar.trade_date_of, orders)
    if options.speed is not None:
        return client, ScaledPace(options.speed, until)
    return client, LockStepPace()


def _option_files(options: Options) -> _OptionFiles:
    return _OptionFiles(_levels(options.levels), _faults(options.faults), _limits(options.limits))


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
    except (ConfigError, OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error


def _faults(path: Path | None) -> ExchangeFaults | None:
    if path is None:
        return None
    try:
        return parse_faults(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"faults {path}: {error}") from error


# -- the exchange ----------------------------------------------------------------------------


def _live_exchange(
    options: Options,
    manifest: Manifest,
    own: _Own,
    console: Console,
    stop: threading.Event,
    stack: ExitStack,
) -> _LiveExchange | None:
    """Start an exchange or connect to one that runs; None when stopped first."""
    process, address = None, options.exchange
    if not address:
        started = exchange_process(options.config, options.market, options.faults)
        process = stack.enter_context(started)
        address = process.address
    account = RemoteAccount(own.memory)
    session = ExchangeSession(manifest.account, account)
    link = ExchangeLink(address, session)
    stack.callback(link.close)
    until = time.monotonic() + _ANSWER_S
    while session.stamps is None:
        link.send(link.due())
        link.receive(_LOOK_S)
        if stop.is_set():
            return None
        if process is not None:
            process.check()
        if time.monotonic() > until:
            console.print(f"{link.broken_text}; waiting", soft_wrap=True)
            until = float("inf")
    whose = "exchange of its own" if process is not None else "exchange"
    console.print(f"{whose} at {address} has account {manifest.account}", soft_wrap=True)
    return _LiveExchange(account, link, session.stamps, process)


def _check_same(exchange: _LiveExchange, source: PlayedMarket, play_extent: PlaybackExtent) -> None:
    # The exchange trades on the prices the desk is shown, or fills mean nothing.
    its, total, first = exchange.stamps, play_extent.total, play_extent.first_live
    if (its.minutes_total, its.first_live) != (total, first):
        raise ConfigError(
            f"exchange at {exchange.link.address} plays {its.minutes_total:,} minutes of"
            f" {its.text}, live from {et_text(its.first_live)}; expected the same options here,"
            f" found {total:,} minutes of {source.text}, live from {et_text(first)}"
        )


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
