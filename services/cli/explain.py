"""`pitwire explain DATE [TIME]`: why there was, or was not, a trade.

Read from the journals of the run that wrote the date last, the live desk included, or from files
played in this process. Without a time: how the day closed, its timeline, every candidate, and for
each strategy why it did not trade. With a time: that one stamp from reading to fill.
"""

from typing import Final

from services.cli.day import day_of
from services.cli.show_trace import show_day, show_minute
from services.domain.calendar import et_ns, evening_ns
from services.domain.client_name import client_text
from services.domain.errors import ConfigError
from services.review.day.sources import DayQuery, is_clock
from services.review.day.to_json import json_text
from services.review.trace.day import DayTrace, day_trace
from services.review.trace.minute import minute_trace
from services.runtime.streams import print_line
from services.runtime.terminal import open_console, styled

_EVENING: Final = "18:00"
"""Clocks from here on are of the evening before the trade date."""


def run(query: DayQuery, *, time: str = "", as_json: bool = False) -> int:
    """Print the day, or its minute at `time` (New York, `10:31`); gives the exit code."""
    clock = time.zfill(5) if time else ""
    if clock and not is_clock(clock):
        raise ConfigError(f"time {time!r}, expected HH:MM in New York")
    console = open_console()
    found = day_of(query, None if as_json else console)
    record, account = found.record, found.folder.desk.account
    # A trade date begins on the evening before.
    instant = evening_ns if clock >= _EVENING else et_ns
    trace = minute_trace(record, instant(record.date, clock)) if clock else day_trace(record)
    if as_json:
        print_line(json_text(trace, date=record.date, run=record.run, account=account))
        return found.exit_code
    client = client_text(record.client_version)
    orders = "" if client == "NinjaTrader" else f", orders carried out by {client} for NinjaTrader"
    day = ("run ", (record.run, "bold"), ", trade date ", (record.date, "bold"))
    console.print(styled(*day, f", account {account}{orders}"))
    if isinstance(trace, DayTrace):
        show_day(console, trace)
    else:
        show_minute(console, trace)
    return found.exit_code
