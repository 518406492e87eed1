"""`pitwire kill`, `resume`, `limits tighten`: commands that risk journals before it acknowledges.

Rule 1: a command names the desk it is for, run and account of the folder. Whatever is not
        acknowledged by that desk is NOT confirmed, with the reason and, for a kill, with what is
        left to do in NinjaTrader.
Rule 2: exit code 0 when it is done, 1 when a desk has refused or risk does not answer, 2 when the
        command could not be sent at all.
Rule 3: a kill is on disk before it is asked for: risk obeys it there, as soon as it turns or at its
        next start, whatever becomes of the question. The file goes with the acknowledgement; what
        came both ways is obeyed once. A kill that waits closes nothing: asked for `--flatten`, it
        is not done. What `pitwire doctor` found waits in the same place.
"""

import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from services.cli.desk_address import DeskAddress, read_address
from services.cli.exit_code import ExitCode
from services.cli.operator_client import (
    Unanswered,
    another_desk,
    desk_text,
    is_running,
    queue,
    send,
)
from services.domain.desk_identity import DeskIdentity
from services.domain.errors import ConfigError, SystemFaultError
from services.domain.messages.control import ControlAck, Kill, Resume, Tighten
from services.domain.printable import one_line, printable
from services.domain.units import UnixNanos
from services.runtime.operator_name import operator_name
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
    kept = _keep(address, command)
    try:
        reply = send(address, command)
    except ConfigError as error:
        return _not_killed(
            f"{error}{_kept_text(address, command, kept)}", meant.account, code=ExitCode.CANNOT
        )
    if isinstance(reply, Unanswered):
        return _not_answered(config, address, command, reply, kept)
    if other := another_desk(reply, address.desk, meant):
        return _not_killed(
            f"{other}{_kept_text(address, command, kept)}", meant.account, code=ExitCode.NO
        )
    kept.remove()
    return _print_reply(reply, address.desk)


class _Kept(msgspec.Struct, frozen=True):
    # A kill on disk, of this folder's desk; of another desk nothing is written here.
    path: Path | None = None
    fault: str = ""

    def remove(self) -> None:
        # Risk has it on record, or removes it itself.
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)


def _keep(address: DeskAddress, command: Kill) -> _Kept:
    if _not_of(address.desk, command) or not address.data_dir:
        return _Kept()
    try:
        return _Kept(queue(address, command))
    except SystemFaultError as error:
        return _Kept(fault=str(error))


def _kept_text(address: DeskAddress, command: Kill, kept: _Kept) -> str:
    # What becomes of a kill that the own desk has not acknowledged.
    if kept.fault:
        return f"; it cannot be queued for this folder's own desk: {kept.fault}"
    if kept.path is None:
        return ""
    if is_running(address, command):
        return "; this folder's own risk is running, and obeys it on disk as soon as it turns"
    return "; this folder's own risk is not running: queued for its next start"


def _not_answered(
    config: Path, address: DeskAddress, command: Kill, reply: Unanswered, kept: _Kept
) -> int:
    try:
        rejection = _rejection(config, command, address.desk)
    except SystemFaultError as error:
        why = f"whether risk accepts it cannot be checked: {error}"
        text = f"{reply.text}; {why}{_kept_text(address, command, kept)}"
        return _not_killed(text, command.account, code=ExitCode.CANNOT)
    if rejection:
        kept.remove()
        text = f"{reply.text}; {rejection}: nothing changed"
        return _not_killed(text, command.account, code=ExitCode.NO)
    if kept.path is None:
        why = kept.fault or "data_dir cannot be read from desk.toml"
        text = f"{reply.text}; the kill cannot be queued: {why}"
        return _not_killed(text, command.account, code=ExitCode.CANNOT)
    if is_running(address, command):
        text = (
            f"risk is running but did not answer: {reply.text}; the kill is on disk, and risk obeys"
            " it as soon as it turns, at the latest at its next start"
        )
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


def _rejection(config: Path, command: Kill, own: DeskIdentity) -> str:
    # What risk would answer; queued, a kill that means nothing would look like one that works.
    if (other := _not_of(own, command)) or not command.strategy:
        return other
    from services.runtime.config import ConfigFolder

    slots = ConfigFolder(config, command.at_ns).manifest().slots
    names = sorted(slot.name for slot in slots)
    if command.strategy in names:
        return ""
    return f"strategy {command.strategy} is not enabled, expected one of {', '.join(names)}"


def _not_of(own: DeskIdentity, command: Kill) -> str:
    if command.account != own.account:
        return f"account is {command.account}, this desk trades {own.account}"
    return "" if command.run == own.run else f"run is {command.run}, this folder is {own}"


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
