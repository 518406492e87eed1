"""What the playbook asked for on recorded sessions, and how far one contract moved in them.

Usage: python docs/tools/recorded_days.py DATA

Writes docs/tools/recorded_stops.csv and recorded_moves.csv, from which limit_sets.py derives the
shipped limits. DATA holds NinjaTrader's exports: `volumetric_bars` (NQ, ES and YM) and
`ninjatrader_bars` (NQ). They are not part of the repository, what is measured in them is.

Rule 1: every strategy of the catalog is on, and nothing is ever approved: no position keeps a later
        candidate from being made.
Rule 2: an export without order flow gets it from the shape of its bars: of a bar's volume the part
        (close - low) / (high - low) bought. This chooses the minutes at which strategies that read
        order flow ask; where their stops lie follows from recorded prices alone.
"""

import csv
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import PlaybackRequest, open_request, playback_of
from services.composition.in_process import InProcessDesk
from services.domain.calendar import et_text
from services.domain.instruments import instrument
from services.domain.manifest import Manifest
from services.domain.messages.market import Bar, DeltaSource
from services.domain.messages.session import SessionMinute
from services.domain.messages.strategy import Evaluated
from services.domain.messages.union import Message
from services.domain.units import MICROS_PER_USD, Contracts
from services.ingest.files import SourceFile, merge
from services.launch.private_desk import write_private_folder
from services.risk.evidence.market_data import RecentBars
from services.runtime.bus import Envelope
from services.venue.played_market.minutes import MinuteBars

ROOT: Final = Path(__file__).resolve().parents[2]
STOPS: Final = Path(__file__).with_name("recorded_stops.csv")
MOVES: Final = Path(__file__).with_name("recorded_moves.csv")
SOURCES: Final = ("volumetric_bars", "ninjatrader_bars/NQ_03-25.Last.txt.gz")
_FIRST, _LAST = "09:30", "15:30"
"""Between these New York times entries are made: `first_entry_et` and `last_entry_et`."""
_ANYBODY: Final = re.compile(r"^approved_strategies = \[.*?\]$", re.MULTILINE)
_NOBODY: Final = 'approved_strategies = [{ strategy = "nobody", version = "*", config = "*" }]'


class RecordedStop(msgspec.Struct, frozen=True, order=True):
    """One candidate."""

    strategy: str
    trade_date: str
    at_et: str
    stop_ticks: int
    """From its entry, ticks of the order contract."""


def played(data: Path, source: str) -> tuple[Manifest, list[Message]]:
    """Play an export through a desk that approves nobody; gives its minutes and the answers."""
    with tempfile.TemporaryDirectory() as folder:
        base = _base(Path(folder) / "base")
        request = PlaybackRequest(config=base, files=(data / source,))
        files = open_request(request)
        play = playback_of(files, request, partial(_with_order_flow, files))
        config = write_private_folder(
            base, Path(folder) / "config", run="recorded", data_contracts=play.contracts
        )
        desk, kept = InProcessDesk(config), list[Message]()

        def keep(envelope: Envelope) -> None:
            if isinstance(envelope.message, SessionMinute | Evaluated):
                kept.append(envelope.message)

        for node in desk.nodes.values():
            node.on_published = keep
        run_to_end(desk, twin_client(config, play))
    return desk.manifest, kept


def stops_in(messages: Iterable[Message]) -> Iterator[RecordedStop]:
    """Give every candidate with its stop."""
    for message in messages:
        for answer in message.answers if isinstance(message, Evaluated) else ():
            for each in answer.candidates:
                clock = et_text(each.close_ns)[11:16]
                distance = abs(each.entry - each.stop)
                yield RecordedStop(each.strategy, each.trade_date, clock, distance)


def moves_in(messages: Iterable[Message], signal: str, orders: str) -> Counter[int]:
    """Count the minutes of the entry window by what one contract moves on a day, as risk takes it.

    In hundreds of dollars, rounded up: from the daily ATR, and from the minute's until it is known.
    """
    tick_usd, found = instrument(orders).tick_value / MICROS_PER_USD, Counter[int]()
    for message in messages:
        if not isinstance(message, SessionMinute) or not _in_window(message):
            continue
        for update in message.updates:
            if update.contract == signal:
                ticks = RecentBars(update).average_day_range()
                if ticks is not None:
                    found[-int(-ticks * tick_usd // 100)] += 1
    return found


def write(data: Path) -> None:
    """Measure the exports and write both tables."""
    stops, moves = list[RecordedStop](), Counter[int]()
    for source in SOURCES:
        manifest, messages = played(data, source)
        (row,) = (row for group in manifest.groups for row in group.trade)
        stops += stops_in(messages)
        moves += moves_in(messages, row.signal, row.orders)
    rows = ((s.strategy, s.trade_date, s.at_et, s.stop_ticks) for s in sorted(stops))
    _write(STOPS, ("strategy", "trade_date", "at_et", "stop_ticks"), rows)
    hundreds = ((100 * dollars, count) for dollars, count in sorted(moves.items()))
    _write(MOVES, ("moves_usd_up_to", "minutes"), hundreds)


def recorded_stops() -> list[RecordedStop]:
    """Read the table of stops."""
    with STOPS.open(encoding="utf-8", newline="") as file:
        return [msgspec.convert(row, RecordedStop, strict=False) for row in csv.DictReader(file)]


def recorded_moves() -> dict[int, int]:
    """Read the table of moves: minutes by dollars."""
    with MOVES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {int(row["moves_usd_up_to"]): int(row["minutes"]) for row in rows}


def _base(target: Path) -> Path:
    target.mkdir(parents=True)
    edits: dict[str, Callable[[str], str]] = {
        "strategies.toml": lambda text: text.replace("enabled = false\n", ""),
        "limits_paper.toml": lambda text: _ANYBODY.sub(_NOBODY, text),
    }
    for path in (ROOT / "config").glob("*.toml"):
        edit = edits.get(path.name, str)
        (target / path.name).write_text(edit(path.read_text("utf-8")), encoding="utf-8")
    return target


def _with_order_flow(files: list[SourceFile]) -> Iterator[MinuteBars]:
    for close_ns, bars in merge(files):
        yield close_ns, tuple(map(_split, bars))


def _split(bar: Bar) -> Bar:
    if bar.delta_source is not DeltaSource.NONE:
        return bar
    reach = bar.high - bar.low
    bought = round(bar.volume * (bar.close - bar.low) / reach) if reach else bar.volume // 2
    return msgspec.structs.replace(
        bar,
        ask_volume=Contracts(bought),
        bid_volume=Contracts(bar.volume - bought),
        delta_source=DeltaSource.BAR_PROXY,
    )


def _in_window(minute: SessionMinute) -> bool:
    return not minute.historical and _FIRST < et_text(minute.close_ns)[11:16] < _LAST


def _write(path: Path, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows((head, *rows))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
