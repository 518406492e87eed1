"""The committed generated code is what `make gen` makes."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "proto" / "gen" / "python"


def _contents(folder: Path) -> dict[str, bytes]:
    # Interpreters leave __pycache__ beside what they import.
    files = [path for path in folder.rglob("*_pb2.py*") if path.suffix in {".py", ".pyi"}]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.integration
def test_generated_code_is_reproduced(tmp_path: Path) -> None:
    """Running the generator anew gives the committed files, byte for byte, no more and no fewer."""
    command = [sys.executable, str(ROOT / "proto" / "gen.py"), str(tmp_path)]
    subprocess.run(command, check=True, timeout=60)
    assert _contents(tmp_path) == _contents(COMMITTED)
