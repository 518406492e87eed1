"""What positions and entries lose at their stops, and how many contracts an entry gets (spec C.10).

Source: spec R.3: risk to stop = |price - stop| x value x contracts + fees + reserve.
"""

import msgspec

from services.domain.messages.strategy import Candidate
from services.domain.units import Contracts, MicroUsd, Ticks, count_text, usd
from services.risk.ledger.position import PositionRecord
from services.risk.settings.config import RiskConfig, Sizing


class Size(msgspec.Struct, frozen=True):
    """The size of an entry and how it came about."""

    quantity: Contracts
    """0: one contract risks more than is allowed."""
    risk_per_contract: MicroUsd
    """What one contract loses at its stop, reserve and fees included."""
    text: str


def open_risk(
    record: PositionRecord, mark: Ticks | None, *, reserve: Ticks, fee: MicroUsd
) -> MicroUsd | None:
    """What is lost from the mark to the stop, reserve and fees still to come included.

    None: nobody knows a stop. A position without a mark is valued at its stop already; one whose
    market is beyond its stop loses the reserve. What is in flight is taken to enter at the mark.
    """
    if record.stop is None:
        return None
    held, in_flight = record.held, record.in_flight
    ticks = 0 if mark is None else max(0, record.side.sign * (mark - record.stop))
    out = fee * held // 2 + fee * in_flight
    return MicroUsd((ticks + reserve) * record.tick_value * (held + in_flight) + out)


def size_entry(
    candidate: Candidate,
    tick_value: MicroUsd,
    config: RiskConfig,
    *,
    fee: MicroUsd,
    budget: MicroUsd,
    share: MicroUsd,
) -> Size:
    """Size an entry so that its stop, slippage reserve and fees included, costs what is allowed.

    `fee` is a contract's round trip, `budget` what one entry may lose, `share` what the strategy
    may. A fixed size is not cut: the limit RISK_PER_TRADE refuses it where it costs too much; nor
    is a single contract that costs more than the share: STRATEGY_RISK does.
    """
    reserve = config.slippage_reserve_ticks
    distance = abs(candidate.entry - candidate.stop)
    per_contract = MicroUsd((distance + reserve) * tick_value + fee)
    if tick_value <= 0 or per_contract <= 0:
        text = f"{candidate.order_contract} has no risk that can be computed"
        return Size(Contracts(0), per_contract, text)
    if config.sizing is Sizing.FIXED:
        quantity = config.fixed_quantity
    else:
        # An equity below 0 pays for none.
        paid = max(0, min(budget // per_contract, max(1, share // per_contract)))
        quantity = Contracts(min(paid, config.size_max))
    text = (
        f"{count_text(quantity, 'contract')}, {usd(per_contract)} at risk each (stop {distance}"
        f" + reserve {reserve} ticks, fees {usd(fee)}), {usd(budget)} allowed"
    )
    return Size(quantity, per_contract, text)
