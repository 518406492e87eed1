"""One mutant: a text of one file replaced by another, and the tests that must notice."""

from pathlib import Path
from typing import Final

import msgspec

LIST: Final = Path(__file__).with_name("mutants.toml")


class Mutant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the list."""

    about: str
    """What the desk would do wrong."""
    file: str
    """From the root, with forward slashes."""
    before: str
    after: str
    tests: tuple[str, ...]
    """What pytest is given; at least one of them must fail."""

    def flaw(self, root: Path) -> str:
        """Say why the row says nothing about this tree; empty when it does."""
        if self.before == self.after:
            return f"{self.file}: before and after are the same text"
        path = root / self.file
        found = path.read_text(encoding="utf-8").count(self.before) if path.is_file() else 0
        if found != 1:
            return f"{self.file}: {self.before!r} occurs {found} times, expected once"
        gone = [test for test in self.tests if not (root / test.partition("::")[0]).is_file()]
        if gone or not self.tests:
            return f"{self.file}: tests {', '.join(gone) or 'are not named'}, expected files"
        return ""

    def apply(self, root: Path) -> str:
        """Replace the text below a root; give the file as it was."""
        path = root / self.file
        sound = path.read_text(encoding="utf-8")
        path.write_text(sound.replace(self.before, self.after), encoding="utf-8")
        return sound


class _List(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mutant: tuple[Mutant, ...]


def mutants() -> tuple[Mutant, ...]:
    """Read the list."""
    return msgspec.toml.decode(LIST.read_bytes(), type=_List).mutant
