"""`pitwire kill`, `resume`, `limits tighten`: commands that risk journals before it acknowledges.

When risk is not running, a kill is queued in its undated store and applied first at its next start.
"""

import getpass
import sys
import time
from pathlib import Path
from typing import Final

from services.domain.messages.control import Kill, Resume, Tighten
from services.domain.units import UnixNanos
from services.launch.queued_commands import queue_command
from services.runtime.config import ConfigFolder
from services.runtime.journal_files import journal_folder
from services.runtime.operator_edge import KILL_KEY, send_command

_WAIT_S: Final = 3.0


def kill(config: Path, *, reason: str, flatten: bool, strategy: str = "", account: str = "") -> int:
    """Send the kill, of the desk or of one strategy; exit code 0 only when it is journalled."""
    now = UnixNanos(time.time_ns())
    manifest = ConfigFolder(config, now).manifest()
    command = Kill(
        operator=operator(),
        reason=reason,
        flatten=flatten,
        at_ns=now,
        account=account,
        strategy=strategy,
    )
    reply = send_command(manifest.endpoints["risk"].edge, command, _WAIT_S)
    if reply is not None:
        _print(f"risk: {reply.text}")
        return 0 if reply.accepted else 1
    folder = journal_folder(manifest.data_dir, manifest.run, "risk")
    if queue_command(folder, KILL_KEY, command):
        _print("risk is not running: the kill is latched and holds from its next start")
        return 0
    _print("risk runs but did not answer: the kill is NOT confirmed; use NinjaTrader itself")
    return 1


def _print(text: str) -> None:
    # The command is sent: loading what prints takes longer than risk takes to answer.
    from services.cli.terminal import open_console

    open_console().print(text)


def _confirm(question: str) -> bool:
    # Without a terminal the answer is no.
    try:
        return sys.stdin.isatty() and input(f"{question} [yes/no] ").strip().lower() == "yes"
    except EOFError:
        return False


def operator() -> str:
    """Name of the user who runs the command."""
    # A container may run as a user nobody has named: that must not cost a kill.
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unnamed"


def tighten(config: Path, *, key: str, value: str) -> int:
    """Tighten one limit until the trade date ends; risk must be running."""
    now = UnixNanos(time.time_ns())
    command = Tighten(operator=operator(), key=key, value=value, at_ns=now)
    return _send(ConfigFolder(config, now).manifest().endpoints["risk"].edge, command)


def resume(config: Path, *, reason: str, strategy: str = "", confirmed: bool = False) -> int:
    """Send the resume once it is confirmed; risk must be running."""
    now = UnixNanos(time.time_ns())
    manifest = ConfigFolder(config, now).manifest()
    what = strategy or "every strategy"
    if not confirmed and not _confirm(
        f"allow {what} to trade on account {manifest.account} again?"
    ):
        _print("nothing changed: a resume needs confirmation, here or with --yes")
        return 1
    command = Resume(operator=operator(), reason=reason, at_ns=now, strategy=strategy)
    return _send(manifest.endpoints["risk"].edge, command)


def _send(edge: str, command: Resume | Tighten) -> int:
    reply = send_command(edge, command, _WAIT_S)
    if reply is None:
        _print(f"risk does not answer at {edge}: nothing changed")
        return 1
    _print(f"risk: {reply.text}")
    return 0 if reply.accepted else 1
