"""Derived ids: the same decision, before and after a crash, has the same id.

Rule: at most 30 characters (NinjaTrader order names hold 50, ours is `PW:<id>:<role><n>`).
Lower-case base32 of a BLAKE2b digest: 24 characters are 120 bits, no collision in any real life.
"""

from base64 import b32encode
from collections.abc import Iterator
from enum import Enum
from hashlib import blake2b

import msgspec


def _digest(prefix: str, *parts: str) -> str:
    joined = "\x1f".join(parts).encode()
    return prefix + b32encode(blake2b(joined, digest_size=15).digest()).decode().lower()


def candidate_id(
    *,
    run: str,
    account: str,
    strategy: str,
    version: str,
    config: str,
    contract: str,
    trade_date: str,
    close_ns: int,
    kind: str,
) -> str:
    """Name a candidate; the entry command carries the same id."""
    parts = (run, account, strategy, version, config, contract, trade_date, str(close_ns), kind)
    return _digest("c", *parts)


def exit_id(position_id: str, reason: str, count: int) -> str:
    """Name the `count`-th command of this reason for this position."""
    return _digest("x", position_id, reason, str(count))


def report_digest(report: msgspec.Struct) -> str:
    """Name the content of a report, its number included: 24 characters.

    Over the kind's name and every field in the order of the .proto, enum values by their number, a
    list by its members, an absent field as nothing; all joined by U+001F.
    """
    return _digest("", type(report).__name__, *_texts(report))


def _texts(value: object) -> Iterator[str]:
    match value:
        case msgspec.Struct():
            for field in value.__struct_fields__:
                yield from _texts(getattr(value, field))
        case tuple():
            for each in value:
                yield from _texts(each)
        case Enum():
            yield str(value.value)
        case bool():
            yield str(int(value))
        case None:
            yield ""
        case _:
            yield str(value)
