"""The client's own switch, in a file beside its memory: killed, or entries off, by an operator.

Rule 1: it is set and lifted at the client alone; no desk lifts it, and it outlives every process.
Rule 2: a file that cannot be read is a kill: whoever wrote it meant something.
Rule 3: killed, what works is cancelled and what is held is closed; off, entries are refused and
        what is held keeps its bracket.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from services.domain.units import UnixNanos
from services.runtime.storage import storing

_FILE: Final = "trading-switch.json"


class SwitchState(msgspec.Struct, frozen=True, kw_only=True):
    """How the switch stands, by whom and why."""

    killed: bool
    """False: entries are off."""
    by: str
    reason: str
    at_ns: UnixNanos


class TradingSwitch:
    """The switch of one client; without a folder it lives in this process alone."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = None if folder is None else folder / _FILE
        self._seen: tuple[int, int] | None = None
        self.state: SwitchState | None = None
        """None: trading is on."""
        self.look()

    @property
    def killed_by(self) -> str:
        """Who killed the client; empty: nobody."""
        return self.state.by if self.state is not None and self.state.killed else ""

    @property
    def refusal(self) -> str:
        """Why entries are refused; empty: they are not."""
        if self.state is None:
            return ""
        what = "the client is killed" if self.state.killed else "entries are off at the client"
        return f"{what} by {self.state.by}: {self.state.reason}"

    def look(self) -> None:
        """Read the file again, if it has changed."""
        if self._path is None:
            return
        try:
            found = self._path.stat()
            mark = (found.st_mtime_ns, found.st_size)
        except FileNotFoundError:
            self._seen, self.state = None, None
            return
        except OSError as error:
            self._seen, self.state = None, _unreadable(str(error.strerror))
            return
        if mark == self._seen:
            return
        self._seen = mark
        try:
            self.state = msgspec.json.decode(self._path.read_bytes(), type=SwitchState)
        except (OSError, msgspec.MsgspecError) as error:
            self.state = _unreadable(str(error))

    def set(self, state: SwitchState) -> None:
        """Kill the client, or turn entries off; a kill is not weakened.

        Raises: StorageError.
        """
        if self.killed_by and not state.killed:
            return
        self.state = state
        if self._path is None:
            return
        with storing(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            written = self._path.with_suffix(".new")
            with written.open("wb") as file:
                file.write(msgspec.json.encode(state))
                file.flush()
                os.fsync(file.fileno())
            written.replace(self._path)

    def lift(self) -> None:
        """Turn trading on again.

        Raises: StorageError.
        """
        self.state, self._seen = None, None
        if self._path is not None:
            with storing(self._path), suppress(FileNotFoundError):
                self._path.unlink()


def _unreadable(why: str) -> SwitchState:
    text = f"its switch cannot be read: {why}"
    return SwitchState(killed=True, by="the client", reason=text, at_ns=UnixNanos(0))
