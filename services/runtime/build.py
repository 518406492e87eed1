"""The build: which code a service runs, so that services of two builds never trade together.

One hash for all, over the source text of what any service imports: the packages of the rows of
domain/services.py, `domain` and `runtime` below them (the import rule lets a service see no
other), and `pitwire`, the generated wire code. Every service reads the same files, whatever of
them it has imported itself, so the hashes differ only where the code does. Charts, exports, the
command line, the stand-in client and documents are not in it: they change no decision.
Strategies of one's own are not either: their version and parameters are in every candidate's id.
"""

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from services.domain.services import SERVICES

VERSION: Final = "0.1.0"
PACKAGES: Final = ("services.domain", "services.runtime", *(row.package for row in SERVICES))
"""Of which every source file counts."""
_WIRE: Final = "pitwire"


@cache
def build() -> str:
    """Version and twelve hexadecimal digits over names and contents of the source files.

    Source: spec P01, F71: every process shows the same build hash.
    """
    return f"{VERSION}+{source_hash({name: _folders(name) for name in (*PACKAGES, _WIRE)})}"


def source_hash(packages: dict[str, list[Path]]) -> str:
    """Hash the Python files of packages, each with the folders that hold it."""
    # By name and place within the package: the same wherever it is installed.
    files = (
        (f"{package}/{path.relative_to(folder).as_posix()}", path)
        for package, folders in packages.items()
        for folder in folders
        for path in folder.rglob("*.py")
    )
    digest = hashlib.sha256()
    for name, path in sorted(files):
        digest.update(name.encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _folders(package: str) -> list[Path]:
    spec = find_spec(package)
    assert spec is not None, f"{package} is not installed"
    # A namespace lists a folder once per entry of sys.path that leads to it: "" and the checkout.
    found = (Path(folder).resolve() for folder in spec.submodule_search_locations or ())
    return list(dict.fromkeys(found))
