"""Make every mutant of the list in a copy of the tree and see the tests fail: `make mutants`.

Run once per release. A mutant that no named test notices is a claim nobody checks: it is printed
as SURVIVED, and wants a test. Exit 1 when one survives, is stale, or ends pytest otherwise.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console

from tests.mutants.mutant import Mutant, mutants
from tests.support.tidy import ROOT

_COPIED: Final = ("services", "pitwire", "tests", "config", "proto", "examples", "benchmarks")
_SECONDS_MAX: Final = 300
"""A mutant that hangs its tests is noticed too."""
_NOTICED: Final = "killed"


def main() -> int:
    """Run the list; give the exit code."""
    console, rows = Console(), mutants()
    stale = [flaw for mutant in rows if (flaw := mutant.flaw(ROOT))]
    for flaw in stale:
        console.print(f"stale: {flaw}", markup=False, soft_wrap=True)
    if stale:
        return 1
    with tempfile.TemporaryDirectory(prefix="pitwire-mutants-") as temporary:
        tree = Path(temporary) / "tree"
        _copy(tree)
        # Tests that fail anyway would kill everything.
        sound = _verdict(tree, tuple(sorted({test for row in rows for test in row.tests})))
        if sound != "SURVIVED":
            console.print(f"without a mutant the tests named should pass, they were {sound}")
            return 1
        return _run(console, tree, rows)


def _run(console: Console, tree: Path, rows: tuple[Mutant, ...]) -> int:
    verdicts = []
    console.print(f"{'verdict':9} seconds  file: what the desk would do wrong")
    for row in rows:
        begun = time.monotonic()
        sound = row.apply(tree)
        verdicts.append(_verdict(tree, row.tests))
        (tree / row.file).write_text(sound, encoding="utf-8")
        seconds = time.monotonic() - begun
        line = f"{verdicts[-1]:9} {seconds:7.1f}  {row.file}: {row.about}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    killed = verdicts.count(_NOTICED)
    console.print(f"{killed} of {len(rows)} mutants killed")
    return 0 if killed == len(rows) else 1


def _copy(tree: Path) -> None:
    unwanted = shutil.ignore_patterns("__pycache__", ".*")
    for folder in _COPIED:
        shutil.copytree(ROOT / folder, tree / folder, ignore=unwanted)
    shutil.copy(ROOT / "pyproject.toml", tree)


def _verdict(tree: Path, tests: tuple[str, ...]) -> str:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    # The copy before the installed tree; bytecode of one mutant must not serve the next.
    roots = os.pathsep.join((str(tree), str(tree / "proto/gen/python")))
    env = {**os.environ, "PYTHONPATH": roots, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(
            command, cwd=tree, env=env, capture_output=True, check=False, timeout=_SECONDS_MAX
        )
    except subprocess.TimeoutExpired:
        return _NOTICED
    match ended.returncode:
        case pytest.ExitCode.OK:
            return "SURVIVED"
        case pytest.ExitCode.TESTS_FAILED:
            return _NOTICED
        case code:
            return f"pytest ended with {code}"


if __name__ == "__main__":
    sys.exit(main())
