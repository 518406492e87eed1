"""`python -m services.nt_twin kill` and `resume`: for an operator at the client itself.

They need no desk, no network and no running client: they write the client's own switch, which a
client obeys within half a second, and one that starts before anything else. Exit 0: done; 1: not
confirmed; 2: it could not be written.
"""

import sys
import time
from pathlib import Path
from typing import Annotated, Final, NoReturn

import msgspec
import typer

from services.domain.errors import SystemFaultError
from services.domain.printable import one_line, printable
from services.domain.units import UnixNanos
from services.nt_twin.memory.client_folder import ClientFolder
from services.nt_twin.memory.trading_switch import SwitchState
from services.runtime.operator_name import operator_name
from services.runtime.storage import os_error_text
from services.runtime.streams import print_line

_CONFIG = typer.Argument(metavar="CONFIG_FOLDER", help="The folder the desk runs on.")
_NOT_KILLED: Final = "NOT killed, close the positions at the broker by hand"
_CLIENT = typer.Option(help="Client name sent to the desk.")


class _DataDir(msgspec.Struct, frozen=True):
    # All that is read of desk.toml.
    data_dir: str


def kill(
    config: Annotated[Path, _CONFIG],
    *,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "by hand",
    client: Annotated[str, _CLIENT] = "twin",
) -> None:
    """Kill the client: entries are refused, what works is cancelled, what is held is closed."""
    folder = _folder(config, client, _NOT_KILLED)
    state = SwitchState(
        killed=True,
        by=operator_name(),
        reason=one_line(reason),
        at_ns=UnixNanos(time.time_ns()),
    )
    try:
        folder.switch().set(state)
    except SystemFaultError as error:
        _fail(f"{_NOT_KILLED}: {error}")
    runs = "it runs, and closes what it holds now"
    waits = "it does not run: what it holds stays until it starts, close it at the broker"
    print_line(f"client {client} is killed by {state.by}: {state.reason}")
    print_line(runs if folder.is_running else waits)


def resume(
    config: Annotated[Path, _CONFIG],
    *,
    client: Annotated[str, _CLIENT] = "twin",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Lift the client's kill, or turn its entries on again."""
    folder = _folder(config, client, "nothing changed")
    switch = folder.switch()
    if not switch.refusal:
        print_line(f"client {client} is neither killed nor switched off: nothing changed")
        return
    print_line(switch.refusal)
    if not yes and not _confirmed(f"let client {client} take entries again?"):
        print_line("nothing changed: a resume needs confirmation, here or with --yes")
        raise typer.Exit(1)
    try:
        switch.lift()
    except SystemFaultError as error:
        _fail(f"nothing changed: {error}")
    print_line(
        f"client {client} takes entries again; a desk that halted with it stays halted until"
        " `pitwire resume`"
    )


def _folder(config: Path, client: str, undone: str) -> ClientFolder:
    # The rest of the file may be wrong: a kill must not wait for somebody to mend it.
    try:
        desk = msgspec.toml.decode((config / "desk.toml").read_bytes(), type=_DataDir)
        return ClientFolder(str((config / desk.data_dir).resolve()), client)
    except (SystemFaultError, msgspec.MsgspecError) as error:
        _fail(f"{undone}: {config / 'desk.toml'}: {error}")
    except OSError as error:
        _fail(f"{undone}: {os_error_text(error)}")


def _fail(text: str) -> NoReturn:
    print_line(f"nt_twin: {text}", err=True)
    raise typer.Exit(2)


def _confirmed(question: str) -> bool:
    # Without a terminal the answer is no.
    try:
        return sys.stdin.isatty() and input(f"{printable(question)} [yes/no] ").strip() == "yes"
    except EOFError:
        return False
