"""The exchange as a child of the client: a process that ends with it, however the client ends.

Its standard input is open as long as the client lives; at its end of file it stops by itself
(runtime/stop_signals.py).
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from services.domain.errors import ConfigError, FeedLostError
from services.runtime.stop_signals import SUPERVISED
from services.venue.played_market.market_source import MarketOptions
from services.venue.shell import READY

_STOP_WAIT_S: Final = 10.0


class ExchangeProcess:
    """A running exchange of our own."""

    def __init__(self, process: "subprocess.Popen[str]", address: str) -> None:
        self._process = process
        self.address = address

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def check(self) -> None:
        """Find out whether it runs.

        Raises: FeedLostError when it has ended: its account has ended with it.
        """
        code = self._process.poll()
        if code is not None:
            raise FeedLostError(f"the exchange has ended with {code}: its account is gone")


@contextmanager
def exchange_process(
    config: Path, market: MarketOptions, faults: Path | None
) -> Iterator[ExchangeProcess]:
    """Start an exchange, wait for its address, and end it behind the block.

    Raises: ConfigError when it does not start; its own message has been printed.
    """
    files_last = [str(config.absolute()), *market.arguments()]
    extra = [] if faults is None else ["--faults", str(faults.absolute())]
    process = subprocess.Popen(  # noqa: S603 - our own exchange, our own arguments
        [sys.executable, "-m", "services.venue", *files_last, *extra],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, SUPERVISED: "1"},
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        start_new_session=os.name == "posix",
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        line = process.stdout.readline()
        if not line.startswith(READY):
            code = process.wait(_STOP_WAIT_S)
            raise ConfigError(f"the exchange did not start, it ended with {code}")
        threading.Thread(target=process.stdout.read, name="exchange output", daemon=True).start()
        yield ExchangeProcess(process, line.removeprefix(READY).partition(": ")[0])
    finally:
        process.stdin.close()
        try:
            process.wait(_STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
