"""`pitwire kill`, `resume`, `limits tighten`: commands that risk journals before it acknowledges.

When risk is not running, a kill is queued in its undated store and applied first at its next start;
so is what `pitwire doctor` found.
"""

import getpass
import sys
import time
from pathlib import Path
from typing import Final

import typer

from services.domain.manifest import Manifest
from services.domain.messages.control import ControlAck, Kill, PreflightResult, Resume, Tighten
from services.domain.units import UnixNanos
from services.runtime.config import ConfigFolder
from services.runtime.journal_files import journal_folder
from services.runtime.operator_edge import OperatorCommand, send_command

_WAIT_S: Final = 3.0


def kill(config: Path, *, reason: str, flatten: bool, strategy: str = "", account: str = "") -> int:
    """Send the kill, of the desk or of one strategy; exit code 0 only when it is journalled."""
    now = UnixNanos(time.time_ns())
    manifest = ConfigFolder(config, now).manifest()
    command = Kill(
        operator=operator_name(),
        reason=reason,
        flatten=flatten,
        at_ns=now,
        account=account,
        strategy=strategy,
    )
    reply = send(manifest, command)
    if reply is not None:
        typer.echo(f"risk: {reply.text}")
        return 0 if reply.accepted else 1
    if rejection := _rejection(command, manifest):
        typer.echo(f"risk is not running, and {rejection}: nothing changed")
        return 1
    if queue(manifest, command):
        typer.echo("risk is not running: the kill is queued and applied first at its next start")
        return 0
    typer.echo("risk is running but did not answer: the kill is NOT confirmed, act in NinjaTrader")
    return 1


def tighten(config: Path, *, key: str, value: str) -> int:
    """Tighten one limit until the trade date ends; risk must be running."""
    now = UnixNanos(time.time_ns())
    command = Tighten(operator=operator_name(), key=key, value=value, at_ns=now)
    return _send(ConfigFolder(config, now).manifest(), command)


def resume(config: Path, *, reason: str, strategy: str = "", confirmed: bool = False) -> int:
    """Send the resume once it is confirmed; risk must be running."""
    now = UnixNanos(time.time_ns())
    manifest = ConfigFolder(config, now).manifest()
    what = strategy or "every strategy"
    if not confirmed and not _confirm(
        f"allow {what} to trade on account {manifest.account} again?"
    ):
        typer.echo("nothing changed: a resume needs confirmation, here or with --yes")
        return 1
    command = Resume(operator=operator_name(), reason=reason, at_ns=now, strategy=strategy)
    return _send(manifest, command)


def operator_name() -> str:
    """Name of the user who runs the command."""
    # A container may run as a user without a name: a kill must be sent all the same.
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unnamed"


def send(manifest: Manifest, command: OperatorCommand) -> ControlAck | None:
    """Send a command to the desk's risk service; None when it does not answer."""
    return send_command(manifest.endpoints["risk"].edge, command, _WAIT_S)


def queue(manifest: Manifest, command: Kill | PreflightResult) -> bool:
    """Queue a command for the next start of risk; False when risk is running."""
    # Only without an answer: a running risk needs no SQLite of ours.
    from services.runtime.queued_commands import queue_command

    return queue_command(journal_folder(manifest.data_dir, manifest.run, "risk"), command)


def _rejection(kill: Kill, manifest: Manifest) -> str:
    # What risk would answer; queued, a kill that means nothing would look like one that works.
    if kill.account not in ("", manifest.account):
        return f"account is {kill.account}, this desk trades {manifest.account}"
    names = sorted(slot.name for slot in manifest.slots)
    if kill.strategy not in ("", *names):
        return f"strategy {kill.strategy} is not enabled, expected one of {', '.join(names)}"
    return ""


def _confirm(question: str) -> bool:
    # Without a terminal the answer is no.
    try:
        return sys.stdin.isatty() and input(f"{question} [yes/no] ").strip().lower() == "yes"
    except EOFError:
        return False


def _send(manifest: Manifest, command: Resume | Tighten) -> int:
    reply = send(manifest, command)
    if reply is None:
        typer.echo(f"risk does not answer at {manifest.endpoints['risk'].edge}: nothing changed")
        return 1
    typer.echo(f"risk: {reply.text}")
    return 0 if reply.accepted else 1
