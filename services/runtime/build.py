"""The build: which code this process runs, so that services of two builds never trade together."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

VERSION: Final = "0.1.0"
_SERVICES: Final = Path(__file__).resolve().parents[1]


@cache
def build() -> str:
    """Version and twelve hexadecimal digits over names and contents of every source file.

    Source: spec P01, F71: every process shows the same build hash.
    """
    digest = hashlib.sha256()
    for path in sorted(_SERVICES.rglob("*.py")):
        digest.update(path.relative_to(_SERVICES).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return f"{VERSION}+{digest.hexdigest()[:12]}"
