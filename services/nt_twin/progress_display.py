"""What a running twin counts and prints: a progress bar or a line now and then, and the end."""

from collections import Counter
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.domain.calendar import et_text
from services.domain.messages.link import Instruction, ReportBatch
from services.domain.messages.market import FaultKind, FeedAck, FeedBatch, FeedWelcome
from services.domain.messages.orders import AckStatus, CommandAck, Execution
from services.domain.messages.union import Message
from services.domain.sentences import ack_text, command_text, fill_text, holding_text
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos, usd
from services.nt_twin.client import TwinClient

_BAR_NS: Final = 200 * NANOS_PER_MS
_LINE_NS: Final = 30 * NANOS_PER_SECOND
"""Between two lines where there is no terminal."""


class TwinCounts:
    """Counts what both sides send; each report and each command counts once."""

    def __init__(self) -> None:
        self.history = 0
        """Bars of history the desk has taken, those it held already included."""
        self.bars = 0
        """Bars played that the desk has taken, those it held already included."""
        self.refused: Counter[FaultKind] = Counter()
        """Bars the gateway refused."""
        self.commands: Counter[AckStatus] = Counter()
        """Commands by this client's answer."""
        self.fills = 0
        self._greeted = False
        self._reported = 0
        self._batch: FeedBatch | None = None

    def record(self, message: Message) -> list[str]:
        """Count a message and its answer, or an instruction; gives the news in it."""
        match message:
            case FeedWelcome():
                return self._on_welcome(message)
            case FeedBatch():
                self._batch = message
            case FeedAck():
                return self._on_ack(message)
            case Instruction() if message.command is not None:
                command = message.command
                return [f"{et_text(command.created_ns)}  command {command_text(command)}"]
            case ReportBatch():
                return self._on_reports(message)
            case _:
                pass
        return []

    def _on_welcome(self, welcome: FeedWelcome) -> list[str]:
        first, self._greeted = not self._greeted, True
        if not first or not welcome.last_bars:
            return []
        held = et_text(max(bar.close_ns for bar in welcome.last_bars))
        return [f"the desk holds bars up to {held}: continuing after them"]

    def _on_ack(self, ack: FeedAck) -> list[str]:
        batch, self._batch = self._batch, None
        if batch is None or batch.sequence != ack.sequence:
            return []
        accepted = ack.accepted + ack.duplicates
        if any(bar.historical for bar in batch.bars):
            self.history += accepted
        else:
            self.bars += accepted
        news = []
        for refused in ack.refused:
            if not self.refused[refused.kind]:
                news.append(f"the desk refuses bars, {refused.kind.name}: {refused.text}")
            self.refused[refused.kind] += 1
        return news + [f"the desk refuses levels: {text}" for text in ack.levels_refused]

    def _on_reports(self, batch: ReportBatch) -> list[str]:
        news = []
        for report in batch.reports:
            body = report.ack or report.order or report.execution or report.account
            if body is None or body.report_sequence <= self._reported:
                continue
            self._reported = body.report_sequence
            if isinstance(body, CommandAck):
                self.commands[body.status] += 1
                if body.status is not AckStatus.ACCEPTED:
                    news.append(f"answered {ack_text(body)}")
            elif isinstance(body, Execution):
                self.fills += 1
                news.append(f"{et_text(body.at_ns)}  {fill_text(body)}")
        return news


class ProgressDisplay:
    """The terminal, or the log in place of one."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self.bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} minutes", markup=False),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        """The progress bar; shown while it is entered."""
        self._task = self.bar.add_task("connecting", total=total)
        self._total = total
        self._shown_ns = 0
        self._broken_links = ""

    def print_line(self, text: str) -> None:
        """Print one line above the progress bar."""
        self._console.print(text, soft_wrap=True)

    def show(self, client: TwinClient, broken_links: str, now: UnixNanos) -> None:
        """Show how far the client is, and what is wrong with its links when that changes."""
        for line in client.desks_met.news():
            self.print_line(line)
        if broken_links != self._broken_links:
            self.print_line(
                f"{broken_links}: trying again" if broken_links else "every link answers again"
            )
            self._broken_links = broken_links
        terminal = self._console.is_terminal
        if now - self._shown_ns < (_BAR_NS if terminal else _LINE_NS):
            return
        self._shown_ns = now
        progress = client.progress
        where = et_text(progress.now_ns) if progress.minutes else "connecting"
        if terminal:
            self.bar.update(self._task, completed=progress.minutes, description=where)
        else:
            self.print_line(f"{where}: {progress.minutes:,} of {self._total:,} minutes")


def summary(client: TwinClient, counts: TwinCounts) -> Table:
    """Lay out what came of it: bars, commands, fills, account."""
    values = client.client_orders.venue.values(client.progress.now_ns)
    table = Table(title=f"account {values.account}", show_header=False)
    refused = "".join(f", {count:,} refused: {kind.name}" for kind, count in counts.refused.items())
    answers = ", ".join(f"{count} {status.name}" for status, count in counts.commands.items())
    held = ", ".join(holding_text(p.contract, p.quantity) for p in client.client_orders.positions())
    table.add_row("bars of history", f"{counts.history:,}")
    table.add_row("bars played", f"{counts.bars:,}{refused}")
    table.add_row("commands", answers or "none")
    table.add_row("fills", str(counts.fills))
    table.add_row("cash", usd(values.cash))
    table.add_row("realised today", usd(values.realised))
    table.add_row("unrealised", usd(values.unrealised))
    table.add_row("held", held or "nothing")
    return table
