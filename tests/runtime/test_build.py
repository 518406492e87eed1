"""The build hash: one for every service, over what services import and nothing else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from services.domain.services import SERVICES
from services.runtime.build import PACKAGES, build, source_hash

ROOT = Path(__file__).resolve().parents[2]
_IMPORTS = """
import sys
import services.runtime.service
import {package}.shell
from services.runtime.build import build
print(build(), *(name for name in sys.modules if name.startswith("services.")))
"""


def _hash(root: Path) -> str:
    return source_hash({name: [root.joinpath(*name.split("."))] for name in PACKAGES})


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("services/risk/gate.py", True),
        ("services/domain/units.py", True),
        ("services/strategies/catalog/edge_fade.py", True),
        ("services/review/chart/page.py", False),
        ("services/cli/status.py", False),
        ("services/nt_twin/client.py", False),
        ("docs/architecture.md", False),
    ],
)
def test_a_comment_counts_where_services_import_it(
    tmp_path: Path, path: str, *, counts: bool
) -> None:
    """The copy of a tree has its hash; one line more has another, or the same."""
    shutil.copytree(ROOT / "services", tmp_path / "services")
    before = _hash(tmp_path)
    assert before == _hash(ROOT)
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lines:
        lines.write("# a comment\n")
    assert (_hash(tmp_path) != before) == counts


def test_a_moved_file_counts(tmp_path: Path) -> None:
    """Names are in it: the same text elsewhere is another program."""
    shutil.copytree(ROOT / "services" / "state", tmp_path / "services" / "state")
    packages = {"services.state": [tmp_path / "services" / "state"]}
    before = source_hash(packages)
    (tmp_path / "services/state/hours.py").rename(tmp_path / "services/state/times.py")
    assert source_hash(packages) != before


@pytest.mark.integration
@pytest.mark.parametrize("package", [row.package for row in SERVICES])
def test_every_service_shows_the_same_over_all_that_it_imports(package: str) -> None:
    """Asked in a process of its own; what it has imported lies in what is hashed."""
    code = _IMPORTS.format(package=package)
    printed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    shown, *modules = printed.stdout.split()
    assert shown == build()
    assert [name for name in modules if not f"{name}.".startswith(tuple(map(_dot, PACKAGES)))] == []


def _dot(package: str) -> str:
    return f"{package}."


@pytest.mark.integration
def test_the_way_to_the_code_does_not_count(tmp_path: Path) -> None:
    """A process that finds the checkout by its folder and one that finds it by path are equal."""
    program = "from services.runtime.build import build; print(build())"
    shown = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=cwd,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for cwd, paths in (
            (ROOT, ()),
            (tmp_path, (str(ROOT), str(ROOT / "proto/gen/python"))),
        )
    ]
    assert shown[0] == shown[1]
