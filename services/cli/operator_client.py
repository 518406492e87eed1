"""An operator's command on its way to risk: on disk, sent, acknowledged by the desk it is for.

Rule: only an acknowledgement of the desk that was meant counts. Everything else is reported: nobody
there, another program, an answer that is none, another desk.
"""

import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from services.cli.desk_address import DeskAddress
from services.domain.desk_identity import DeskIdentity
from services.domain.errors import ConfigError, SystemFaultError
from services.domain.messages.control import ControlAck, Kill, PreflightResult
from services.runtime.journal_files import OPERATOR_EDGE, journal_folder
from services.runtime.operator_edge import OperatorCommand, send_command
from services.runtime.queued_commands import queue_command

_WAIT_S: Final = 3.0
_PROBE_S: Final = 0.5


class Unanswered(msgspec.Struct, frozen=True):
    """A command that no desk has acknowledged."""

    text: str
    """Why not, by whom."""
    listens: bool
    """Something takes connections there, and may have taken the command."""


def send(address: DeskAddress, command: OperatorCommand) -> ControlAck | Unanswered:
    """Send a command to the desk's risk service.

    To the address of desk.toml; where the desk that is meant does not answer there, to the one at
    which its risk service has listened since its start: desk.toml may have been edited.

    Raises: ConfigError for an address that is none.
    """
    reply: ControlAck | Unanswered | ConfigError
    try:
        reply = _send_to(address.risk_edge, command)
    except ConfigError as error:
        reply = error
    noted = "" if _is_meant(reply, command) else _noted_edge(address, command)
    if noted not in ("", address.risk_edge):
        with suppress(ConfigError):
            other = _send_to(noted, command)
            if _is_meant(other, command):
                return other
    if isinstance(reply, ConfigError):
        raise reply
    return reply


def _is_meant(reply: object, command: OperatorCommand) -> bool:
    names = (command.run, command.account)
    return isinstance(reply, ControlAck) and (reply.run, reply.account) == names


def _noted_edge(address: DeskAddress, command: OperatorCommand) -> str:
    try:
        return (_journal(address, command) / OPERATOR_EDGE).read_text("utf-8").strip()
    except (ConfigError, OSError, UnicodeDecodeError):
        return ""


def _journal(address: DeskAddress, command: OperatorCommand) -> Path:
    if not address.data_dir:
        raise ConfigError("data_dir cannot be read from desk.toml")
    return journal_folder(address.data_dir, command.run, "risk")


def _send_to(edge: str, command: OperatorCommand) -> ControlAck | Unanswered:
    if not edge:
        raise ConfigError("endpoints.risk.edge cannot be read from desk.toml")
    try:
        reply = send_command(edge, command, _WAIT_S)
    except ConfigError:
        raise
    except SystemFaultError as error:
        text = f"what answers at {edge} is not risk of this build: {error}"
        return Unanswered(text, listens=True)
    if reply is not None:
        return reply
    if _listens(edge):
        text = f"what listens at {edge} has not answered as risk within {_WAIT_S:g} s"
        return Unanswered(text, listens=True)
    return Unanswered(f"nothing listens at {edge}", listens=False)


def queue(address: DeskAddress, command: Kill | PreflightResult) -> Path:
    """Write a command where risk reads it, at its start and while it runs; gives the file.

    Raises: StorageError when it cannot be written, ConfigError when its folder is not known.
    """
    return queue_command(_journal(address, command).parent, command)


def is_running(address: DeskAddress, command: Kill | PreflightResult) -> bool:
    """Whether a process holds the journal of the desk's risk service."""
    # Only without an answer: it costs a kill nothing.
    from services.runtime.folder_lock import is_held

    return is_held(_journal(address, command))


def another_desk(reply: ControlAck, own: DeskIdentity, meant: DeskIdentity) -> str:
    """Which other desk has answered, in a sentence; empty: the one that was meant.

    `own`: of the folder; `meant`: of the command.
    """
    if not (reply.run and reply.account):
        who = "the desk on this port does not name itself (an older build)"
        return f"{who}; it answered: {reply.text}"
    desk = DeskIdentity(reply.run, reply.account)
    if desk.is_same_desk(meant):
        return ""
    folder = "" if own.is_same_desk(meant) else f", this folder is {own}"
    return f"the desk on this port is {desk}; the command is for {meant}{folder}"


def desk_text(reply: ControlAck, own: DeskIdentity) -> str:
    """Whose desk has answered, and whether its configuration is another than the folder's."""
    desk = DeskIdentity(reply.run, reply.account, reply.config_hash)
    text = f"{desk}, configuration {reply.config_hash}"
    if not desk.has_other_files(own):
        return text
    return (
        f"{text}; the files of this folder are {own.config_hash[:10]}: changed since that desk"
        " started, or another folder of the same run"
    )


def _listens(edge: str) -> bool:
    host, _, port = edge.removeprefix("tcp://").rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_PROBE_S):
            return True
    except (OSError, ValueError, OverflowError):
        return False
