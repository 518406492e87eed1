"""The key of risk's approvals: made once per run, on disk, for the services' user alone."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from services.domain.errors import ConfigError

FILE: Final = "approval.key"
"""In the run's folder, beside the journals."""
_BYTES: Final = 32
"""As long as the digest it keys (SHA-256)."""
_IN_MEMORY: Final = bytes(_BYTES)
"""Of a desk without journals: nothing of it leaves its process."""


def approval_key(run_folder: Path | None) -> bytes:
    """The key of a run, made where there is none; None: a desk that keeps nothing.

    Raises: ConfigError where the file is not a key of this run's services.
    """
    if run_folder is None:
        return _IN_MEMORY
    path = run_folder / FILE
    if not path.exists():
        _make(path)
    key = path.read_bytes()
    if len(key) != _BYTES:
        raise ConfigError(f"{path} has {len(key)} bytes, expected {_BYTES}: begin a new run")
    return key


def _make(path: Path) -> None:
    # Whole under its name or not there: several services of a run start at once.
    made = path.with_name(f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        made.unlink()
