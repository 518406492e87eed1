"""Where a desk's risk service listens and whose desk it is: what an operator's command needs.

Read from `desk.toml` alone, without a check of the rest of the folder.
Rule: who has broken a file must still be able to stop the own desk. A desk.toml that does not parse
is read line by line for just these keys, which is printed. A key that is missing, or written twice
with two values, is not guessed: without run or account it is an error that names it, without the
address risk is looked for where it has listened since its start.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from services.domain.desk_identity import DeskIdentity, files_hash
from services.domain.errors import ConfigError

_FILE: Final = "desk.toml"
_KEYS: Final = (("run",), ("account",), ("data_dir",), ("endpoints", "risk", "edge"))
_TABLE: Final = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?$")
_ANY_TABLE: Final = re.compile(r"\s*\[")


class DeskAddress(msgspec.Struct, frozen=True, kw_only=True):
    """The desk that a configuration folder describes, as far as a command needs it."""

    desk: DeskIdentity
    risk_edge: str
    """Where risk takes operators' commands, `tcp://127.0.0.1:5804`; empty: it cannot be read."""
    data_dir: str
    """Journals lie in `<data_dir>/<run>/<service>/`; empty: it cannot be read."""
    fault: str = ""
    """Why desk.toml was read line by line; empty: it parses."""


def read_address(folder: Path) -> DeskAddress:
    """Read whose desk a folder is and where its risk service listens.

    Raises: ConfigError naming the folder, or the key that desk.toml does not give.
    """
    files = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            files[path.name] = path.read_bytes()
        except OSError as error:
            if path.name == _FILE:
                raise ConfigError(f"{path}: {error.strerror}") from error
            files[path.name] = b""  # another file counts for the hash only
    if _FILE not in files:
        raise ConfigError(f"{folder / _FILE}: not found")
    found, fault = _values(files[_FILE])
    run, account, data_dir, edge = (found.get(key, "") for key in _KEYS)
    if not (run and account and (edge or data_dir)):
        missing = [".".join(key) for key in _KEYS if key not in found]
        why = f"does not parse ({fault}), and " if fault else ""
        raise ConfigError(f"{folder / _FILE}: {why}{', '.join(missing)} cannot be read from it")
    return DeskAddress(
        desk=DeskIdentity(run, account, files_hash(files)),
        risk_edge=edge,
        data_dir=str((folder / data_dir).resolve()) if data_dir else "",
        fault=fault and f"{folder / _FILE} does not parse ({fault}): read line by line",
    )


def _values(text: bytes) -> tuple[dict[tuple[str, ...], str], str]:
    """The keys that are there, and why the file had to be read line by line."""
    try:
        return _known(tomllib.loads(text.decode())), ""
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = str(error)
    found: dict[tuple[str, ...], set[str]] = {}
    for line in _lines(text.decode("utf-8-sig", "replace")):
        for key, value in _known(line).items():
            found.setdefault(key, set()).add(value)
    # Of two values nobody knows which one holds.
    return {key: min(values) for key, values in found.items() if len(values) == 1}, fault


def _lines(text: str) -> Iterator[dict[str, Any]]:
    # Each line that parses by itself, under the table it stands in.
    table = ""
    for line in text.splitlines():
        if _TABLE.match(line):
            table = line
        elif _ANY_TABLE.match(line):
            table = "[other]"  # of an array, or a head that is broken itself
        else:
            try:
                yield tomllib.loads(f"{table}\n{line}")
            except tomllib.TOMLDecodeError:
                continue


def _known(document: dict[str, Any]) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for key in _KEYS:
        value: Any = document
        for part in key:
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, str) and value:
            found[key] = value
    return found
