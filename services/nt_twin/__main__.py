"""`python -m services.nt_twin CONFIG_FOLDER [FILES...]`: a stand-in for NinjaTrader 8.

It plays bar files, or generated days, against the desk that a configuration folder describes, over
the same gRPC as NinjaTrader's client, carries out the desk's commands at a simulated venue and
reports. Exit 0: played to the end or asked to stop; 1: the desk refused; 2: bad configuration.

`... kill CONFIG_FOLDER` and `... resume CONFIG_FOLDER` are a human's word at the client itself.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from services.domain.errors import ConfigError, InstrumentError, StorageError, SystemFaultError
from services.nt_twin.playback_extent import HistoryRange
from services.nt_twin.shell import Options, run
from services.nt_twin.switch_commands import kill, resume
from services.runtime.storage import os_error_text
from services.runtime.streams import prepare_streams, print_line
from services.synthetic.day_plans import EXAMPLE_KINDS, DayKind


def _play(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG_FOLDER", help="The folder the desk runs on.")
    ],
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="NinjaTrader exports, CSV, or folders; none: generated days."),
    ] = None,
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Stamp the minutes with the wall clock, as they pass.")
    ] = False,
    lock_step: Annotated[
        bool, typer.Option("--lock-step", help="Wait for the desk after every minute (default).")
    ] = False,
    speed: Annotated[
        float | None,
        typer.Option(min=0.01, help="Market seconds per second, without waiting for the desk."),
    ] = None,
    history_until: Annotated[
        str,
        typer.Option(help="Send as history up to this trade date, or New York 'DATE HH:MM'."),
    ] = "",
    history_days: Annotated[
        int, typer.Option(min=0, help="Send the first so many trade dates as history.")
    ] = 0,
    days: Annotated[int, typer.Option(min=1, help="Generated days behind the history.")] = 1,
    kind: Annotated[
        list[DayKind], typer.Option(help="Kinds of the generated days, taken in turn.")
    ] = list(EXAMPLE_KINDS),  # noqa: B006 - typer reads it, nothing changes it
    seed: Annotated[int, typer.Option(help="Seed of the generated days.")] = 7,
    first_date: Annotated[
        str | None, typer.Option(help="First generated trade date, 2026-03-03.")
    ] = None,
    tz: Annotated[
        str | None,
        typer.Option(help="Time zone of timestamps without an offset, e.g. America/New_York."),
    ] = None,
    contract: Annotated[
        str | None, typer.Option(help="Contract of a file that does not name one.")
    ] = None,
    levels: Annotated[
        Path | None, typer.Option(help="TOML file of levels to supply: [[levels]], in points.")
    ] = None,
    faults: Annotated[
        Path | None, typer.Option(help="TOML file of faults at the simulated exchange.")
    ] = None,
    limits: Annotated[
        Path | None, typer.Option(help="TOML file of the client's own limits.")
    ] = None,
    client: Annotated[str, typer.Option(help="Client name sent to the desk.")] = "twin",
) -> None:
    """Play bars against a desk as NinjaTrader would: history, then playback or live minutes."""
    if sum((live, lock_step, speed is not None)) > 1:
        raise typer.BadParameter("expected at most one of --live, --lock-step and --speed")
    if history_until and history_days:
        raise typer.BadParameter("expected at most one of --history-until and --history-days")
    options = Options(
        config=config,
        files=tuple(files or ()),
        tz=tz,
        contract=contract,
        days=days,
        kinds=tuple(kind),
        seed=seed,
        first_date=first_date,
        history=HistoryRange(until=history_until, days=history_days),
        speed=speed,
        live=live,
        client=client,
        levels=levels,
        faults=faults,
        limits=limits,
    )
    try:
        code = run(options)
    except SystemFaultError as error:
        print_line(f"nt_twin: {error}", err=True)
        code = 2 if isinstance(error, ConfigError | InstrumentError | StorageError) else 1
    except OSError as error:
        print_line(f"nt_twin: {os_error_text(error)}", err=True)
        code = 2
    raise typer.Exit(code)


def _main() -> None:
    # A folder of these names is played as `./kill`.
    words: dict[str, Callable[..., None]] = {"kill": kill, "resume": resume}
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(words.get(word, _play))
    name = "python -m services.nt_twin"
    if word not in words:
        sys.exit(app(prog_name=name))
    sys.exit(app(sys.argv[2:], prog_name=f"{name} {word}"))


if __name__ == "__main__":
    prepare_streams()
    _main()
