"""The golden bytes: what every message looks like on the wire, committed as text.

`python -m tests.support.golden` writes `tests/contract/golden/<Message>.hex` anew. Do that when a
message gained a field, and read the diff: a changed line that is not the new field breaks every
journal that exists.
"""

from pathlib import Path
from textwrap import wrap
from typing import Any, Final

from services.runtime.codec import encode
from tests.support.message_shapes import MESSAGES
from tests.support.sample_messages import bare, sample

FOLDER: Final = Path(__file__).resolve().parents[1] / "contract" / "golden"
_TITLES: Final = ("# every field set", "# required fields only")


def golden_messages(kind: type[Any]) -> tuple[Any, Any]:
    """Build the two messages whose bytes are kept: the fullest and the barest."""
    return sample(kind, 0), bare(kind)


def read(kind: type[Any]) -> tuple[bytes, bytes]:
    """Read the two committed byte strings of a message type."""
    text = (FOLDER / f"{kind.__name__}.hex").read_text(encoding="ascii")
    full, _, least = text.removeprefix(_TITLES[0]).partition(_TITLES[1])
    return bytes.fromhex(full), bytes.fromhex(least)


def write(kind: type[Any]) -> None:
    """Write the two byte strings of a message type as the code makes them now."""
    lines: list[str] = []
    for title, message in zip(_TITLES, golden_messages(kind), strict=True):
        lines += [title, *wrap(encode(message).hex(), 96)]
    (FOLDER / f"{kind.__name__}.hex").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in MESSAGES:
        write(each)
