"""The settings of the profiles in `state.toml`: how high a row is, and what fills it (spec B.5)."""

from typing import Annotated

import msgspec

from services.domain.instruments import instrument

Height = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
"""Ticks."""


class RowTicks(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="upper"
):
    """Height of a profile's row per instrument, ticks; the keys are the roots."""

    nq: Height = 4
    """1.00 pt: the day's range then has some hundred rows, as the others' have at one tick."""
    mnq: Height = 4
    es: Height = 1
    mes: Height = 1
    ym: Height = 1
    mym: Height = 1
    rty: Height = 1
    """0.10 pt. Spec B.5 names no row for the Russell 2000: one tick, as for ES and YM."""
    m2k: Height = 1

    def of(self, contract: str) -> int:
        """Give the height for a contract."""
        height = getattr(self, instrument(contract).root.lower())
        assert isinstance(height, int)
        return height


class ProfileRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the profiles of regular hours are built."""

    row_ticks: RowTicks = RowTicks()
    ladders: bool = True
    """The volume profile takes a bar's price ladder where there is one; False: it spreads every
    bar's volume over the rows between its low and its high."""
