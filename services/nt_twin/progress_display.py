"""What a running twin prints: a progress bar or a line now and then, and the end."""

from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.domain.calendar import et_text
from services.domain.sentences import holding_text
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos, usd
from services.nt_twin.client import TwinClient
from services.nt_twin.session_counts import TwinCounts

_BAR_NS: Final = 200 * NANOS_PER_MS
_LINE_NS: Final = 30 * NANOS_PER_SECOND
"""Between two lines where there is no terminal."""


class ProgressDisplay:
    """The terminal, or the log in place of one."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} minutes"),
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
        self._console.print(text, markup=False, soft_wrap=True)

    def show(self, client: TwinClient, broken_links: str, now: UnixNanos) -> None:
        """Show how far the client is, and what is wrong with its links when that changes."""
        if broken_links != self._broken_links:
            self.print_line(
                f"{broken_links}: trying again" if broken_links else "the desk answers again"
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
