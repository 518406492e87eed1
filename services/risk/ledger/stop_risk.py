"""What positions lose when every stop is hit, from where they are marked now.

Source: spec R.3: risk to stop = |price - stop| x value x contracts + fees + reserve.
"""

from services.domain.messages.strategy import Candidate
from services.domain.units import MicroUsd, Ticks
from services.risk.ledger.position import PositionRecord


def open_risk(
    record: PositionRecord, mark: Ticks | None, *, reserve: Ticks, fee: MicroUsd
) -> MicroUsd | None:
    """What is lost from the mark to the stop, reserve and fees still to come included.

    None: nobody knows a stop. A position without a mark is valued at its stop already; one whose
    market is beyond its stop loses the reserve. What is in flight is taken to enter at the mark.
    """
    if record.stop is None:
        return None
    contracts = record.held + record.in_flight
    ticks = 0 if mark is None else max(0, record.side.sign * (mark - record.stop))
    out = fee * record.held // 2 + fee * record.in_flight
    return MicroUsd((ticks + reserve) * record.tick_value * contracts + out)


def risk_per_contract(
    candidate: Candidate, tick_value: MicroUsd, *, reserve: Ticks, fee: MicroUsd
) -> MicroUsd:
    """What one contract of an entry loses at its stop, reserve and round trip included."""
    distance = abs(candidate.entry - candidate.stop) + reserve
    return MicroUsd(distance * tick_value + fee)
