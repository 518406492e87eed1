"""An operator's command on its way: sent to the risk service that runs, or queued for its start."""

import getpass
from typing import Final

from services.domain.manifest import Manifest
from services.domain.messages.control import ControlAck, Kill, PreflightResult
from services.runtime.journal_files import journal_folder
from services.runtime.operator_edge import OperatorCommand, send_command

_WAIT_S: Final = 3.0


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
