"""A disk of a few hundred kilobytes, to be filled: a tmpfs of the test's own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

_WASTE: Final = "waste"


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """Mount it; whoever may not mount, or has no tmpfs, skips the test."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"a full disk needs a tmpfs: {error}")
    if done.returncode:
        pytest.skip(f"a full disk needs a tmpfs: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)  # noqa: S607


def fill_up(folder: Path) -> None:
    """Write until nothing more can be written."""
    with (folder / _WASTE).open("ab", buffering=0) as waste:
        for size in (65_536, 4_096, 1):
            try:
                while waste.write(b"\0" * size):
                    pass
            except OSError:
                continue


def make_room(folder: Path) -> None:
    """Give back what was filled up."""
    (folder / _WASTE).unlink()
