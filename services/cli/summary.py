"""Results of a run for people: its messages collected, as tables and on request as CSV files."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.domain.calendar import et_text
from services.domain.instruments import instrument, points_text, to_points
from services.domain.manifest import Manifest
from services.domain.messages.market import FeedFault
from services.domain.messages.risk import Decision, Position, PositionState, StateChanged, Verdict
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Candidate, Evaluated
from services.domain.messages.union import Event
from services.domain.sentences import state_text
from services.domain.units import MicroUsd, count_text, usd
from services.review.day.sources import outputs_of
from services.review.export.csv_export import Exporter
from services.review.trace.reading_text import span
from services.runtime.terminal import styled

_ROWS_MAX = 60
"""Rows of a table on a terminal; the CSV files have all."""


class Summary:
    """Collects a run's messages, bounded by sessions and trades, not by bars."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, str], SessionUpdate] = {}
        self._bars: Counter[tuple[str, str]] = Counter()
        self._degraded: dict[tuple[str, str], dict[str, None]] = {}
        self._candidates: dict[str, Candidate] = {}
        self._decisions: list[Decision] = []
        self._no_trade: dict[str, Counter[str]] = {}
        self._trades: dict[str, Position] = {}
        self._faults: Counter[tuple[str, str]] = Counter()
        self._states: list[StateChanged] = []

    @property
    def last_date(self) -> str:
        """The newest trade date seen, ISO; empty when there was none."""
        return max((date for date, _ in self._days), default="")

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
                self._faults[message.contract, message.kind.name] += 1
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
            if answer.no_trade is not None:
                counts = self._no_trade.setdefault(answer.strategy, Counter())
                counts[answer.no_trade.code] += 1

    def show(self, console: Console) -> None:
        """Print the tables."""
        console.print(self._sessions())
        for line in self._remarks():
            console.print(line)
        for (contract, kind), count in sorted(self._faults.items()):
            console.print(f"feed: {contract or 'no contract'}: {count} × {kind}")
        for state in self._states:
            if state.reason:
                console.print(f"desk {et_text(state.at_ns)} {state_text(state)}")
        console.print(self._why_not())
        console.print(self._decided())
        console.print(self._traded())
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

    def _sessions(self) -> Table:
        table = Table(title="sessions (regular hours, points)")
        for column in ("date", "contract", "bars", "OR15", "IB", "RTH VWAP", "close", "day type"):
            table.add_column(column, justify="left" if column in {"date", "contract"} else "right")
        for (date, name), day in sorted(self._days.items())[-_ROWS_MAX:]:
            cells = [
                "" if found is None else span(name, found)
                for found in (day.opening.or15, day.opening.ib)
            ]
            vwap = "" if day.vwap.rth is None else f"{to_points(name, day.vwap.rth):.2f}"
            kind = "" if day.day.type is None else day.day.type.name.lower()
            bars = str(self._bars[date, name])
            table.add_row(date, name, bars, *cells, vwap, points_text(name, day.close), kind)
        return table

    def _remarks(self) -> list[Text]:
        lines = []
        for (date, name), day in sorted(self._days.items()):
            reasons = self._degraded.get((date, name))
            if reasons:
                degraded = ("degraded, no entries", "red")
                lines.append(styled(f"{date} {name}: ", degraded, f": {'; '.join(reasons)}"))
            if day.notes:
                lines.append(styled(f"{date} {name}: {'; '.join(day.notes)}"))
        return lines

    def _why_not(self) -> Table:
        title = "why there was no trade (evaluations by first reason)"
        table = Table("strategy", "evaluations", "reasons", title=title)
        for strategy, counts in sorted(self._no_trade.items()):
            candidate_count = sum(c.strategy == strategy for c in self._candidates.values())
            reasons = ", ".join(f"{code} {count}" for code, count in counts.most_common(8))
            table.add_row(strategy, f"{counts.total() + candidate_count}", reasons)
        return table

    def _decided(self) -> Table:
        table = Table("minute", "strategy", "side", "verdict", "reason", title="decisions")
        for decision in self._decisions[-_ROWS_MAX:]:
            candidate = self._candidates.get(decision.candidate_id)
            side = "" if candidate is None else candidate.side.name
            colour = "green" if decision.verdict is Verdict.APPROVED else "yellow"
            verdict = styled((decision.code, colour))
            minute = et_text(decision.close_ns)
            table.add_row(minute, decision.strategy, side, verdict, decision.text)
        return table

    def _traded(self) -> Table:
        heads = ("entered", "strategy", "contract", "side", "price", "exit", "by", "net")
        table = Table(*heads, title="trades")
        for trade in list(self._trades.values())[-_ROWS_MAX:]:
            if trade.entry_price is None:
                continue
            name = trade.order_contract
            table.add_row(
                "" if trade.entry_ns is None else et_text(trade.entry_ns),
                trade.strategy,
                f"{trade.entered} {instrument(name).root}",
                trade.side.name,
                f"{to_points(name, trade.entry_price):.2f}",
                "" if trade.exit_price is None else f"{to_points(name, trade.exit_price):.2f}",
                trade.exit_code or trade.state.name.lower(),
                usd(trade.realised),
            )
        return table


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
