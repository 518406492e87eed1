"""What a broker charges, per contract and side.

Source: spec A.0, the customer's own figures; RTY and M2K by the size of their pair.
"""

from types import MappingProxyType
from typing import Final

from services.domain.units import MicroUsd

_MINI: Final = MicroUsd(2_050_000)
_MICRO: Final = MicroUsd(620_000)

COMMISSIONS: Final = MappingProxyType(
    {
        "NQ": _MINI,
        "ES": _MINI,
        "YM": _MINI,
        "RTY": _MINI,
        "MNQ": _MICRO,
        "MES": _MICRO,
        "MYM": _MICRO,
        "M2K": _MICRO,
    }
)
"""Micro-dollars per contract and side, by instrument root."""
