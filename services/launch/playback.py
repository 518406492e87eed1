"""A playback run: its folder, a private desk of processes, the client that plays against it."""

import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from services.backtest.play import twin_client
from services.backtest.playback_input import Playback, PlaybackRequest
from services.composition.services import check_configs
from services.domain.errors import FeedLostError
from services.domain.units import UnixNanos
from services.launch.journal_lock import refuse_running
from services.launch.private_desk import write_private_folder
from services.launch.supervisor import Supervisor
from services.nt_twin.client import TwinClient
from services.nt_twin.link import TwinLink
from services.runtime.config import ConfigFolder
from services.runtime.stop_signals import STOP_SIGNALS, on_stop_signals, watch_requests

_DESK_SILENCE_S = 60.0
"""Longest silence of the desk; a killed service restarts well within it."""


def prepare_run(
    request: PlaybackRequest, play: Playback, suffix: str = ""
) -> tuple[ConfigFolder, Path]:
    """Write the run's private configuration into a fresh folder, named by its label and suffix."""
    run_folder = request.runs / f"{play.label}{suffix}"
    refuse_running(run_folder, run_folder / "config")
    check_configs(ConfigFolder(request.config, UnixNanos(0)))
    if run_folder.exists():
        shutil.rmtree(run_folder)
    folder = write_private_folder(
        request.config, run_folder / "config", run=play.label, data_contracts=play.contracts
    )
    return folder, run_folder


def play_in_processes(
    folder: ConfigFolder, run_folder: Path, play: Playback, on_step: Callable[[TwinClient], None]
) -> None:
    """Play against separate processes, supervised and stopped in order.

    Raises: KeyboardInterrupt after a clean stop, FeedLostError when the desk stays silent.
    """
    manifest = folder.manifest()
    supervisor = Supervisor(folder.path, manifest, run_folder / "logs")
    client = twin_client(folder, play)
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    on_stop_signals(stop.set)
    watch_requests(supervisor.stop_requested)
    link: TwinLink | None = None
    try:
        supervisor.start()
        supervisor.wait_live(stop.is_set)
        link = TwinLink(client, manifest, silence_s=_DESK_SILENCE_S)
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
