"""Results of a run for people: its messages collected, as tables and on request as CSV files."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.no_trade_sections import no_trade_sections
from services.cli.paragraphs import labelled
from services.domain.calendar import Calendar, et_text
from services.domain.instruments import instrument, points_text, to_points
from services.domain.manifest import Manifest
from services.domain.messages.market import FeedFault
from services.domain.messages.risk import Decision, Position, PositionState, StateChanged, Verdict
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Candidate, Evaluated
from services.domain.messages.union import Event
from services.domain.sentences import state_text
from services.domain.units import MicroUsd, UnixNanos, count_text, usd
from services.review.day.no_trade_reasons import NoTradeCounter
from services.review.day.sources import outputs_of
from services.review.export.csv_export import Exporter
from services.review.run_remarks import SessionRemark, dates_between, dates_text, remarks_text
from services.review.trace.reading_text import enum_text, span
from services.runtime.terminal import styled

_ROWS_MAX: Final = 60
"""Rows of a table on a terminal; the CSV files have all."""
_SESSIONS_MAX: Final = 20
_REASONS_MAX: Final = 4
_WIDE: Final = 100
"""Columns of a terminal from which every column of the sessions has room."""


class _Faults(msgspec.Struct):
    # Of one kind and contract.
    count: int
    first: FeedFault
    last: FeedFault


class Summary:
    """Collects a run's messages, bounded by sessions and trades, not by bars."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, str], SessionUpdate] = {}
        self._bars: Counter[tuple[str, str]] = Counter()
        self._degraded: dict[tuple[str, str], dict[str, None]] = {}
        self._candidates: dict[str, Candidate] = {}
        self._decisions: list[Decision] = []
        self._no_trade: dict[str, NoTradeCounter] = {}
        self._trades: dict[str, Position] = {}
        self._faults: dict[tuple[str, str], _Faults] = {}
        self._states: list[StateChanged] = []

    @property
    def last_date(self) -> str:
        """The newest trade date seen, ISO; empty when there was none."""
        return max((date for date, _ in self._days), default="")

    @property
    def last_decision(self) -> Decision | None:
        """The newest one of risk's: a minute worth an explanation."""
        return max(self._decisions, key=lambda d: d.close_ns, default=None)

    def add(self, message: Event) -> None:
        """Keep what the tables show."""
        match message:
            case SessionUpdate():
                self._update(message)
            case Evaluated():
                self._evaluated(message)
            case Decision():
                self._decisions.append(message)
            case Position():
                self._trades[message.position_id] = message
            case FeedFault():
                key = (message.contract, message.kind.name)
                found = self._faults.setdefault(key, _Faults(0, message, message))
                found.count, found.last = found.count + 1, message
            case StateChanged():
                self._states.append(message)
            case _:
                pass

    def _update(self, update: SessionUpdate) -> None:
        key = (update.trade_date, update.contract)
        self._bars[key] += 1
        if update.minute_of_rth is not None or key not in self._days:
            self._days[key] = update
        if update.degraded:
            self._degraded.setdefault(key, {}).update(dict.fromkeys(update.degraded))

    def _evaluated(self, evaluated: Evaluated) -> None:
        for answer in evaluated.answers:
            for candidate in answer.candidates:
                self._candidates[candidate.candidate_id] = candidate
            name = answer.strategy
            self._no_trade.setdefault(name, NoTradeCounter(name)).add(answer)

    def show(self, console: Console) -> None:
        """Print the tables: sessions with remarks, why not, decisions, results."""
        console.print(self._sessions(console.width))
        console.print(labelled(self._paragraphs()))
        counts = [counter.counts for _, counter in sorted(self._no_trade.items())]
        console.print(no_trade_sections(counts, _REASONS_MAX))
        for title, paragraphs in (("decisions", self._decided()), ("trades", self._traded())):
            rows = list(paragraphs)
            console.print(styled((title, "bold"), "" if rows else ": none"))
            console.print(labelled(rows))
        console.print(self._by_strategy())
        total = MicroUsd(sum(trade.realised for trade in self._trades.values()))
        fees = MicroUsd(sum(trade.commissions for trade in self._trades.values()))
        closed = sum(t.state is PositionState.CLOSED for t in self._trades.values())
        console.print(
            styled(
                (f"profit and loss {usd(total)}", "bold"),
                f" after {usd(fees)} commissions, {count_text(closed, 'closed trade')},"
                f" {count_text(len(self._decisions), 'decision')}",
            )
        )

    def _sessions(self, width: int) -> Table:
        shown, all_of = sorted(self._days.items())[-_SESSIONS_MAX:], len(self._days)
        part = "" if len(shown) == all_of else f", the last {len(shown)} of {all_of}"
        table = _table(f"sessions (regular hours, points{part})", "date", "contract")
        is_wide = width >= _WIDE
        heads = ("bars", "OR15", "IB", "RTH VWAP", "close") if is_wide else ("OR15", "IB", "close")
        for head in heads:
            table.add_column(head, justify="right")
        table.add_column("day type")
        for (date, name), day in shown:
            ranges = [
                "" if found is None else span(name, found)
                for found in (day.opening.or15, day.opening.ib)
            ]
            vwap = "" if day.vwap.rth is None else f"{to_points(name, day.vwap.rth):.2f}"
            kind = "" if day.day.type is None else enum_text(day.day.type)
            bars, close = f"{self._bars[date, name]:,}", points_text(name, day.close)
            cells = (bars, *ranges, vwap, close) if is_wide else (*ranges, close)
            table.add_row(date, name, *cells, kind)
        return table

    def _paragraphs(self) -> Iterator[tuple[str, str]]:
        if not self._days:
            yield "dates", "no session was read"
            return
        dates, calendar = sorted({date for date, _ in self._days}), Calendar()
        contracts = ", ".join(sorted({name for _, name in self._days}))
        missing = dates_between(dates)
        gaps = f"; no bars of {dates_text(missing)}" if missing else ""
        count = count_text(len(dates), "trade date")
        yield "dates", f"{count}, {dates_text(dates)} ({contracts}){gaps}"
        notes = {date: s.note for date in dates for s in (calendar.session(date),) if s is not None}
        short = [f"{date} {note}" for date, note in notes.items() if note]
        if short:
            yield "short days", "; ".join(short)
        degraded = [
            SessionRemark(*key, text) for key, texts in self._degraded.items() for text in texts
        ]
        if degraded:
            yield "degraded", f"no entries: {remarks_text(degraded, self._days)}"
        remarks = [
            SessionRemark(*key, note)
            for key, day in sorted(self._days.items())
            for note in day.notes
            if note != notes.get(key[0])
        ]
        if remarks:
            yield "notes", remarks_text(remarks, self._days)
        if self._faults:
            yield "not used", self._not_used()
        for state in self._states:
            if state.reason:
                yield "desk", f"{et_text(state.at_ns)} {state_text(state)}"

    def _not_used(self) -> str:
        parts = []
        for (contract, kind), found in sorted(self._faults.items()):
            first, last = et_text(found.first.at_ns), et_text(found.last.at_ns)
            when = first if found.count == 1 else f"{first} to {last}"
            parts.append(f"{contract or 'no contract'} {found.count:,} × {kind} ({when})")
        newest = max((found.last for found in self._faults.values()), key=lambda f: f.at_ns)
        date = Calendar().trade_date_of(newest.at_ns)
        return (
            f"by the desk: {'; '.join(parts)}; the last: {newest.text}."
            f" Each is a line `feed` of its date, `pitwire explain {date}`"
        )

    def _decided(self) -> Iterator[tuple[str, Text]]:
        for decision in self._decisions[-_ROWS_MAX:]:
            candidate = self._candidates.get(decision.candidate_id)
            side = "" if candidate is None else f" {candidate.side.name}"
            colour = "green" if decision.verdict is Verdict.APPROVED else "yellow"
            yield (
                _minute(decision.close_ns),
                styled(
                    f"{decision.strategy}{side} ", (decision.code, colour), f": {decision.text}"
                ),
            )

    def _traded(self) -> Iterator[tuple[str, Text]]:
        filled = [trade for trade in self._trades.values() if trade.entry_price is not None]
        for trade in filled[-_ROWS_MAX:]:
            name = trade.order_contract
            entry = f"{to_points(name, trade.entry_price or 0.0):.2f}"
            end = trade.state.name.lower()
            if trade.exit_price is not None:
                end = f"{trade.exit_code} at {to_points(name, trade.exit_price):.2f}"
            what = f"{trade.side.name} {trade.entered} {instrument(name).root}"
            colour = "green" if trade.realised > 0 else "red"
            yield (
                "" if trade.entry_ns is None else _minute(trade.entry_ns),
                styled(
                    f"{trade.strategy} {what} at {entry}, {end}, ", (usd(trade.realised), colour)
                ),
            )

    def _by_strategy(self) -> Table:
        table = _table("results by strategy, after costs", "strategy")
        for column in ("candidates", "not taken", "trades", "won", "net", "worst"):
            table.add_column(column, justify="right")
        names = {*self._no_trade, *(trade.strategy for trade in self._trades.values())}
        for name in sorted(names):
            signals = sum(c.strategy == name for c in self._candidates.values())
            decisions = [d for d in self._decisions if d.strategy == name]
            refused = sum(d.verdict is not Verdict.APPROVED for d in decisions)
            made = [
                trade.realised
                for trade in self._trades.values()
                if trade.strategy == name and trade.entry_price is not None
            ]
            won = f"{sum(each > 0 for each in made)}" if made else ""
            net = usd(MicroUsd(sum(made))) if made else ""
            lowest = usd(min(made)) if made else ""
            table.add_row(name, f"{signals}", f"{refused}", f"{len(made)}", won, net, lowest)
        return table


def _table(title: str, *names: str) -> Table:
    # As narrow as its cells: eighty columns have to do.
    table = Table(
        title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    table.show_edge = table.pad_edge = False
    for name in names:
        table.add_column(name, no_wrap=True)
    return table


def _minute(ns: UnixNanos) -> str:
    return et_text(ns)[:16]


@contextmanager
def collecting(summary: Summary, out: Path | None) -> Iterator[Callable[[Event], None]]:
    """What to call with every message: it goes to the tables, and to CSV files in `out`, if any."""
    with nullcontext() if out is None else Exporter(out) as exporter:

        def collect(message: Event) -> None:
            summary.add(message)
            if exporter is not None:
                exporter.add(message)

        yield collect


def collect_journals(manifest: Manifest, summary: Summary, out: Path | None) -> None:
    """Read a run back from its journals."""
    with collecting(summary, out) as collect:
        for message in outputs_of(manifest):
            collect(message)
