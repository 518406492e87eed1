"""The folder of a playback run: private configuration, later its journals and logs."""

import shutil
from pathlib import Path

from services.backtest.playback_input import Playback, PlaybackRequest
from services.composition.services import check_configs
from services.domain.units import UnixNanos
from services.launch import private_desk
from services.launch.journal_lock import refuse_running
from services.runtime.config import ConfigFolder


def prepare_run(
    request: PlaybackRequest, play: Playback, suffix: str = ""
) -> tuple[ConfigFolder, Path]:
    """Write the run's private configuration into a fresh folder, named by its label and suffix."""
    run_folder = request.runs / f"{play.label}{suffix}"
    refuse_running(run_folder)
    check_configs(ConfigFolder(request.config, UnixNanos(0)))
    if run_folder.exists():
        shutil.rmtree(run_folder)
    folder = private_desk.write_private_folder(
        request.config, run_folder / "config", run=play.label, data_contracts=play.contracts
    )
    return folder, run_folder
