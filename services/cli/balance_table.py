"""The balance of a playback on a terminal: a row per file, and what was lost in words."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from services.backtest.balance import FileBalance
from services.domain.calendar import et_text
from services.domain.units import count_text
from services.runtime.terminal import styled

_LINES_MAX = 3
"""Bad lines shown of a file."""


def show_balance(console: Console, rows: Sequence[FileBalance]) -> None:
    """Print what became of every file's bars."""
    table = Table("file", "contract", title="bars by file")
    for column in ("read", "used"):
        table.add_column(column, justify="right")
    for column in ("not used", "first", "last"):
        table.add_column(column)
    for row in rows:
        table.add_row(
            row.name,
            row.contract,
            f"{row.read:,}",
            f"{row.used:,}",
            _unused(row),
            "" if row.first_ns is None else et_text(row.first_ns),
            "" if row.last_ns is None else et_text(row.last_ns),
        )
    console.print(table)
    for row in rows:
        if row.bad_lines:
            first = row.first_bad_lines[:_LINES_MAX]
            shown = "; ".join(f"line {bad.line}: {bad.reason}" for bad in first)
            more = "; …" if row.bad_lines > len(first) else ""
            text = f"{row.name}: {count_text(row.bad_lines, 'line')} not used ({shown}{more})"
            console.print(text)


def show_losses(console: Console, rows: Sequence[FileBalance], *, accepted: bool = False) -> bool:
    """Print which files are no success; gives whether there is one."""
    losses = [row.loss for row in rows if row.loss]
    for loss in losses:
        console.print(styled((f"bars were lost: {loss}", "bold red")))
    if losses and accepted:
        console.print("accepted by --accept-losses")
    return bool(losses)


def _unused(row: FileBalance) -> str:
    parts = [f"{count:,} {kind}" for kind, count in row.refused]
    parts += [f"{count:,} no bar ({kind})" for kind, count in row.unread]
    if row.left_out:
        parts.append(f"{row.left_out:,} of other contracts")
    if row.duplicates:
        parts.append(f"{row.duplicates:,} came twice")
    return ", ".join(parts) or "none"
