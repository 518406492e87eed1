"""Whether a folder can be written into, asked before the work that would fill it."""

import tempfile
from pathlib import Path

from services.domain.errors import ConfigError


def make_writable(path: Path, what: str) -> None:
    """Make a folder and write into it once.

    Raises: ConfigError naming what it is for, the path and the cause.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except FileExistsError as error:
        raise ConfigError(f"{what} {path} is a file, expected a folder") from error
    except OSError as error:
        raise ConfigError(f"{what} {path} cannot be written: {error.strerror}") from error
