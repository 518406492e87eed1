"""Standard output and error of a command: a console that lacks a character gets another one.

Rule: what a person reads leaves through `print_line` or through the console of terminal.py. Both
show control characters, survive an encoding that lacks what we print (cp1252, cp437, ASCII), and go
on quietly when the reader of a pipe has gone: the command's work and its exit code stand.
"""

import codecs
import io
import os
import sys
from typing import Final, TextIO

from services.domain.printable import escaped, printable

_HANDLER: Final = "pitwire.plain"
_PLAIN: Final = {
    "\u00a0": " ", "\u2009": " ", "\u202f": " ",
    "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2010": "-", "\u2011": "-",
    "\u2018": "'", "\u2019": "'", "\u201c": "'", "\u201d": "'",
    "\u00b7": ".", "\u2022": "*", "\u25cf": "*", "\u25cb": "o", "\u2026": "...",
    "\u2192": "->", "\u2190": "<-", "\u2191": "^", "\u2193": "v",
    "\u25b2": "^", "\u25bc": "v", "\u00d7": "x", "\u00b1": "+/-",
    "\u2264": "<=", "\u2265": ">=", "\u2260": "!=", "\u2248": "~",
    "\u03c3": "sigma", "\u0394": "delta", "\u20ac": "EUR", "\u2713": "+", "\u2717": "x",
    "\u2500": "-", "\u2501": "-", "\u2550": "-", "\u2502": "|", "\u2503": "|", "\u2551": "|",
}  # fmt: skip
"""What we print, in ASCII; nothing here that JSON would take for a quote or an escape."""
_BOX: Final = range(0x2500, 0x2580)
"""Corners and crossings of a table's frame."""


def prepare_streams() -> None:
    """Let both streams write any text; once, before a command prints."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def print_line(text: str, *, err: bool = False) -> None:
    """Print a line."""
    stream = sys.stderr if err else sys.stdout
    try:
        stream.write(f"{printable(text)}\n")
        stream.flush()
    except BrokenPipeError:
        silence(stream)
    except OSError:
        if not err:
            raise  # reported on standard error; what is to be reported there has no other place


def silence(stream: TextIO) -> None:
    """Let what a stream still writes go nowhere: its reader has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def fitted(text: str, encoding: str) -> str:
    """The text with what an encoding lacks replaced, as its stream would write it."""
    if encoding.startswith("utf"):
        return text
    return text.encode(encoding, _HANDLER).decode(encoding)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(map(_plain, lacking)), error.end


def _plain(character: str) -> str:
    return _PLAIN.get(character) or ("+" if ord(character) in _BOX else escaped(character))


codecs.register_error(_HANDLER, _replace)
