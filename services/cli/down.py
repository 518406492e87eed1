"""`pitwire down`: end a desk from anywhere, or what is left of one, in the order of the flow.

Whoever keeps the services up is asked first, and ends them; what it does not end, or nobody keeps
up, is asked one by one. Only desk.toml is read: a folder that was broken meanwhile ends its desk.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import typer

from services.domain.services import WORKER_SERVICE
from services.domain.units import UnixNanos
from services.launch.journal_lock import SUPERVISOR, held_folders, holder_text
from services.runtime.config import ConfigFolder
from services.runtime.folder_lock import end_at_once, is_held, read_holder, request_stop
from services.runtime.journal_files import SHARED

_END_WAIT_S: Final = 12.0
"""A supervisor waits 10 s for a service before it kills it."""
_LOOK_S: Final = 0.05


def run(config: Path) -> int:
    """End every process of the run; exit code 0 when none is left."""
    folder = ConfigFolder(config, UnixNanos(time.time_ns()))
    desk = folder.desk
    run_folder = (config / desk.data_dir).resolve() / desk.run
    order = [row.name for row in folder.services]
    held = sorted(held_folders(run_folder), key=lambda path: _place(path.name, order))
    if not held:
        typer.echo(f"nothing runs of run {desk.run}, account {desk.account}: {run_folder}")
        return 0
    typer.echo(f"ending desk {desk.name}, run {desk.run}, account {desk.account}")
    who = {path: holder_text(path) for path in held}
    if held[0].name == SUPERVISOR:
        request_stop(held[0])
        _wait(lambda: not is_held(held[0]), _END_WAIT_S * len(held))
    left = [path for path in held if not _end(path, who[path])]
    return 1 if left else 0


def _end(folder: Path, who: str) -> bool:
    if not is_held(folder):
        typer.echo(f"{who} has stopped")
        return True
    request_stop(folder)
    if _wait(lambda: not is_held(folder), _END_WAIT_S):
        typer.echo(f"{who} has stopped")
        return True
    holder = read_holder(folder)
    if holder is not None and end_at_once(holder) and _wait(lambda: not is_held(folder), 5.0):
        typer.echo(f"{who} did not stop in {_END_WAIT_S:.0f} s: killed; its journal does not mind")
        return True
    typer.echo(f"{who} still runs: end this process by hand")
    return False


def _place(name: str, order: list[str]) -> int:
    # Who keeps them up, then the flow; a name that is no service's is a worker's.
    if name in (SUPERVISOR, SHARED):
        return -1
    return order.index(name if name in order else WORKER_SERVICE.name)


def _wait(condition: Callable[[], bool], wait_s: float) -> bool:
    end = time.monotonic() + wait_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(_LOOK_S)
    return True
