"""What other processes take of the machine while something is measured; a busy machine judges none.

Busy time of all cores less that of this process and its descendants, from /proc: Linux alone. What
the hypervisor gave to others counts as well. Elsewhere nothing is known, and nothing is judged.
"""

import os
import time
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Final

BUSY_CORES: Final = 0.2
"""From here on a round counts as beside load: a fifth of one core, averaged over it."""
_PROC: Final = Path("/proc")
_BUSY_COLUMNS: Final = (0, 1, 2, 5, 6, 7)
"""Of the first line of /proc/stat: user, nice, system, irq, softirq, steal."""


class LoadWatch(AbstractContextManager["LoadWatch"]):
    """Looks at the machine before and after its block."""

    others_cores: float | None = None
    """Cores that other processes took inside the block; None: not known on this system."""

    def __enter__(self) -> "LoadWatch":
        self._begun = (time.monotonic(), _others_s())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Look again."""
        at, before = self._begun
        after = _others_s()
        if before is not None and after is not None:
            self.others_cores = max(0.0, after - before) / (time.monotonic() - at)


def others_now(seconds: float = 1.0) -> float | None:
    """Look at the machine for a moment in which nothing of ours runs."""
    with LoadWatch() as load:
        time.sleep(seconds)
    return load.others_cores


def load_text(others_cores: float | None) -> str:
    """Say what other processes took."""
    if others_cores is None:
        return "what other processes take is not known on this system"
    return f"other processes took {others_cores:.2f} cores"


def _others_s() -> float | None:
    try:
        columns = (_PROC / "stat").read_text().split("\n", 1)[0].split()[1:]
        busy = sum(int(columns[at]) for at in _BUSY_COLUMNS) / os.sysconf("SC_CLK_TCK")
        return busy - _own_s()
    except (OSError, IndexError, ValueError, AttributeError):
        return None  # no Linux, or one whose /proc shows other figures


def _own_s() -> float:
    # What has ended is in its parent's figures; what still runs is not.
    parents: dict[int, int] = {}
    spent: dict[int, int] = {}
    for folder in _PROC.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        parents[int(folder.name)] = int(fields[1])
        spent[int(folder.name)] = sum(map(int, fields[11:15]))
    own = {os.getpid()}
    while added := {pid for pid, parent in parents.items() if parent in own} - own:
        own |= added
    return sum(spent.get(pid, 0) for pid in own) / os.sysconf("SC_CLK_TCK")
