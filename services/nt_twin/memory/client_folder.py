"""The client's own folder beside the runs of the desk: its lock, its switch, its memory by run.

| file in `<data_dir>/client-<name>/` | what |
|---|---|
| `lock`, `holder.json` | held by the client while it runs |
| `trading-switch.json` | killed, or entries off, by an operator; for every run |
| `<run>.sqlite` | what the client remembers of one run of the desk |
"""

import re
import time
from pathlib import Path
from typing import Final

from services.domain.errors import ConfigError
from services.domain.units import UnixNanos
from services.nt_twin.memory.memory_file import MemoryFile
from services.nt_twin.memory.trading_switch import SwitchState, TradingSwitch
from services.runtime.folder_lock import FolderLock, is_held
from services.runtime.storage import storing

_ITSELF: Final = "the client"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""A name is a folder's name as well."""


class ClientFolder:
    """The folder of one client of one desk."""

    def __init__(self, data_dir: str, client: str) -> None:
        """`data_dir`: of desk.toml.

        Raises: ConfigError for a name that is none.
        """
        if not _NAME.fullmatch(client):
            expected = "1 to 40 letters, digits, '.', '_' or '-', the first a letter or digit"
            raise ConfigError(f"client is {client!r}, expected {expected}")
        self.client = client
        self.path = Path(data_dir) / f"client-{client}"

    def lock(self) -> FolderLock:
        """Hold the folder while the client runs.

        Raises: ConfigError naming the process that holds it, StorageError.
        """
        try:
            with storing(self.path):
                return FolderLock(self.path)
        except ConfigError as error:
            raise ConfigError(f"client {self.client} runs already: {error}") from error

    @property
    def is_running(self) -> bool:
        """Whether a client holds the folder now."""
        return is_held(self.path)

    def switch(self) -> TradingSwitch:
        """Give the client's own switch."""
        return TradingSwitch(self.path)

    def memory(self, run: str, switch: TradingSwitch) -> MemoryFile:
        """Open what is remembered of a run; where it is damaged, entries are turned off.

        Raises: StorageError.
        """
        memory = MemoryFile(self.path / f"{run}.sqlite")
        if memory.damage:
            now = UnixNanos(time.time_ns())
            state = SwitchState(killed=False, by=_ITSELF, reason=memory.damage, at_ns=now)
            switch.set(state)
        return memory
