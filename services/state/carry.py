"""A contract's state as bytes inside a SessionCarry: how it crosses sessions and restarts.

Rule 1: packing keeps every float bit for bit, so a restored contract goes on as if never stopped.
Rule 2: the carry published at a session's start holds the long averages only; the one the runtime
        stores at a date change holds the session as it stands too, should bars of it still come.
"""

from typing import Final

import msgspec

from services.domain.errors import DecodeError
from services.domain.messages.market import SuppliedLevels
from services.domain.messages.session import SessionCarry
from services.state.indicators.averages import Indicators
from services.state.session import InstrumentSession

_LAYOUT: Final = 6
"""Raised when a packed field changes its meaning."""


class DatedFault(msgspec.Struct, frozen=True):
    """A fault that blocks entries on a date whose first bar has not been folded."""

    trade_date: str
    text: str


class ContractSnapshot(msgspec.Struct, omit_defaults=True):
    """Everything one contract knows."""

    layout: int
    indicators: Indicators
    session: InstrumentSession | None = None
    """The session of the last bar folded."""
    faults: list[DatedFault] = []
    supplied: list[SuppliedLevels] = []
    """Levels from NinjaTrader for dates whose first bar has not been folded."""
    folded_ns: int = 0
    """Newest stamp that came in, folded or left out."""
    notes: tuple[str, ...] = ()
    """Notes for the next update."""


def new_contract_snapshot() -> ContractSnapshot:
    """Begin a contract of which nothing is known."""
    return ContractSnapshot(_LAYOUT, Indicators())


def pack(state: ContractSnapshot) -> bytes:
    """Write a state as bytes."""
    return msgspec.msgpack.encode(state)


def unpack(carry: SessionCarry) -> ContractSnapshot:
    """Read the state a carry holds; an empty one starts anew.

    Raises: DecodeError for bytes of another layout.
    """
    if not carry.indicators:
        return new_contract_snapshot()
    try:
        state = msgspec.msgpack.decode(carry.indicators, type=ContractSnapshot)
    except msgspec.MsgspecError as error:
        raise DecodeError(f"carry of {carry.contract} {carry.trade_date}: {error}") from error
    if state.layout != _LAYOUT:
        raise DecodeError(
            f"carry of {carry.contract} {carry.trade_date} has layout {state.layout}, "
            f"expected {_LAYOUT}"
        )
    return state
