"""`pitwire replay`: the twin plays files against a private desk, in lock-step.

Separate processes by default; `--in-process` the same machines on MemoryBus. Either way the run
gets its own folder: configuration, journals, logs.
"""

from collections.abc import Callable
from pathlib import Path

from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import Playback, PlaybackRequest, open_request, playback_of
from services.cli.playback_display import PlaybackProgress, show_files
from services.cli.summary import Summary
from services.cli.terminal import open_console
from services.composition.in_process import InProcessDesk
from services.domain.messages.union import Message
from services.launch.playback import play_in_processes, prepare_run
from services.nt_twin.client import TwinClient
from services.review.export.csv_export import Exporter
from services.review.journal_outputs import outputs_of
from services.runtime.config import ConfigFolder


def run(request: PlaybackRequest, *, in_process: bool, out: Path | None) -> int:
    """Replay files; gives the exit code."""
    console = open_console()
    files = open_request(request)
    show_files(console, files)
    play = playback_of(files)
    # The run id is the same, so that ids are; a run in one process keeps no journal and must not
    # take away the one of the processes.
    folder, run_folder = prepare_run(request, play, "-in-process" if in_process else "")
    summary = Summary()
    with PlaybackProgress(console, play.total) as progress:
        if in_process:
            _in_process(folder, play, summary, out, progress)
        else:
            play_in_processes(folder, run_folder, play, progress)
    if not in_process:
        _collect(folder, summary, out)
    for file in files:
        if file.bad_lines:
            first = "; ".join(f"line {bad.line}: {bad.reason}" for bad in file.first_bad_lines[:3])
            console.print(f"{file.path.name}: {file.bad_lines} lines not used ({first})")
    summary.show(console)
    if out is not None:
        console.print(f"CSV files in {out}")
    console.print(
        "--in-process keeps no journal; without it `pitwire explain` explains the day"
        " and `pitwire chart` draws it"
        if in_process
        else f"the run is kept in {run_folder}; `pitwire explain DATE [TIME]` reads it,"
        " `pitwire chart DATE` draws it"
    )
    return 0


def _in_process(
    folder: ConfigFolder,
    playback: Playback,
    summary: Summary,
    out: Path | None,
    on_step: Callable[[TwinClient], None],
) -> None:
    desk = InProcessDesk(folder)
    client = twin_client(folder, playback)
    exporter = None if out is None else Exporter(out)

    def keep(message: Message) -> None:
        summary.add(message)
        if exporter is not None:
            exporter.add(message)

    desk.on_published(keep)
    run_to_end(desk, client, lambda: on_step(client))
    if exporter is not None:
        exporter.close()


def _collect(folder: ConfigFolder, summary: Summary, out: Path | None) -> None:
    """Read the run back from its journals."""
    exporter = None if out is None else Exporter(out)
    for message in outputs_of(folder.manifest()):
        summary.add(message)
        if exporter is not None:
            exporter.add(message)
    if exporter is not None:
        exporter.close()
