"""Who carries out the orders: NinjaTrader, or the stand-in that plays its part."""

from typing import Final

STAND_IN: Final = "stand-in"
"""How the version of the stand-in's program begins in its hello."""


def client_text(version: str) -> str:
    """Who carries out orders, by the version of its program."""
    return "the stand-in" if version.startswith(STAND_IN) else "NinjaTrader"
