"""Commands that were obeyed: one that comes twice, over the socket and from the disk, is one.

Rule: what makes two the same is every field, its instant among them. No clock is compared with
another: a kill of an operator whose clock is behind a resume is a kill.
"""

import hashlib
from typing import Final

import msgspec

from services.domain.messages.control import Halt, Kill, PreflightResult

_KEPT_MAX: Final = 64
"""A file that stays longer than so many later commands is obeyed again, until a resume."""
_DIGEST_BYTES: Final = 12


class ObeyedCommands:
    """The last commands, oldest first; carried into a new trade date."""

    def __init__(self) -> None:
        self._keys: dict[str, None] = {}
        self.is_repeated = False
        """The last one that was noted had been obeyed before."""

    def note(self, command: Halt | Kill | PreflightResult) -> None:
        """Note one that is to be obeyed, or that was."""
        text = msgspec.json.encode((type(command).__name__, command))
        key = hashlib.blake2b(text, digest_size=_DIGEST_BYTES).hexdigest()
        self.is_repeated = key in self._keys
        self._keys[key] = None
        while len(self._keys) > _KEPT_MAX:
            del self._keys[next(iter(self._keys))]

    def snapshot(self) -> tuple[str, ...]:
        """The keys, for the carry."""
        return tuple(self._keys)

    def restore(self, keys: tuple[str, ...]) -> None:
        """Begin with the keys of the carry."""
        self._keys = dict.fromkeys(keys)
