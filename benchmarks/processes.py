"""Child processes of a measurement: started together, watched, and stopped whatever happens."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Final

from benchmarks.stopwatch import MeasurementError

_STOP_WAIT_S: Final = 10.0
_LOOK_S: Final = 0.05


class Children(AbstractContextManager["Children"]):
    """The processes of one layout; leaving the block stops them all."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, name: str, module: str, *arguments: str) -> None:
        """Start `python -m module arguments…`, its words in a log file of its name."""
        with (self._logs / f"{name}.log").open("wb") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", module, *arguments], stdout=log, stderr=subprocess.STDOUT
            )
        self._running.append((name, child))

    def wait_for(self, holds: Callable[[], bool], what: str, timeout_s: float = 60.0) -> None:
        """Wait until something holds.

        Raises: MeasurementError when a child ends meanwhile, or when it takes too long.
        """
        end = time.monotonic() + timeout_s
        while not holds():
            for name, child in self._running:
                if child.poll() is not None:
                    raise MeasurementError(
                        f"{name} ended with {child.returncode} before {what}: {self._tail(name)}"
                    )
            if time.monotonic() > end:
                tails = "\n".join(f"{name}: {self._tail(name)}" for name, _ in self._running)
                raise MeasurementError(f"{what}: not within {timeout_s:.0f} s\n{tails}")
            time.sleep(_LOOK_S)

    def _tail(self, name: str) -> str:
        return (self._logs / f"{name}.log").read_text(errors="replace")[-2000:]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop every child: asked first, then ended."""
        for _, child in self._running:
            child.terminate()
        for _, child in self._running:
            try:
                child.wait(_STOP_WAIT_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._running.clear()


def page(address: str, path: str) -> str | None:
    """Read a page of a service's health port; None when it does not answer with 200."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=2.0) as answer:
            text: bytes = answer.read()
            return text.decode()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None
