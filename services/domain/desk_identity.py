"""Whose desk it is: run, account, and the configuration it runs on.

Rule 1: two desks are the same when run and account are. A word for another is refused.
Rule 2: the configuration is shown and refuses nothing: who has edited a file must still be able to
        stop the own desk.
Rule 3: the hash has two halves. The first is over the files alone, for a reader that resolves no
        contract month; the second is over the months in force.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

_FILES_DIGITS: Final = 10
_EXPIRY_DIGITS: Final = 6
_UNKNOWN: Final = "(not named)"


class DeskIdentity(msgspec.Struct, frozen=True):
    """Which desk is meant, or which one answers."""

    run: str
    account: str
    config_hash: str = ""
    """Empty: not known."""

    def is_same_desk(self, other: "DeskIdentity") -> bool:
        """Whether both are the same desk, whatever its files hold today."""
        return (self.run, self.account) == (other.run, other.account)

    def has_other_files(self, other: "DeskIdentity") -> bool:
        """Whether the files of the folder are known to differ."""
        mine, theirs = (each.config_hash[:_FILES_DIGITS] for each in (self, other))
        return bool(mine and theirs) and mine != theirs

    def __str__(self) -> str:
        """`run paper of account Sim101`."""
        return f"run {self.run or _UNKNOWN} of account {self.account or _UNKNOWN}"


def files_hash(files: Mapping[str, bytes]) -> str:
    """Hash names and contents of a folder's files: the first half of the configuration's hash."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name] + b"\0")
    return digest.hexdigest()[:_FILES_DIGITS]


def config_hash(files: Mapping[str, bytes], expiries: bytes) -> str:
    """Hash a configuration: its files, then the contract months in force."""
    return f"{files_hash(files)}-{hashlib.sha256(expiries).hexdigest()[:_EXPIRY_DIGITS]}"
