"""How many contracts an entry gets (spec C.10)."""

import msgspec

from services.domain.messages.strategy import Candidate
from services.domain.units import Contracts, MicroUsd, count_text, usd
from services.risk.ledger.stop_risk import risk_per_contract
from services.risk.settings.config import RiskConfig, Sizing


class Size(msgspec.Struct, frozen=True):
    """The size of an entry and how it came about."""

    quantity: Contracts
    """0: one contract risks more than is allowed."""
    risk_per_contract: MicroUsd
    """What one contract loses at its stop, reserve and fees included."""
    text: str


def size_entry(
    candidate: Candidate,
    tick_value: MicroUsd,
    config: RiskConfig,
    *,
    fee: MicroUsd,
    budget: MicroUsd,
) -> Size:
    """Size an entry so that its stop, slippage reserve and fees included, costs what is allowed.

    `fee` is a contract's round trip, `budget` what one entry may lose. A fixed size is not cut:
    the limit RISK_PER_TRADE refuses it where it costs too much.
    """
    reserve = config.slippage_reserve_ticks
    per_contract = risk_per_contract(candidate, tick_value, reserve=reserve, fee=fee)
    if tick_value <= 0 or per_contract <= 0:
        text = f"{candidate.order_contract} has no risk that can be computed"
        return Size(Contracts(0), per_contract, text)
    if config.sizing is Sizing.FIXED:
        quantity = config.fixed_quantity
    else:
        quantity = Contracts(min(budget // per_contract, config.size_max))
    text = (
        f"stop {abs(candidate.entry - candidate.stop)} + reserve {reserve} ticks + fees "
        f"{usd(fee)} risk {usd(per_contract)} a contract of {usd(budget)} allowed: "
        f"{count_text(quantity, 'contract')}"
    )
    return Size(quantity, per_contract, text)
