"""Text from outside as a terminal may be sent it: what would act on the terminal is shown instead.

A file's line, an operator's reason, a broker's words and a folder's name hold whatever their writer
put there. Rule: line breaks and tabs stay; every other control character, what turns the direction
of writing, what is invisible, and half a surrogate pair are shown as escapes, as JSON writes them.
"""

import unicodedata
from typing import Final

_SHOWN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories: controls, formats (directions among them), surrogates, line separators."""
_KEPT: Final = frozenset("\n\t\u200c\u200d")
"""Line breaks, tabs, and the joiners that scripts and emoji are written with."""


def printable(text: str) -> str:
    """The text with control characters made visible; printable text comes back as it is."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(escaped(c) if _is_control(c) else c for c in text)


def one_line(text: str) -> str:
    """The text as part of a sentence: line breaks and tabs are made visible too."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def escaped(character: str) -> str:
    """One character as JSON escapes it."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def _is_control(character: str) -> bool:
    return character not in _KEPT and unicodedata.category(character) in _SHOWN
