"""What each command loads before it is done: counted in modules, so that no machine is too slow.

A kill that waits for the charts to load is a kill that comes late.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.tidy import ROOT

pytestmark = pytest.mark.integration

_RUN: Final = """
import json, sys
from services.cli.__main__ import app
try:
    app(sys.argv[1:])
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)))
"""
_NUMERIC: Final = frozenset({"numpy", "pandas", "pandas_market_calendars"})
_SERVERS: Final = frozenset({"grpc", "prometheus_client", "structlog", "asyncio"})
_FOREIGN: Final = _NUMERIC | _SERVERS
_SLOW: Final = frozenset({"rich", "sqlite3", "pydantic", "http", "email", "ssl", "filelock"})
"""What costs as much as a whole kill, or half of it."""
_BIG: Final = frozenset(
    {"backtest", "composition", "nt_twin", "review", "synthetic", "strategies", "state", "risk"}
)


def _loaded(folder: Path, program: str, *arguments: str) -> frozenset[str]:
    """Run a command in a process of its own; gives the names of every module it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


def _packages(modules: frozenset[str]) -> frozenset[str]:
    """Foreign packages by their top name, ours by the folder below services with a module in it."""
    parts = [name.split(".") for name in modules if name.startswith("services.")]
    ours = frozenset(part[1] for part in parts if len(part) > 2)
    return ours | {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    ("command", "most", "unwanted"),
    [
        (("--help",), 12, _FOREIGN | _BIG | _SLOW | {"zmq", "google", "msgspec"}),
        (("kill", "--help"), 12, _FOREIGN | _BIG | _SLOW | {"zmq", "google", "msgspec"}),
        (("kill", "--account", "Other"), 45, _FOREIGN | _BIG | _SLOW | {"doctor", "launch"}),
        (("resume", "--reason", "checked", "--yes"), 45, _FOREIGN | _BIG | {"doctor"}),
        (("limits", "tighten", "trades_per_day", "1"), 45, _FOREIGN | _BIG | {"doctor"}),
        (("status",), 50, _FOREIGN | _BIG | {"zmq", "google", "sqlite3", "pydantic"}),
        (("explain", "2026-03-03"), 76, _FOREIGN | (_BIG - {"review"}) | {"doctor"}),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_a_command_loads_what_it_needs(
    tmp_path: Path, command: tuple[str, ...], most: int, unwanted: frozenset[str]
) -> None:
    """None of the big packages, and of our own modules no more than so many."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    modules = _loaded(tmp_path, _RUN, *command)
    found = _packages(modules) & unwanted
    assert not found
    ours = sorted(name for name in modules if name.startswith("services."))
    assert len(ours) <= most, f"{len(ours)} modules of ours: {', '.join(ours)}"


_SEND: Final = """
import json, sys
from services.domain.messages.control import Kill
from services.runtime import operator_edge
kill = Kill(operator="anna", reason="enough", flatten=True, at_ns=1)
assert operator_edge.send_command("tcp://127.0.0.1:1", kill, 0.0) is None
print(json.dumps(sorted(name for name in sys.modules if name.endswith("_pb2"))))
"""


def test_a_command_on_the_wire_pairs_its_own_messages(tmp_path: Path) -> None:
    """Of the generated code, what the message is made of: no bars, no orders."""
    assert _loaded(tmp_path, _SEND) == {"pitwire.control.v1.control_pb2"}


def test_the_list_of_commands_is_whole() -> None:
    """On a terminal of eighty columns no command's sentence is cut."""
    found = subprocess.run(
        [sys.executable, "-m", "services.cli", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "80"},
    ).stdout
    assert "kill" in found
    assert "..." not in found.partition("Commands:")[2]
