"""`pitwire up`: the whole desk from one configuration folder, supervised, stopped in order."""

import threading
import time
from pathlib import Path
from typing import Final

from rich.console import Console

from services.cli.exit_code import ExitCode
from services.composition.start_notes import start_notes
from services.domain.manifest import Manifest
from services.domain.units import UnixNanos
from services.launch.colocated import ColocatedDesk
from services.launch.journal_lock import refuse_running
from services.launch.ports import refuse_used_ports
from services.launch.priority import set_priority
from services.launch.supervisor import Supervisor
from services.runtime.config import ConfigFolder
from services.runtime.journal_files import refuse_other_layout
from services.runtime.service import halting
from services.runtime.stop_signals import on_stop_signals, watch_requests
from services.runtime.terminal import open_console, styled

_WATCH_S: Final = 0.2


def run(config: Path, *, colocate: bool, priority: str) -> int:
    """Run until asked to stop; gives the exit code."""
    if priority:
        set_priority(priority)
    console = open_console()
    folder = ConfigFolder(config, UnixNanos(time.time_ns()))
    manifest = folder.manifest()
    run_folder = Path(manifest.data_dir) / manifest.run
    # Or the desk that runs would answer for the one that cannot start.
    refuse_running(run_folder, config)
    refuse_used_ports(manifest)
    for note in start_notes(folder):
        console.print(note, soft_wrap=True)
    if colocate:
        with halting(config, "desk"):
            desk = ColocatedDesk(config)
        return desk.run()
    refuse_other_layout(run_folder / manifest.flow[0])
    log_dir = run_folder / "logs"
    supervisor = Supervisor(config, manifest, log_dir)
    stop = threading.Event()
    on_stop_signals(stop.set)
    watch_requests(supervisor.stop_requested)
    try:
        supervisor.start()
        supervisor.wait_live(stop.is_set)
        if not stop.is_set():
            _print_started(console, manifest, log_dir)
        while not stop.wait(_WATCH_S):
            supervisor.watch()
            while supervisor.notes:
                console.print(supervisor.notes.pop(0))
    finally:
        supervisor.stop()
    console.print("stopped")
    return ExitCode.DONE


def _print_started(console: Console, manifest: Manifest, log_dir: Path) -> None:
    feed, orders = (manifest.endpoints[name].edge for name in ("ingest", "orders"))
    console.print(
        styled(
            *("desk ", (manifest.desk, "bold"), f" is up, account {manifest.account},"),
            f" run {manifest.run}; Ctrl-C stops it in order\n"
            f"NinjaTrader connects to {feed} (feed) and {orders} (orders)\n"
            f"logs in {log_dir}",
        ),
        soft_wrap=True,
    )
