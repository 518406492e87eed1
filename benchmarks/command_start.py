"""What a command costs: processor seconds beside a Python that does nothing, in the same run.

Nobody answers: a kill is on the wire and has waited, which costs nothing, when it ends.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from services.launch.private_desk import write_private_folder
from services.synthetic.market import CONTRACTS

_NOTHING: Final = ("-c", "pass")
_GOALS: Final = {
    ("kill", "--help"): 0.35,
    ("kill",): 0.35,
    ("status",): 0.5,
}
"""Processor seconds more than a Python that does nothing, by command."""


class CommandStart(msgspec.Struct, frozen=True):
    """One command, measured in turns with nothing."""

    command: str
    spent_s: float
    """Median of user and system time."""
    bare_s: float
    """The same of a Python that does nothing."""
    goal_s: float

    @property
    def more_s(self) -> float:
        """What it costs more than nothing."""
        return self.spent_s - self.bare_s


def command_starts(folder: Path, count: int) -> list[CommandStart]:
    """Run every command that has a goal so many times, each beside a bare Python."""
    config = Path(__file__).resolve().parents[1] / "config"
    write_private_folder(config, folder / "config", run="bench", data_contracts=CONTRACTS)
    found = []
    for command, goal_s in _GOALS.items():
        ours = ("-m", "services.cli", *command, "--config", "config")
        pairs = []
        for _ in range(count):
            pairs.append((_spent_s(folder, ours), _spent_s(folder, _NOTHING)))
            shutil.rmtree(folder / "journal", ignore_errors=True)
        spent, bare = (median(column) for column in zip(*pairs, strict=True))
        found.append(CommandStart(" ".join(command), spent, bare, goal_s))
    return found


def _spent_s(folder: Path, arguments: Sequence[str]) -> float:
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def show_command_starts(console: Console, starts: Sequence[CommandStart]) -> None:
    """Print them beside their goals."""
    table = Table(title="processor time of a command to its end, desk down")
    table.add_column("command")
    for heading in ("seconds", "bare Python", "more", "goal"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for start in starts:
        numbers = (start.spent_s, start.bare_s, start.more_s, start.goal_s)
        met = start.more_s <= start.goal_s
        table.add_row(
            f"pitwire {start.command}",
            *(f"{number:.3f}" for number in numbers),
            "met" if met else "missed",
        )
    console.print(table)
