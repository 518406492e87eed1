"""What each command loads before it is done: counted in modules, so that no machine is too slow.

A kill that waits for the charts to load is a kill that comes late.
"""

import json
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
_BIG: Final = frozenset(
    {"backtest", "composition", "nt_twin", "review", "synthetic", "strategies", "state", "risk"}
)


def _loaded(folder: Path, *arguments: str) -> frozenset[str]:
    """Run a command in a process of its own; gives the names of every module it loaded."""
    shutil.copytree(ROOT / "config", folder / "config")
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments],
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
        (("--help",), 10, _FOREIGN | _BIG | {"zmq", "google", "sqlite3"}),
        (("kill",), 45, _FOREIGN | _BIG | {"doctor"}),
        (("resume", "--reason", "checked", "--yes"), 45, _FOREIGN | _BIG | {"doctor"}),
        (("limits", "tighten", "trades_per_day", "1"), 45, _FOREIGN | _BIG | {"doctor"}),
        (("status",), 40, _FOREIGN | _BIG | {"zmq", "google", "sqlite3"}),
        (("explain", "2026-03-03"), 65, _FOREIGN | (_BIG - {"review"}) | {"doctor", "launch"}),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_a_command_loads_what_it_needs(
    tmp_path: Path, command: tuple[str, ...], most: int, unwanted: frozenset[str]
) -> None:
    """None of the big packages, and of our own modules no more than so many."""
    modules = _loaded(tmp_path, *command)
    found = _packages(modules) & unwanted
    assert not found
    ours = sorted(name for name in modules if name.startswith("services."))
    assert len(ours) <= most, f"{len(ours)} modules of ours: {', '.join(ours)}"
