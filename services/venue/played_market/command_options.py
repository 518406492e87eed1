"""The command line options that name a market, the same for whoever plays one."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from services.synthetic.day_plans import DayKind
from services.venue.played_market.market_source import MarketOptions
from services.venue.played_market.playback_extent import HistoryRange

Folder: TypeAlias = Annotated[
    Path, typer.Argument(metavar="CONFIG_FOLDER", help="The folder the desk runs on.")
]
Files: TypeAlias = Annotated[
    list[Path] | None,
    typer.Argument(help="NinjaTrader exports, CSV, or folders; none: generated days."),
]
HistoryUntil: TypeAlias = Annotated[
    str, typer.Option(help="Send as history up to this trade date, or New York 'DATE HH:MM'.")
]
HistoryDays: TypeAlias = Annotated[
    int, typer.Option(min=0, help="Send the first so many trade dates as history.")
]
Days: TypeAlias = Annotated[int, typer.Option(min=1, help="Generated days behind the history.")]
Kinds: TypeAlias = Annotated[
    list[DayKind], typer.Option(help="Kinds of the generated days, taken in turn.")
]
Seed: TypeAlias = Annotated[int, typer.Option(help="Seed of the generated days.")]
FirstDate: TypeAlias = Annotated[
    str | None, typer.Option(help="First generated trade date, 2026-03-03.")
]
Zone: TypeAlias = Annotated[
    str | None,
    typer.Option("--tz", help="Time zone of timestamps without an offset, e.g. America/New_York."),
]
Contract: TypeAlias = Annotated[
    str | None, typer.Option(help="Contract of a file that does not name one.")
]
Faults: TypeAlias = Annotated[
    Path | None, typer.Option(help="TOML file of faults at the simulated exchange.")
]


def market_options(
    *,
    files: list[Path] | None,
    tz: str | None,
    contract: str | None,
    days: int,
    kind: list[DayKind],
    seed: int,
    first_date: str | None,
    history_until: str,
    history_days: int,
) -> MarketOptions:
    """Collect the options of a command line.

    Raises: BadParameter where two of them exclude each other.
    """
    if history_until and history_days:
        raise typer.BadParameter("expected at most one of --history-until and --history-days")
    return MarketOptions(
        files=tuple(files or ()),
        tz=tz,
        contract=contract,
        days=days,
        kinds=tuple(kind),
        seed=seed,
        first_date=first_date,
        history=HistoryRange(until=history_until, days=history_days),
    )
