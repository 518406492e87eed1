"""What commands read of a service's own part of /status: the fields they print or judge by.

The services write the whole of their status; a reader names what it needs, and a field that is
renamed on one side only fails a contract test.
"""

from typing import TypeVar

import msgspec

from services.domain.units import MicroUsd
from services.runtime.service_status import ServiceStatus

_D = TypeVar("_D")


class FeedDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Of ingest: bars since its start."""

    accepted: int
    duplicates: int
    refused: tuple[tuple[str, int], ...]
    """Kind of fault and number of bars."""


class LimitDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One limit of risk: how much of it is used."""

    code: str
    """Refusal code, with the strategy it is counted for behind it."""
    used: float
    limit: float
    unit: str

    @property
    def strategy(self) -> str:
        """Strategy or contract behind the code; empty: none."""
        return self.code.partition(" ")[2]


class PositionDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One position of risk's ledger."""

    side: str
    quantity: int
    order_contract: str
    state: str
    strategy: str


class RiskDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Of risk: state, money, limits, positions."""

    profile: str
    state: str
    reason: str
    not_ready: tuple[str, ...]
    entries_blocked: tuple[str, ...]
    realised: MicroUsd
    unrealised: MicroUsd
    week_realised: MicroUsd
    equity: MicroUsd
    equity_from_broker: bool
    start_equity: MicroUsd | None
    start_fault: str
    latches: tuple[str, ...]
    limits: tuple[LimitDetail, ...]
    positions: tuple[PositionDetail, ...]
    active_values: tuple[tuple[str, str], ...]
    tightened: tuple[str, ...]


class HoldingDetail(msgspec.Struct, frozen=True, kw_only=True):
    """What the account holds in one contract, by its executions."""

    contract: str
    quantity: int


class OrdersDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Of orders: the client, its link, what is held."""

    client: str
    link: str
    stream_open: bool
    not_ready: tuple[str, ...]
    unanswered: int
    requested: tuple[str, ...]
    holdings: tuple[HoldingDetail, ...]


def detail_of(status: ServiceStatus | None, kind: type[_D]) -> _D | None:
    """A service's own status; None without an answer, or from a build with other fields."""
    if status is None:
        return None
    try:
        return msgspec.json.decode(status.detail, type=kind)
    except msgspec.MsgspecError:
        return None
