"""`pitwire kill`, `resume`, `limits tighten`: commands that risk journals before it acknowledges.

Rule 1: a command names the desk it is for, run and account of the folder. Whatever is not
        acknowledged by that desk is NOT confirmed, with the reason and, for a kill, with what is
        left to do in NinjaTrader.
Rule 2: exit code 0 when it is done, 1 when a desk has refused or risk does not answer, 2 when the
        command could not be sent at all.
Rule 3: when risk is not running, a kill is queued in its undated store and applied first at its
        next start; so is what `pitwire doctor` found. A queued kill closes nothing: asked for
        `--flatten`, it is not done.
"""

import getpass
import sys
import time
from pathlib import Path

from services.cli.desk_address import DeskAddress, read_address
from services.cli.exit_code import ExitCode
from services.cli.operator_client import Unanswered, another_desk, desk_text, queue, send
from services.domain.desk_identity import DeskIdentity
from services.domain.errors import ConfigError, SystemFaultError
from services.domain.messages.control import ControlAck, Kill, Resume, Tighten
from services.domain.printable import one_line, printable
from services.domain.units import UnixNanos
from services.runtime.storage import os_error_text
from services.runtime.streams import print_line


def kill(
    config: Path,
    *,
    reason: str,
    flatten: bool,
    strategy: str = "",
    account: str = "",
    run: str = "",
) -> int:
    """Send the kill, of the desk or of one strategy; gives the exit code."""
    try:
        address = read_address(config)
    except ConfigError as error:
        return _not_killed(str(error), account, code=ExitCode.CANNOT)
    except OSError as error:
        return _not_killed(os_error_text(error), account, code=ExitCode.CANNOT)
    if address.fault:
        print_line(address.fault)
    meant = DeskIdentity(
        one_line(run) or address.desk.run,
        one_line(account) or address.desk.account,
        address.desk.config_hash,
    )
    command = Kill(
        operator=operator_name(),
        reason=one_line(reason),
        flatten=flatten,
        at_ns=UnixNanos(time.time_ns()),
        strategy=one_line(strategy),
        run=meant.run,
        account=meant.account,
        config_hash=meant.config_hash,
    )
    try:
        reply = send(address, command)
    except ConfigError as error:
        return _not_killed(str(error), meant.account, code=ExitCode.CANNOT)
    if isinstance(reply, ControlAck):
        if other := another_desk(reply, address.desk, meant):
            rest = _queue_beside(config, address, command) if reply.run else ""
            return _not_killed(f"{other}{rest}", meant.account, code=ExitCode.NO)
        return _print_reply(reply, address.desk)
    return _queue_kill(config, address, command, reply)


def _queue_kill(config: Path, address: DeskAddress, command: Kill, reply: Unanswered) -> int:
    try:
        rejection = _rejection(config, command, address.desk)
        queued = not rejection and queue(address, command)
    except SystemFaultError as error:
        text = f"{reply.text}; the kill cannot be queued: {error}"
        return _not_killed(text, command.account, code=ExitCode.CANNOT)
    if rejection:
        return _not_killed(
            f"{reply.text}; {rejection}: nothing changed", command.account, code=ExitCode.NO
        )
    if not queued:
        text = f"risk is running but did not answer: {reply.text}"
        return _not_killed(text, command.account, code=ExitCode.NO)
    print_line(
        f"risk is not running ({reply.text}): the kill is queued and applied first at its next"
        " start"
    )
    # Nothing enters while risk is down, so a plain kill is done. What is open stays open; and what
    # listens in the place of risk is for somebody to look at.
    text = f"no running desk has confirmed it, and what account {command.account} holds stays open"
    sure = not (command.flatten or reply.listens)
    return _not_killed(text, command.account, code=ExitCode.DONE if sure else ExitCode.NO)


def _queue_beside(config: Path, address: DeskAddress, command: Kill) -> str:
    # Another desk has the port of the own one, which then does not run: the kill is kept for it.
    try:
        if _rejection(config, command, address.desk):
            return ""
        if queue(address, command):
            return "; this folder's own risk is not running: queued for its next start"
    except SystemFaultError as error:
        return f"; it cannot be queued for this folder's own desk: {error}"
    return "; this folder's own risk is running, and does not answer on this port"


def tighten(config: Path, *, key: str, value: str) -> int:
    """Tighten one limit until the trade date ends; risk must be running."""
    address = read_address(config)
    desk = address.desk
    command = Tighten(
        operator=operator_name(),
        key=one_line(key),
        value=one_line(value),
        at_ns=UnixNanos(time.time_ns()),
        run=desk.run,
        account=desk.account,
        config_hash=desk.config_hash,
    )
    return _send(address, command)


def resume(config: Path, *, reason: str, strategy: str = "", confirmed: bool = False) -> int:
    """Send the resume once it is confirmed; risk must be running."""
    address = read_address(config)
    desk = address.desk
    what = strategy or "every strategy"
    if not confirmed and not _confirm(f"allow {what} to trade on account {desk.account} again?"):
        print_line("nothing changed: a resume needs confirmation, here or with --yes")
        return ExitCode.NO
    command = Resume(
        operator=operator_name(),
        reason=one_line(reason),
        at_ns=UnixNanos(time.time_ns()),
        strategy=one_line(strategy),
        run=desk.run,
        account=desk.account,
        config_hash=desk.config_hash,
    )
    return _send(address, command)


def operator_name() -> str:
    """Name of the user who runs the command."""
    # A container may run as a user without a name: a kill must be sent all the same.
    try:
        return one_line(getpass.getuser())
    except (KeyError, OSError, ImportError):
        return "unnamed"


def _rejection(config: Path, command: Kill, own: DeskIdentity) -> str:
    # What risk would answer; queued, a kill that means nothing would look like one that works.
    if command.account != own.account:
        return f"account is {command.account}, this desk trades {own.account}"
    if command.run != own.run:
        return f"run is {command.run}, this folder is {own}"
    if not command.strategy:
        return ""
    from services.runtime.config import ConfigFolder

    slots = ConfigFolder(config, command.at_ns).manifest().slots
    names = sorted(slot.name for slot in slots)
    if command.strategy in names:
        return ""
    return f"strategy {command.strategy} is not enabled, expected one of {', '.join(names)}"


def _confirm(question: str) -> bool:
    # Without a terminal the answer is no.
    shown = f"{printable(question)} [yes/no] "
    try:
        return sys.stdin.isatty() and input(shown).strip().lower() == "yes"
    except EOFError:
        return False


def _send(address: DeskAddress, command: Resume | Tighten) -> int:
    if address.fault:
        print_line(address.fault)
    desk = address.desk
    reply = send(address, command)
    if isinstance(reply, Unanswered):
        known = "`pitwire status` shows whether it took effect" if reply.listens else ""
        print_line(f"NOT confirmed: {reply.text}: {known or 'nothing changed'}")
        return ExitCode.NO
    if other := another_desk(reply, desk, desk):
        changed = "" if reply.accepted else ": nothing changed"
        print_line(f"NOT confirmed: {other}{changed}")
        return ExitCode.NO
    return _print_reply(reply, desk)


def _print_reply(reply: ControlAck, own: DeskIdentity) -> int:
    print_line(f"risk: {reply.text}")
    print_line(f"desk: {desk_text(reply, own)}")
    return ExitCode.DONE if reply.accepted else ExitCode.NO


def _not_killed(text: str, account: str, *, code: int) -> int:
    where = f" of account {account}" if account else ""
    print_line(
        f"NOT confirmed: {text}\n"
        f"what to do: in NinjaTrader cancel the orders and close the positions{where} by hand"
    )
    return code
