"""The prices of a session that a trader knows by name, as of one reading.

Rule: a level that is not known is not there; nothing is rounded.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Final

import msgspec

from services.domain.messages.reading import Range, ValueArea
from services.domain.messages.session import SessionUpdate

EXTENSIONS: Final = (0.5, 1.0, 1.5, 2.0)
"""Multiples of the IB range counted from its edges (spec B.9 names 0.5, 1 and 2)."""


class LevelFamily(Enum):
    """What a level belongs to; charts give each its colour."""

    PRIOR = "prior day levels"
    OVERNIGHT = "night levels"
    OPENING = "OR levels"
    BALANCE = "IB levels"
    EXTENSION = "IB extensions"
    VALUE = "value area"


class NamedLevel(msgspec.Struct, frozen=True):
    """One named price."""

    name: str
    """As on a trader's chart: `PDH`, `ONL`, `IBH +0.5`."""
    ticks: float
    family: LevelFamily


def levels_of(update: SessionUpdate, value: ValueArea | None = None) -> tuple[NamedLevel, ...]:
    """Give every level of a reading, from the highest; `value` where the reading has none."""
    value_area = update.profile.tpo.value if update.profile.tpo is not None else value
    return tuple(sorted(_found(update, value_area), key=lambda level: -level.ticks))


def _found(update: SessionUpdate, value: ValueArea | None) -> Iterator[NamedLevel]:
    for name, price in (
        ("PDH", update.levels.prior_high),
        ("PDL", update.levels.prior_low),
        ("PDC", update.levels.prior_close),
    ):
        if price is not None:
            yield NamedLevel(name, price, LevelFamily.PRIOR)
    yield from _edges(LevelFamily.OVERNIGHT, "ON", update.levels.overnight)
    yield from _edges(LevelFamily.OVERNIGHT, "Asia ", update.levels.asia)
    yield from _edges(LevelFamily.OVERNIGHT, "London ", update.levels.london)
    yield from _edges(LevelFamily.OVERNIGHT, "Pre ", update.levels.premarket)
    yield from _edges(LevelFamily.OPENING, "OR", update.opening.or15)
    yield from _edges(LevelFamily.OPENING, "EOR", update.opening.eor30)
    if update.opening.ib is not None:
        yield from _edges(LevelFamily.BALANCE, "IB", update.opening.ib)
        yield NamedLevel(
            "IB mid", (update.opening.ib.low + update.opening.ib.high) / 2, LevelFamily.BALANCE
        )
        if update.opening.ib_final:
            yield from _extensions(update.opening.ib)
    if value is not None:
        yield NamedLevel("TPO POC", value.poc, LevelFamily.VALUE)
        yield NamedLevel("VAH", value.high, LevelFamily.VALUE)
        yield NamedLevel("VAL", value.low, LevelFamily.VALUE)


def _edges(family: LevelFamily, name: str, found: Range | None) -> Iterator[NamedLevel]:
    if found is not None:
        yield NamedLevel(f"{name}H", found.high, family)
        yield NamedLevel(f"{name}L", found.low, family)


def _extensions(ib: Range) -> Iterator[NamedLevel]:
    size = ib.high - ib.low
    for multiple in EXTENSIONS:
        yield NamedLevel(f"IBH +{multiple:g}", ib.high + multiple * size, LevelFamily.EXTENSION)
        yield NamedLevel(
            f"IBL \N{MINUS SIGN}{multiple:g}", ib.low - multiple * size, LevelFamily.EXTENSION
        )
