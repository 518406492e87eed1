"""`pitwire replay`: the twin plays files against a private desk, in lock-step.

In this process by default, with one journal; `--processes` the real thing, over sockets. Either way
the run gets its own folder (configuration, journals, how far it came), and is the same to the last
id. What was not used of a file is shown at the end, and is no success (backtest/balance.py).
"""

import shlex
from pathlib import Path

import msgspec
from rich.console import Console

from services.backtest.balance import Balance
from services.backtest.playback_input import PlaybackRequest, open_request, playback_of
from services.backtest.shell import PreparedRun, play_in_process, play_in_processes, prepare_run
from services.cli.balance_table import show_balance, show_losses
from services.cli.exit_code import ExitCode
from services.cli.playback_display import (
    PlayedWhere,
    playback_progress,
    show_files,
    show_run,
)
from services.cli.summary import Summary, collect_journals, collecting
from services.composition.start_notes import start_notes
from services.launch.run_record import read_record
from services.runtime.storage import require_writable_folder
from services.runtime.terminal import open_console


class ReplayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the trader asked for besides the files."""

    processes: bool = False
    """Play through separate processes."""
    out: Path | None = None
    """Folder of CSV files."""
    accept_losses: bool = False
    """End with 0 although bars were not used."""


def run(request: PlaybackRequest, options: ReplayOptions) -> int:
    """Replay files; gives the exit code."""
    for folder in (request.runs, options.out):
        if folder is not None:
            require_writable_folder(folder)
    console = open_console()
    files = open_request(request)
    show_files(console, files)
    balance = Balance(files)
    prepared = prepare_run(request, playback_of(files, request, balance.minutes))
    for note in start_notes(prepared.config):
        console.print(note, soft_wrap=True)
    show_run(
        console, prepared, PlayedWhere.PROCESSES if options.processes else PlayedWhere.JOURNALLED
    )
    summary = Summary()
    _play(console, prepared, options, balance, summary)
    summary.show(console)
    show_balance(console, balance.rows())
    lost = show_losses(console, balance.rows(), accepted=options.accept_losses)
    if options.out is not None:
        console.print(f"CSV files in {options.out}")
    _show_next(console, prepared.folder, summary.last_date)
    return ExitCode.NO if lost and not options.accept_losses else ExitCode.DONE


def _show_next(console: Console, folder: Path, date: str) -> None:
    where = f"{date or 'DATE'} --run {shlex.quote(str(folder))}"
    console.print(
        f"the run is kept in {folder}; next:\n"
        f"pitwire explain {where}  (a time after the date: one minute)\n"
        f"pitwire chart {where}",
        soft_wrap=True,
    )


def _play(
    console: Console,
    prepared: PreparedRun,
    options: ReplayOptions,
    balance: Balance,
    summary: Summary,
) -> None:
    played = False
    try:
        with playback_progress(console, prepared.play.total) as progress:
            if options.processes:
                play_in_processes(prepared, progress, balance.add)
            else:
                with collecting(summary, options.out) as collect:
                    play_in_process(prepared, progress, collect, balance.add)
        played = True
    finally:
        # Whatever ended it: what was played can be read, and the trader should know that.
        record = None if played else read_record(prepared.config.path)
        if record is not None:
            console.print(
                f"{record.state.value} after {record.text}; that much is kept in {prepared.folder}",
            )
    if options.processes:
        collect_journals(prepared.config.manifest(), summary, options.out)
