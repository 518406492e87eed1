"""The exchange as a process: its market on the wall clock, its account on a ZeroMQ socket."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import zmq

from services.domain.calendar import Calendar
from services.domain.errors import ConfigError
from services.domain.manifest import Manifest
from services.domain.units import UnixNanos
from services.runtime.config import ConfigFolder, is_loopback
from services.runtime.stop_signals import on_stop_signals, watch_supervisor
from services.runtime.streams import print_line
from services.venue.config import VenueConfig
from services.venue.exchange import Exchange
from services.venue.exchange_messages import LiveStamps
from services.venue.faults import ExchangeFaults, parse_faults
from services.venue.faulty_exchange import FaultyExchange
from services.venue.live_market import LiveMarket
from services.venue.played_market.market_source import MarketOptions, PlayedMarket, open_market
from services.venue.played_market.minutes import (
    MinuteBars,
    live_offset,
    renamed_minutes,
    session_minutes,
)
from services.venue.played_market.playback_extent import PlaybackExtent
from services.venue.served_account import ServedAccount
from services.venue.wire import CLIENT_FRAME_MAX

READY: Final = "exchange ready at "
"""Begins the line of its address, the one line on its standard output."""
_LOOK_MS: Final = 20
"""Between two looks at the clock while nobody sends anything."""
_FRAMES_MAX: Final = 1_000
"""Of a turn: then the market goes on first."""


class ExchangeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command line."""

    config: Path
    market: MarketOptions
    faults: Path | None = None
    address: str = "tcp://127.0.0.1:0"
    """Port 0: one that is free."""


def run(options: ExchangeOptions) -> int:
    """Trade until asked to stop; gives the exit code.

    Raises: ConfigError for bad options and an address that is in use or not of this host.
    """
    stop = threading.Event()
    on_stop_signals(stop.set)
    watch_supervisor()
    folder = ConfigFolder(options.config, _now())
    manifest, calendar = folder.manifest(), folder.calendar()
    market = open_market(options.market, folder, calendar, by_root=True)
    faults = None if options.faults is None else parse_faults(_text(options.faults))
    with zmq.Context() as context, bound_router(context, options.address) as router:
        account = _account(manifest, calendar, market, options.market, faults)
        address = router.getsockopt_string(zmq.LAST_ENDPOINT)
        print_line(f"{READY}{address}: account {manifest.account}, {market.text}")
        serve(account, router, stop.is_set, _now)
    print_line(
        f"exchange stopped: {account.requests:,} requests carried out, {account.refusals:,}"
        f" refused, {account.malformed:,} malformed frames",
        err=True,
    )
    return 0


def _account(
    manifest: Manifest,
    calendar: Calendar,
    market: PlayedMarket,
    options: MarketOptions,
    faults: ExchangeFaults | None,
) -> ServedAccount:
    prices = {row.orders: row.signal for group in manifest.groups for row in group.trade}
    config, name, date_of = VenueConfig(), manifest.account, calendar.trade_date_of
    exchange = (
        Exchange(config, name, prices, date_of)
        if faults is None
        else FaultyExchange(config, name, prices, date_of, faults)
    )
    played = market.extent(options.history, calendar)
    # The next minute is the first one: whoever connects later joins a market under way.
    stamps = LiveStamps(
        exchange=secrets.token_hex(8),
        text=market.text,
        offset_ns=live_offset(played.first_live, _now()),
        first_live=played.first_live,
        minutes_total=played.total,
    )
    minutes = live_minutes(market, calendar, played, stamps.offset_ns)
    return ServedAccount(LiveMarket(exchange, _behind_history(minutes, stamps)), name, stamps)


def live_minutes(
    market: PlayedMarket, calendar: Calendar, played: PlaybackExtent, offset_ns: int
) -> Iterator[MinuteBars]:
    """Give the minutes on the wall clock, history included, as exchange and client know them."""
    until = played.history_until
    after = 0 if until is None else until + offset_ns
    minutes = renamed_minutes(market.minutes(), market.names, offset_ns)
    return session_minutes(minutes, calendar, after)


def _behind_history(minutes: Iterator[MinuteBars], stamps: LiveStamps) -> Iterator[MinuteBars]:
    first = stamps.first_live + stamps.offset_ns
    return (minute for minute in minutes if minute[0] >= first)


def bound_router(context: "zmq.Context[zmq.Socket[bytes]]", address: str) -> "zmq.Socket[bytes]":
    """Listen at an address of this host.

    Raises: ConfigError for another one, and for one that is in use.
    """
    if not address.startswith("tcp://") or not is_loopback(address):
        raise ConfigError(
            f"address {address!r}, expected a loopback address as tcp://127.0.0.1:5700: whoever"
            " reaches the exchange trades its account"
        )
    router = context.socket(zmq.ROUTER)
    router.setsockopt(zmq.LINGER, 0)
    router.setsockopt(zmq.MAXMSGSIZE, CLIENT_FRAME_MAX)
    try:
        router.bind(address)
    except zmq.ZMQError as error:
        router.close()
        why = "is in use: does another exchange run there?"
        text = why if error.errno == zmq.EADDRINUSE else f"cannot be listened at: {error}"
        raise ConfigError(f"address {address} {text}") from error
    return router


def serve(
    account: ServedAccount,
    router: "zmq.Socket[bytes]",
    stop: Callable[[], bool],
    clock: Callable[[], UnixNanos],
) -> None:
    """Let the account trade and answer until `stop` is true."""
    while not stop():
        router.poll(_LOOK_MS)
        now = clock()
        with suppress(zmq.Again):
            for _ in range(_FRAMES_MAX):
                sender, *parts = router.recv_multipart(zmq.NOBLOCK)
                account.on_frame(sender, b"".join(parts), now)
        account.on_clock(now)
        for receiver, frame in account.pop_frames():
            router.send_multipart((receiver, frame))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"faults {path}: {error}") from error


def _now() -> UnixNanos:
    return UnixNanos(time.time_ns())
