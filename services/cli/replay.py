"""`pitwire replay`: the twin plays files against a private desk, in lock-step.

Separate processes by default; `--in-process` the same machines on MemoryBus. Either way the run
gets its own folder: configuration, journals, logs.
"""

from pathlib import Path

from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import PlaybackRequest, open_request, playback_of
from services.cli.playback_display import playback_progress, show_files
from services.cli.summary import Summary, collect_journals, collecting
from services.cli.terminal import open_console
from services.composition.in_process import InProcessDesk
from services.composition.start_notes import start_notes
from services.domain.units import count_text
from services.launch.playback import play_in_processes, prepare_run


def run(request: PlaybackRequest, *, in_process: bool, out: Path | None) -> int:
    """Replay files; gives the exit code."""
    console = open_console()
    files = open_request(request)
    show_files(console, files)
    play = playback_of(files)
    # The run id is the same, so that ids are; a run in one process keeps no journal and must not
    # take away the one of the processes.
    folder, run_folder = prepare_run(request, play, "-in-process" if in_process else "")
    for note in start_notes(folder):
        console.print(note, markup=False, soft_wrap=True)
    summary = Summary()
    with playback_progress(console, play.total) as progress:
        if in_process:
            with collecting(summary, out) as collect:
                desk = InProcessDesk(folder)
                desk.on_published(collect)
                client = twin_client(folder, play)
                run_to_end(desk, client, lambda: progress(client))
        else:
            play_in_processes(folder, run_folder, play, progress)
    if not in_process:
        collect_journals(folder.manifest(), summary, out)
    for file in files:
        if file.bad_lines:
            first = "; ".join(f"line {bad.line}: {bad.reason}" for bad in file.first_bad_lines[:3])
            console.print(
                f"{file.path.name}: {count_text(file.bad_lines, 'line')} not used ({first})"
            )
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
