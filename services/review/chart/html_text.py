"""Text escaped for a page, an SVG or a hover label."""

from html import escape
from textwrap import wrap

from services.domain.printable import printable


def escaped(text: str) -> str:
    """Words with nothing in them that a page would take for its own."""
    return escape(printable(text), quote=False)


def wrapped(text: str, width: int = 90) -> str:
    """The same in lines as a hover shows them."""
    return "<br>".join(map(escaped, wrap(text, width)))
