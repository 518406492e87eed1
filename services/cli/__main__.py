"""The trader's command line: `pitwire COMMAND` or `python -m services.cli COMMAND`.

Rule: a command imports its modules when it runs; a kill waits for no chart. Help is plain text: to
draw it takes longer than all the rest (docs/decisions/0028-commands-that-start-at-once.md).
"""

from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from services.cli.run_command import run_command
from services.runtime.stop_signals import interrupt_on_stop_signals
from services.runtime.streams import prepare_streams

app = typer.Typer(
    name="pitwire",
    help="The automated futures desk behind NinjaTrader 8.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
limits = typer.Typer(
    help="Show the limits in force; tighten one of the running desk.", rich_markup_mode=None
)
app.add_typer(limits, name="limits")
_P = ParamSpec("_P")
ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", help="Configuration folder.", show_default=True)
]
RunOption = Annotated[
    Path | None,
    typer.Option(help="Folder of a run; default: the run that wrote this trade date last."),
]
PlayOption = Annotated[
    list[Path] | None, typer.Option(help="Play this file first, in one process; repeatable.")
]
_CONFIG = Path("config")


def _command(
    name: str, group: typer.Typer = app
) -> Callable[[Callable[_P, int]], Callable[_P, None]]:
    """Register a command that returns its exit code; an error is printed as one sentence."""

    def register(command: Callable[_P, int]) -> Callable[_P, None]:
        return group.command(name)(_with_exit_code(command))

    return register


def _with_exit_code(command: Callable[_P, int]) -> Callable[_P, None]:
    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        raise typer.Exit(run_command(partial(command, *args, **kwargs)))

    return run


@_command("demo")
def _demo(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Your own exports; none: generated days.")
    ] = None,
    config: ConfigOption = _CONFIG,
    seed: Annotated[int, typer.Option(help="Seed of the generated days.")] = 7,
    out: Annotated[Path, typer.Option(help="Where runs are kept.")] = Path("runs"),
) -> int:
    """Play trading days through separate processes and narrate them."""
    from services.cli import demo

    return demo.run(config, files=tuple(files or ()), seed=seed, runs=out)


@_command("replay")
def _replay(
    files: Annotated[list[Path], typer.Argument(help="NinjaTrader exports, CSV, or folders.")],
    *,
    config: ConfigOption = _CONFIG,
    out: Annotated[Path | None, typer.Option(help="Write the run as CSV files here.")] = None,
    runs: Annotated[Path, typer.Option(help="Where runs are kept.")] = Path("runs"),
    tz: Annotated[
        str | None,
        typer.Option(help="Time zone of timestamps without an offset, e.g. America/New_York."),
    ] = None,
    processes: Annotated[
        bool, typer.Option("--processes", help="Through separate processes, as a live desk runs.")
    ] = False,
    contract: Annotated[
        str | None, typer.Option(help="Contract of a file that does not name one.")
    ] = None,
    signal: Annotated[
        str, typer.Option(help="What is traded, e.g. MNQ; default: as desk.toml, or what is there.")
    ] = "",
    accept_losses: Annotated[
        bool, typer.Option("--accept-losses", help="End with 0 although bars were not used.")
    ] = False,
    stamp: Annotated[
        str | None, typer.Option(help="End of a bar that is stamped: close or open.")
    ] = None,
    price_kind: Annotated[
        str | None, typer.Option(help="Prices to play: last, bid, ask or midpoint.")
    ] = None,
    dates: Annotated[
        str | None, typer.Option(help="What 03/04/2025 is: mdy (March) or dmy (April).")
    ] = None,
) -> int:
    """Play files through a private desk, in lock-step with it."""
    from services.backtest.playback_input import PlaybackRequest
    from services.cli import replay

    request = PlaybackRequest(
        config=config,
        files=tuple(files),
        runs=runs,
        tz=tz,
        contract=contract,
        signal=signal,
        stamp=stamp,
        price_kind=price_kind,
        dates=dates,
    )
    options = replay.ReplayOptions(processes=processes, out=out, accept_losses=accept_losses)
    return replay.run(request, options)


@_command("up")
def _up(
    config: ConfigOption = _CONFIG,
    colocate: Annotated[
        bool, typer.Option("--colocate", help="Run all services in one process.")
    ] = False,
    priority: Annotated[
        str, typer.Option(help="Before other work of this machine: nice or realtime.")
    ] = "",
) -> int:
    """Start the desk and keep it up until Ctrl-C."""
    from services.cli import up

    return up.run(config, colocate=colocate, priority=priority)


