"""`pitwire replay`: the twin plays files against a private desk, in lock-step.

Separate processes by default; `--in-process` the same machines on MemoryBus. Either way the run
gets its own folder: configuration, journals, logs.
"""

import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from services.backtest.playback_input import Plan, Play, opened, play_of
from services.cli import screen
from services.cli.summary import Summary
from services.cli.terminal import Progressing
from services.composition import in_process as wiring
from services.domain.calendar import Calendar
from services.domain.errors import FeedLostError
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.launch import private_desk
from services.launch.journal_lock import refuse_held
from services.launch.supervisor import LiveProbe, Supervisor
from services.nt_twin.client import TwinClient
from services.nt_twin.config import TwinConfig
from services.nt_twin.link import TwinLink
from services.review.export.csv_export import Exporter
from services.review.journal_outputs import outputs_of
from services.runtime.assembly import config_of
from services.runtime.config import Folder
from services.runtime.service import on_stop_signals

_SILENCE_S = 60.0
"""How long the desk may say nothing; a killed service is back well within it."""


def run(plan: Plan, *, in_process: bool, out: Path | None) -> int:
    """Replay files; gives the exit code."""
    console = screen.console()
    files = opened(plan, console)
    play = play_of(files)
    # The run id is the same, so that ids are; a run in one process keeps no journal and must not
    # take away the one of the processes.
    folder, run_folder = prepare(plan, play, "-in-process" if in_process else "")
    summary = Summary()
    with Progressing(console, play.total) as progressing:
        if in_process:
            _in_process(folder, play, summary, out, progressing)
        else:
            processes(folder, run_folder, play, progressing)
    if not in_process:
        _collect(folder, summary, out)
    for file in files:
        if file.bad_lines:
            first = "; ".join(f"line {bad.line}: {bad.reason}" for bad in file.bad_named[:3])
            console.print(f"{file.path.name}: {file.bad_lines} lines not used ({first})")
    summary.show(console)
    if out is not None:
        console.print(f"CSV files in {out}")
    console.print(
        "nothing is journalled in one process; without --in-process `pitwire explain` tells the day"
        " and `pitwire chart` draws it"
        if in_process
        else f"the run is kept in {run_folder}; `pitwire explain DATE [TIME]` reads it,"
        " `pitwire chart DATE` draws it"
    )
    return 0


def prepare(plan: Plan, play: Play, suffix: str = "") -> tuple[Folder, Path]:
    """Write the run's private configuration into a fresh folder, named by its label and suffix."""
    run_folder = plan.runs / f"{play.label}{suffix}"
    refuse_held(run_folder)
    base = Folder(plan.config, UnixNanos(0))
    for spec in wiring.SPECS:
        config_of(spec, base)  # a wrong value is named in the file that has it
    if run_folder.exists():
        shutil.rmtree(run_folder)
    folder = private_desk.write(
        plan.config, run_folder / "config", run=play.label, data_contracts=play.contracts
    )
    return folder, run_folder


def client_of(folder: Folder, play: Play) -> TwinClient:
    """The stand-in for NinjaTrader that plays these stamps."""
    manifest = folder.manifest()
    rows = [row for group in manifest.groups for row in group.trade]
    declared = {name for group in manifest.groups for name in group.contracts}
    config = TwinConfig(
        account=manifest.account,
        contracts=tuple(name for name in play.contracts if name in declared),
        prices={row.orders: row.signal for row in rows},
        stamps_total=play.total,
    )
    date_of = Calendar(folder.desk.calendar).trade_date_of
    return TwinClient(config, play.stamps(), date_of)


def processes(
    folder: Folder, run_folder: Path, play: Play, on_step: Callable[[TwinClient], None]
) -> None:
    """Play against separate processes, supervised and stopped in order.

    Raises: KeyboardInterrupt after a clean stop, FeedLostError when the desk stays silent.
    """
    manifest = folder.manifest()
    supervisor = Supervisor(folder.path, manifest, run_folder / "logs")
    client = client_of(folder, play)
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    on_stop_signals(stop.set)
    link: TwinLink | None = None
    try:
        supervisor.start()
        supervisor.wait_live(LiveProbe(manifest), stop.is_set)
        link = TwinLink(client, manifest, silence_s=_SILENCE_S)
        watched = time.monotonic()

        def step() -> None:
            nonlocal watched
            on_step(client)
            if time.monotonic() - watched > 0.1:
                supervisor.watch()
                watched = time.monotonic()

        link.run(step, stop.is_set)
    except FeedLostError as error:
        raise FeedLostError(
            f"{error}; {'; '.join(supervisor.notes) or 'no service ended'}"
        ) from error
    finally:
        if link is not None:
            link.close()
        supervisor.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
    if stop.is_set():
        raise KeyboardInterrupt


def _in_process(
    folder: Folder,
    play: Play,
    summary: Summary,
    out: Path | None,
    on_step: Callable[[TwinClient], None],
) -> None:
    desk = wiring.Desk(folder)
    client = client_of(folder, play)
    exporter = None if out is None else Exporter(out)

    def take(message: Message) -> None:
        summary.take(message)
        if exporter is not None:
            exporter.take(message)

    desk.tap(take)
    wiring.play(desk, client, lambda: on_step(client))
    if exporter is not None:
        exporter.close()


def _collect(folder: Folder, summary: Summary, out: Path | None) -> None:
    """Read the run back from its journals."""
    exporter = None if out is None else Exporter(out)
    for message in outputs_of(folder.manifest()):
        summary.take(message)
        if exporter is not None:
            exporter.take(message)
    if exporter is not None:
        exporter.close()
