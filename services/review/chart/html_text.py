"""Text escaped for a page, an SVG or a hover label."""

from html import escape
from textwrap import wrap


def escaped(text: str) -> str:
    """Words with nothing in them that a page would take for its own."""
    return escape(text, quote=False)


def wrapped(text: str, width: int = 90) -> str:
    """The same in lines as a hover shows them."""
    return "<br>".join(map(escaped, wrap(text, width)))
