"""`python -m services.nt_twin CONFIG_FOLDER [FILES...]`: a stand-in for NinjaTrader 8.

It plays bar files, or generated days, against the desk that a configuration folder describes, over
the same gRPC as NinjaTrader's client, carries out the desk's commands at a simulated venue and
reports. Live, the venue is a process of its own (`python -m services.venue`): one that it starts
and that ends with it, or with `--exchange` one that goes on without it. Exit 0: played to the end
or asked to stop; 1: the desk or the exchange refused; 2: bad configuration.

`... kill CONFIG_FOLDER` and `... resume CONFIG_FOLDER` are for an operator at the client itself.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from services.domain.errors import ConfigError, InstrumentError, StorageError, SystemFaultError
from services.nt_twin.shell import Options, run
from services.nt_twin.switch_commands import kill, resume
from services.runtime.storage import os_error_text
from services.runtime.streams import prepare_streams, print_line
from services.synthetic.day_plans import EXAMPLE_KINDS
from services.venue.played_market import command_options as market_choice


def _play(
    config: market_choice.Folder,
    files: market_choice.Files = None,
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
    history_until: market_choice.HistoryUntil = "",
    history_days: market_choice.HistoryDays = 0,
    days: market_choice.Days = 1,
    kind: market_choice.Kinds = list(EXAMPLE_KINDS),  # noqa: B006 - typer reads it, nothing changes it
    seed: market_choice.Seed = 7,
    first_date: market_choice.FirstDate = None,
    tz: market_choice.Zone = None,
    contract: market_choice.Contract = None,
    levels: Annotated[
        Path | None, typer.Option(help="TOML file of levels to supply: [[levels]], in points.")
    ] = None,
    limits: Annotated[
        Path | None, typer.Option(help="TOML file of the client's own limits.")
    ] = None,
    faults: market_choice.Faults = None,
    exchange: Annotated[
        str, typer.Option(help="Address of an exchange that runs by itself, with --live.")
    ] = "",
    client: Annotated[str, typer.Option(help="Client name sent to the desk.")] = "twin",
) -> None:
    """Play bars against a desk as NinjaTrader would: history, then playback or live minutes."""
    if sum((live, lock_step, speed is not None)) > 1:
        raise typer.BadParameter("expected at most one of --live, --lock-step and --speed")
    if exchange and not live:
        raise typer.BadParameter("expected --live with --exchange: played days have their own")
    if exchange and faults is not None:
        raise typer.BadParameter("expected --faults where the exchange is started, not here")
    market = market_choice.market_options(
        files=files,
        tz=tz,
        contract=contract,
        days=days,
        kind=kind,
        seed=seed,
        first_date=first_date,
        history_until=history_until,
        history_days=history_days,
    )
    options = Options(
        config=config,
        market=market,
        speed=speed,
        live=live,
        client=client,
        levels=levels,
        faults=faults,
        limits=limits,
        exchange=exchange,
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
    commands: dict[str, Callable[..., None]] = {"kill": kill, "resume": resume}
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(commands.get(name, _play))
    program = "python -m services.nt_twin"
    if name not in commands:
        sys.exit(app(prog_name=program))
    sys.exit(app(sys.argv[2:], prog_name=f"{program} {name}"))


if __name__ == "__main__":
    prepare_streams()
    _main()
