"""An exchange with a market of a test: in memory, or `python -m tests.support.live_exchange FILE`.

As a process it is the product's own loop on a real socket; its clock goes on by itself, from half a
second into the first minute, and as many seconds further as FILE says.
"""

import sys
import time
from pathlib import Path
from typing import Final

import zmq

from services.domain.units import NANOS_PER_SECOND, UnixNanos
from services.runtime.streams import print_line
from services.venue.config import VenueConfig
from services.venue.exchange import Exchange
from services.venue.exchange_messages import LiveStamps
from services.venue.faults import ExchangeFaults
from services.venue.faulty_exchange import FaultyExchange
from services.venue.live_market import LiveMarket
from services.venue.served_account import ServedAccount
from services.venue.shell import READY, bound_router, serve
from tests.support.order_builder import ACCOUNT, DATA, ORDERS, bar, minute

FALLING: Final = (1000, 1000, 940, 940)
"""Prices of a minute: 1000 in its first third, 970 in its middle, 940 in its last third."""


def served(
    *,
    prices: tuple[int, int, int, int] = FALLING,
    faults: ExchangeFaults | None = None,
    name: str = "x1",
) -> ServedAccount:
    """Serve the account over nine minutes of these prices from 09:30 on."""
    given = VenueConfig(), ACCOUNT, {ORDERS: DATA}, lambda _: "2026-02-06"
    exchange = Exchange(*given) if faults is None else FaultyExchange(*given, faults)
    stamps = LiveStamps(
        exchange=name,
        text="nine minutes of a test",
        offset_ns=0,
        first_live=minute(1),
        minutes_total=9,
    )
    minutes = iter([(minute(n), (bar(n, prices),)) for n in range(1, 10)])
    return ServedAccount(LiveMarket(exchange, minutes), ACCOUNT, stamps)


def _serve(file: Path) -> None:
    began = time.monotonic_ns()

    def clock() -> UnixNanos:
        further = float(file.read_text("utf-8") or 0)
        passed = 0.5 + further + (time.monotonic_ns() - began) / NANOS_PER_SECOND
        return UnixNanos(minute(0) + round(passed * NANOS_PER_SECOND))

    with zmq.Context() as context, bound_router(context, "tcp://127.0.0.1:0") as router:
        print_line(f"{READY}{router.getsockopt_string(zmq.LAST_ENDPOINT)}: account {ACCOUNT}")
        serve(served(), router, lambda: False, clock)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
