"""Text as outsiders write it: what a terminal, a page or a table could take for its own."""

from typing import Final

HOSTILE: Final = {
    "closing tag": "stop [/now] and [/b]",
    "style": "[bold red]old[/] [old] way",
    "link": "[link=https://example.org]click[/link]",
    "emoji code": ":smile: :warning:",
    "emoji": "🙂 👨‍👩‍👧 ok",
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "one-byte escape": "\x9b31mred",
    "carriage return": "loss 5,000\rloss 0",
    "backspace": "no\b\byes",
    "null": "a\x00b",
    "direction": "gain \u202e000,1\u202c",
    "isolate": "\u2066hidden\u2069",
    "invisible": "risk\u200b\ufeffy",
    "page": "<script>alert(1)</script><!--<script>&amp;",
    "format": "{braces} %s %(x)s $page \\n",
    "wide": "取引を停止",
    "long": "x" * 10_000,
}
"""By what they try; none has half a surrogate pair, which no message can carry."""


def shown(text: str) -> str:
    """The text as a terminal must show it: its control characters as escapes."""
    controls = (*range(0x20), *range(0x7F, 0xA0), 0x200B, *range(0x202A, 0x202F))
    controls = (*controls, *range(0x2066, 0x206A), 0xFEFF)
    return text.translate({code: f"\\u{code:04x}" for code in controls if code not in {9, 10}})


def without_layout(printed: str) -> str:
    """What was printed without spaces, line ends and frames: a wrapped text is whole again."""
    return "".join(c for c in printed if not c.isspace() and not 0x2500 <= ord(c) < 0x2580)
