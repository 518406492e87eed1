"""A playback run: its folder, and the desk that a client plays against.

Either in this process or in processes of their own; both journal, so that what a run decided can be
explained and drawn afterwards. A stop, a fault or a kill leaves a run that can be read as far as it
came; `run_record.py` keeps how far that is.
"""

import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import Playback, PlaybackRequest
from services.composition.in_process import InProcessDesk
from services.composition.services import check_configs
from services.domain.errors import ConfigError, FeedLostError, JournalError
from services.domain.messages.union import Event, Message
from services.domain.units import UnixNanos
from services.launch.journal_lock import refuse_running
from services.launch.played_roles import missing_peers, roles_of
from services.launch.private_desk import write_private_folder
from services.launch.run_record import recorded
from services.launch.supervisor import Supervisor
from services.nt_twin.client import TwinClient
from services.nt_twin.link import TwinLink
from services.runtime.config import ConfigFolder
from services.runtime.journal import JournalWriter
from services.runtime.journal_files import SHARED
from services.runtime.stop_signals import STOP_SIGNALS, on_stop_signals, watch_requests
from services.runtime.storage import require_writable_folder

_DESK_SILENCE_S = 60.0
"""Longest silence of the desk; a killed service restarts well within it."""


class PreparedRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run about to be played."""

    config: ConfigFolder
    """Its private configuration."""
    folder: Path
    play: Playback
    remarks: tuple[str, ...]
    """What the trader should know before it starts, a sentence each."""


def prepare_run(request: PlaybackRequest, play: Playback) -> PreparedRun:
    """Write the run's private configuration into a fresh folder, named by its label.

    Raises: ConfigError for a folder that is in use or cannot be written, and a configuration from
    which no desk starts.
    """
    base = ConfigFolder(request.config, UnixNanos(0))
    roles = roles_of(base.desk.group, play.contracts, request.config, signal=request.signal)
    check_configs(base)
    folder = request.runs / play.label
    require_writable_folder(request.runs)
    try:
        _remove(folder)
        config = write_private_folder(
            request.config,
            folder / "config",
            run=play.label,
            data_contracts=play.contracts,
            signal=request.signal,
        )
        require_writable_folder(folder / "journal")
    except OSError as error:
        raise ConfigError(f"run folder {folder} cannot be written: {error.strerror}") from error
    reads = {slot.name: tuple(slot.reads) for slot in config.manifest().slots}
    remarks = (roles.remark, missing_peers(roles.groups, reads))
    return PreparedRun(
        config=config, folder=folder, play=play, remarks=tuple(filter(None, remarks))
    )


def _remove(folder: Path) -> None:
    if folder.is_dir():
        try:
            refuse_running(folder, folder / "config")
        except ConfigError as error:
            raise ConfigError(
                f"run folder {folder} is in use by another replay: {error}"
            ) from error
        shutil.rmtree(folder)
    elif folder.exists() or folder.is_symlink():
        raise ConfigError(f"run folder {folder} is a file, expected a folder")


def play_in_process(
    run: PreparedRun,
    on_step: Callable[[TwinClient], None],
    on_published: Callable[[Event], None],
    tap: Callable[[Message], None],
) -> None:
    """Play through every machine in this process, journalled; `tap` as in `run_to_end`.

    Raises: KeyboardInterrupt after a clean stop, JournalError when the disk takes no more.
    """
    manifest = run.config.manifest()
    client = twin_client(run.config, run.play)
    shared = Path(manifest.data_dir) / manifest.run / SHARED
    # The files stay where they are: a run that the disk lost is played again.
    with (
        _stop_requested() as stop,
        recorded(run.folder, manifest.run) as note,
        closing(JournalWriter(shared, syncs=False)) as kept,
    ):
        desk = InProcessDesk(run.config, kept)
        desk.on_published(on_published)

        def step() -> None:
            progress = client.progress
            note(progress.minutes, progress.total, progress.now_ns)
            on_step(client)

        try:
            run_to_end(desk, client, step, stop=stop.is_set, tap=tap)
            desk.close()
        except sqlite3.Error as error:
            raise JournalError(f"journal {shared} cannot be written: {error}") from error
        if stop.is_set():
            raise KeyboardInterrupt


def play_in_processes(
    run: PreparedRun,
    on_step: Callable[[TwinClient], None],
    tap: Callable[[Message], None] = lambda _: None,
) -> None:
    """Play against separate processes, supervised and stopped in order; `tap` as in `TwinLink`.

    Raises: KeyboardInterrupt after a clean stop, FeedLostError when the desk stays silent.
    """
    manifest = run.config.manifest()
    supervisor = Supervisor(run.config.path, manifest, run.folder / "logs")
    client = twin_client(run.config, run.play)
    link: TwinLink | None = None
    with _stop_requested() as stop, recorded(run.folder, manifest.run) as note:
        watch_requests(supervisor.stop_requested)
        try:
            supervisor.start()
            supervisor.wait_live(stop.is_set)
            link = TwinLink(client, manifest, silence_s=_DESK_SILENCE_S, tap=tap)
            watched = time.monotonic()

            def step() -> None:
                nonlocal watched
                progress = client.progress
                note(progress.minutes, progress.total, progress.now_ns)
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
        if stop.is_set():
            raise KeyboardInterrupt


@contextmanager
def _stop_requested() -> Iterator[threading.Event]:
    # What ends a process ends the playing between two turns; before and after, as it always does.
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    on_stop_signals(stop.set)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
