"""pitwire.strategies holds what a strategy needs, however it is installed; its page names all."""

import ast
import inspect
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from docs.tools import strategy_reference
from pitwire import strategies

ROOT = Path(__file__).resolve().parents[2]
FACE = Path(strategies.__file__)
IMPORTED = """
import sys
import pitwire.risk.v1.risk_pb2 as generated
import pitwire.strategies as face
import services.strategies.catalog.edge_fade as shipped
print(face.__file__, generated.__file__, shipped.__file__, sep="\\n")
"""


def test_it_defines_nothing_and_exports_what_it_imports() -> None:
    """A docstring, imports and the list of names: each name is defined where it always was."""
    docstring, *body = ast.parse(inspect.getsource(strategies)).body
    assert isinstance(docstring, ast.Expr)
    *imports, listed = body
    assert isinstance(listed, ast.Assign)
    names = [alias for node in imports if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert len(names) == len(set(strategies.__all__)) == len(strategies.__all__)
    assert {alias.name for alias in names if alias.asname is None} == set(strategies.__all__)


def test_every_type_an_author_meets_has_its_name_there() -> None:
    """What annotations of the reading, a position, an answer and the context lead to."""
    assert not list(strategy_reference.unnamed())


def test_every_field_an_author_meets_says_what_it_is() -> None:
    """With its unit, and when it is None: in its docstring, so in the page and in an editor."""
    assert not list(strategy_reference.lacking())


def test_the_reference_page_is_made_from_the_code() -> None:
    """Else run `python docs/tools/strategy_reference.py` and read the diff."""
    written = strategy_reference.PAGE.read_text(encoding="utf-8")
    assert written == strategy_reference.page(written)


def test_an_editable_install_finds_both_parts_of_the_namespace() -> None:
    """One package name, two folders: neither has an __init__.py, which would hide the other."""
    folders = [FACE.parent, ROOT / "proto" / "gen" / "python" / "pitwire"]
    assert FACE.parent == ROOT / "pitwire"
    assert not [folder for folder in folders if (folder / "__init__.py").exists()]


@pytest.mark.integration
def test_a_wheel_holds_both_parts_of_the_namespace(tmp_path: Path) -> None:
    """Built as a release is, imported from itself and not from this checkout."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    found = subprocess.run(
        [sys.executable, "-c", IMPORTED],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        timeout=60,
        text=True,
    )
    files = found.stdout.splitlines()
    assert len(files) == 3
    assert all(file.startswith(str(installed)) for file in files)
