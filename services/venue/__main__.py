"""`python -m services.venue CONFIG_FOLDER [FILES...]`: the simulated exchange, live, by itself.

It plays bar files, or generated days, on the wall clock and serves one account to a client
(`python -m services.nt_twin CONFIG_FOLDER --live --exchange ADDRESS`); its market and its orders go
on whoever is connected. Exit 0: asked to stop; 2: bad configuration, or the address is in use.
"""

import sys
from typing import Annotated

import typer

from services.domain.errors import ConfigError, InstrumentError, StorageError, SystemFaultError
from services.runtime.storage import os_error_text
from services.runtime.streams import prepare_streams, print_line
from services.synthetic.day_plans import EXAMPLE_KINDS
from services.venue.played_market import command_options as options
from services.venue.shell import ExchangeOptions, run


def _trade(
    config: options.Folder,
    files: options.Files = None,
    *,
    history_until: options.HistoryUntil = "",
    history_days: options.HistoryDays = 0,
    days: options.Days = 1,
    kind: options.Kinds = list(EXAMPLE_KINDS),  # noqa: B006 - typer reads it, nothing changes it
    seed: options.Seed = 7,
    first_date: options.FirstDate = None,
    tz: options.Zone = None,
    contract: options.Contract = None,
    faults: options.Faults = None,
    address: Annotated[
        str, typer.Option(help="Where it listens, of this host; port 0: one that is free.")
    ] = "tcp://127.0.0.1:0",
) -> None:
    """Trade minutes on the wall clock, for a client that may come and go."""
    market = options.market_options(
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
    try:
        code = run(ExchangeOptions(config=config, market=market, faults=faults, address=address))
    except SystemFaultError as error:
        print_line(f"exchange: {error}", err=True)
        code = 2 if isinstance(error, ConfigError | InstrumentError | StorageError) else 1
    except OSError as error:
        print_line(f"exchange: {os_error_text(error)}", err=True)
        code = 2
    raise typer.Exit(code)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(_trade)
    prepare_streams()
    sys.exit(app(prog_name="python -m services.venue"))