@_command("down")
def _down(config: ConfigOption = _CONFIG) -> int:
    """End the desk of this folder, or what is left of it, in order."""
    from services.cli import down

    return down.run(config)


@_command("status")
def _status(config: ConfigOption = _CONFIG) -> int:
    """Show services, what blocks entries, positions and limits left."""
    from services.cli import status

    return status.run(config)


@_command("doctor")
def _doctor(
    config: ConfigOption = _CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line, for scripts.")] = False,
    look_only: Annotated[
        bool, typer.Option("--look", help="Report only; send nothing to risk.")
    ] = False,
) -> int:
    """Check the desk before the open; a red finding blocks entries."""
    from services.cli import doctor

    return doctor.run(config, as_json=as_json, send_to_risk=not look_only)


@_command("kill")
def _kill(
    reason: Annotated[
        str,
        typer.Option(
            help="Reason, kept in the journal; optional, so that a stop is never delayed."
        ),
    ] = "stopped by hand",
    config: ConfigOption = _CONFIG,
    flatten: Annotated[
        bool, typer.Option("--flatten", help="Also cancel everything and close every position.")
    ] = False,
    strategy: Annotated[str, typer.Option(help="Only this strategy; else the whole desk.")] = "",
    account: Annotated[
        str, typer.Option(help="Only if the desk trades this account; default: the folder's.")
    ] = "",
    run: Annotated[
        str, typer.Option(help="Only if the desk is of this run; default: the folder's.")
    ] = "",
) -> int:
    """Stop new entries until `resume`; stays in force across restarts."""
    from services.cli import control

    return control.kill(
        config, reason=reason, flatten=flatten, strategy=strategy, account=account, run=run
    )


@_command("resume")
def _resume(
    reason: Annotated[str, typer.Option(help="Reason, kept in the journal.")],
    config: ConfigOption = _CONFIG,
    strategy: Annotated[str, typer.Option(help="Only the kill of this strategy.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Skip the confirmation.")] = False,
) -> int:
    """Lift a kill or a halt; asks for confirmation."""
    from services.cli import control

    return control.resume(config, reason=reason, strategy=strategy, confirmed=yes)


@limits.callback(invoke_without_command=True)
def _limits(context: typer.Context, config: ConfigOption = _CONFIG) -> None:
    """Show the limits in force and what is used of each."""
    if context.invoked_subcommand is None:
        _with_exit_code(_show_limits)(config)


def _show_limits(config: Path) -> int:
    from services.cli import limits

    return limits.run(config)


@_command("tighten", limits)
def _tighten(
    key: Annotated[str, typer.Argument(help="Key of a limit, e.g. daily_loss_usd.")],
    value: Annotated[str, typer.Argument(help="The tighter value, written as in the file.")],
    config: ConfigOption = _CONFIG,
) -> int:
    """Tighten one limit until the trade date ends; a looser value is refused."""
    from services.cli import control

    return control.tighten(config, key=key, value=value)


@_command("explain")
def _explain(
    date: Annotated[str, typer.Argument(help="Trade date, e.g. 2026-02-06.")],
    time: Annotated[str, typer.Argument(help="Bar close in New York time, e.g. 10:31.")] = "",
    config: ConfigOption = _CONFIG,
    run: RunOption = None,
    runs: Annotated[Path, typer.Option(help="Where runs are kept.")] = Path("runs"),
    play: PlayOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> int:
    """Explain why there was, or was not, a trade."""
    from services.cli import explain
    from services.review.day.sources import DayQuery

    query = DayQuery(date=date, config=config, run=run, runs=runs, play=tuple(play or ()))
    return explain.run(query, time=time, as_json=as_json)


@_command("chart")
def _chart(
    date: Annotated[str, typer.Argument(help="Trade date, e.g. 2026-02-06.")],
    instrument: Annotated[
        str, typer.Option("--instrument", "-i", help="NQ, or NQ 03-26; default: what is traded.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="File to write; default: chart-DATE-NQ.html.")
    ] = None,
    config: ConfigOption = _CONFIG,
    run: RunOption = None,
    runs: Annotated[Path, typer.Option(help="Where runs are kept.")] = Path("runs"),
    play: PlayOption = None,
) -> int:
    """Draw the day in one HTML file: candidates, trades, refusals."""
    from services.cli import chart
    from services.review.day.sources import DayQuery

    query = DayQuery(date=date, config=config, run=run, runs=runs, play=tuple(play or ()))
    return chart.run(query, name=instrument, out=out)


def main() -> None:
    """Entry point of the `pitwire` command."""
    prepare_streams()
    interrupt_on_stop_signals()
    app(prog_name="pitwire")


if __name__ == "__main__":
    main()
