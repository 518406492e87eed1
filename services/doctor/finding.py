"""What a check found: a colour, what is there, what was expected."""

from collections.abc import Iterable
from enum import Enum

import msgspec


class Colour(Enum):
    """Result of a check; the value is its name for scripts."""

    GREEN = "green"
    AMBER = "amber"
    """Review it; it blocks nothing."""
    RED = "red"
    """Entries are blocked until it is fixed."""


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor."""

    check: str
    colour: Colour
    found: str
    expected: str


def grade(
    check: str, found: str, expected: str, *, red: Iterable[str] = (), amber: Iterable[str] = ()
) -> Finding:
    """Grade a check by its findings: any red one, else any amber one, else what was found."""
    failures, warnings = tuple(red), tuple(amber)
    if failures:
        return Finding(check, Colour.RED, "; ".join((*failures, *warnings)), expected)
    if warnings:
        return Finding(check, Colour.AMBER, "; ".join(warnings), expected)
    return Finding(check, Colour.GREEN, found, expected)
