"""How many contracts an entry gets (spec C.10)."""

import msgspec

from services.domain.messages.strategy import Candidate
from services.domain.units import Contracts, MicroUsd, usd
from services.risk.config import RiskConfig, Sizing


class Size(msgspec.Struct, frozen=True):
    """The size of an entry and how it came about."""

    quantity: Contracts
    """0: one contract risks more than is allowed."""
    text: str


def size_of(candidate: Candidate, tick_value: MicroUsd, config: RiskConfig) -> Size:
    """Size an entry so that its stop, slippage reserve included, costs no more than allowed."""
    stop = abs(candidate.entry - candidate.stop)
    distance = stop + config.slippage_reserve_ticks
    per_contract = MicroUsd(distance * tick_value)
    if per_contract <= 0:
        return Size(Contracts(0), f"{candidate.order_contract} risks nothing that can be counted")
    affordable = config.risk_per_trade // per_contract
    if config.sizing is Sizing.FIXED:
        quantity = config.fixed_quantity if affordable >= config.fixed_quantity else 0
    else:
        quantity = min(affordable, config.size_max)
    text = (
        f"stop {stop} + reserve {config.slippage_reserve_ticks} ticks risk {usd(per_contract)} a "
        f"contract of {usd(config.risk_per_trade)} allowed: {quantity} contracts"
    )
    return Size(Contracts(quantity), text)
