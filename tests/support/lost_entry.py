"""The files of a day whose entry was lost on the way: never sent again, and dead at the client.

An entry that may have left is asked for after a break (docs/client.md). Where the client never had
it, the day goes on without that trade; everything else of it stays.
"""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Final

_NEVER: Final = {
    "answer": "",
    "status": "EXPIRED",
    "filled": "0",
    "average_price": "",
    "text": "the client does not know it, and never will",
}


def without_entries(files: dict[str, bytes], burnt: Iterable[str]) -> dict[str, bytes]:
    """The files of a day as they are when these entries were burnt at the client."""
    lost = set(burnt)
    orders, trades = _rows(files["orders.csv"]), _rows(files["trades.csv"])
    for row in orders:
        if row["command_id"] in lost:
            row.update(_NEVER)
    kept = [row for row in trades if row["position_id"] not in lost]
    return files | {
        "orders.csv": _text(files["orders.csv"], orders),
        "trades.csv": _text(files["trades.csv"], kept),
    }


def _rows(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text.decode("utf-8"))))


def _text(before: bytes, rows: list[dict[str, str]]) -> bytes:
    out = StringIO()
    names = before.decode("utf-8").splitlines()[0].split(",")
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")
