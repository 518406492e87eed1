"""`pitwire kill`, `resume`, `limits tighten`: commands that risk journals before it acknowledges.

When risk is not running, a kill is queued in its undated store and applied first at its next start;
so is what `pitwire doctor` found.
"""

import getpass
import sys
import time
from pathlib import Path
from typing import Final

from services.cli.exit_code import ExitCode
from services.domain.errors import SystemFaultError
from services.domain.manifest import Manifest
from services.domain.messages.control import ControlAck, Kill, PreflightResult, Resume, Tighten
from services.domain.printable import one_line, printable
from services.domain.units import UnixNanos
from services.runtime.config import ConfigFolder
from services.runtime.journal_files import journal_folder
from services.runtime.operator_edge import OperatorCommand, send_command
from services.runtime.storage import os_error_text
from services.runtime.streams import print_line

_WAIT_S: Final = 3.0
_AT_NINJATRADER: Final = "act at NinjaTrader: flatten everything, and disable the client"


def kill(config: Path, *, reason: str, flatten: bool, strategy: str = "", account: str = "") -> int:
    """Send the kill, of the desk or of one strategy; exit code 0 only when it is journalled."""
    try:
        return _kill(config, reason, flatten=flatten, strategy=strategy, account=account)
    except (SystemFaultError, OSError) as error:
        cause = os_error_text(error) if isinstance(error, OSError) else error
        print_line(f"the kill is NOT confirmed: {cause}; {_AT_NINJATRADER}", err=True)
        return ExitCode.CANNOT


def _kill(config: Path, reason: str, *, flatten: bool, strategy: str, account: str) -> int:
    now = UnixNanos(time.time_ns())
    manifest = ConfigFolder(config, now).manifest()
    command = Kill(
        operator=operator_name(),
        reason=one_line(reason),
        flatten=flatten,
        at_ns=now,
        account=one_line(account),
        strategy=one_line(strategy),
    )
    reply = send(manifest, command)
    if reply is not None:
        print_line(f"risk: {reply.text}")
        return ExitCode.DONE if reply.accepted else ExitCode.NO
    if rejection := _rejection(command, manifest):
        print_line(f"risk is not running, and {rejection}: nothing changed")
        return ExitCode.NO
    if queue(manifest, command):
        print_line("risk is not running: the kill is queued and applied first at its next start")
        return ExitCode.DONE
    print_line(f"risk is running but did not answer: the kill is NOT confirmed; {_AT_NINJATRADER}")
    return ExitCode.NO


def tighten(config: Path, *, key: str, value: str) -> int:
    """Tighten one limit until the trade date ends; risk must be running."""
    now = UnixNanos(time.time_ns())
    command = Tighten(operator=operator_name(), key=one_line(key), value=one_line(value), at_ns=now)
    return _send(ConfigFolder(config, now).manifest(), command)


def resume(config: Path, *, reason: str, strategy: str = "", confirmed: bool = False) -> int:
    """Send the resume once it is confirmed; risk must be running."""
    now = UnixNanos(time.time_ns())
    manifest = ConfigFolder(config, now).manifest()
    what = strategy or "every strategy"
    if not confirmed and not _confirm(
        f"allow {what} to trade on account {manifest.account} again?"
    ):
        print_line("nothing changed: a resume needs confirmation, here or with --yes")
        return ExitCode.NO
    command = Resume(
        operator=operator_name(),
        reason=one_line(reason),
        at_ns=now,
        strategy=one_line(strategy),
    )
    return _send(manifest, command)


def operator_name() -> str:
    """Name of the user who runs the command."""
    # A container may run as a user without a name: a kill must be sent all the same.
    try:
        return one_line(getpass.getuser())
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
        return (
            sys.stdin.isatty()
            and input(f"{printable(question)} [yes/no] ").strip().lower() == "yes"
        )
    except EOFError:
        return False


def _send(manifest: Manifest, command: Resume | Tighten) -> int:
    reply = send(manifest, command)
    if reply is None:
        print_line(f"risk does not answer at {manifest.endpoints['risk'].edge}: nothing changed")
        return ExitCode.NO
    print_line(f"risk: {reply.text}")
    return ExitCode.DONE if reply.accepted else ExitCode.NO
