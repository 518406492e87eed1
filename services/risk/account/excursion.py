"""How far the bars of a minute took the equity beyond their closes, for us and against us.

A bar shows how far it went and not when. What the desk assumes where that matters is never better
than what happened:

Rule 1: what is held counts with every bar that closes after its first fill. The bar of the entry
        counts whole: an order of a stamp is filled at the beginning of the next bar.
Rule 2: a bar in which a stop ended a position counts for it, since its best price may have come
        first, and not against it: the fill is the worst it saw. No other exit counts with its bar:
        a target is filled at the best price it saw, a command at the beginning of the bar.
Rule 3: contracts are taken to reach their extremes together; sides of one contract are netted.
"""

from collections.abc import Iterable, Mapping

import msgspec

from services.domain.messages.orders import Execution
from services.domain.messages.session import SessionMinute
from services.domain.units import NANOS_PER_MINUTE, MicroUsd
from services.risk.ledger.contract_terms import ContractTerms
from services.risk.ledger.position import PositionRecord


class Excursion(msgspec.Struct, frozen=True):
    """Beyond the equity at the closes."""

    favourable: MicroUsd = MicroUsd(0)
    """Above it, ≥ 0."""
    adverse: MicroUsd = MicroUsd(0)
    """Below it, ≤ 0."""


NO_EXCURSION = Excursion()


def excursion(
    minute: SessionMinute,
    held: Iterable[PositionRecord],
    stop_fills: Iterable[Execution],
    terms: Mapping[str, ContractTerms],
) -> Excursion:
    """Measure a minute's bars on what is held and on what stops have ended in them."""
    close_ns, exposures = minute.close_ns, dict[str, int]()
    for record in held:
        if record.entered > record.exited and (record.entry_ns or 0) < close_ns:
            value = record.side.sign * (record.entered - record.exited) * record.tick_value
            exposures[record.contract] = exposures.get(record.contract, 0) + value
    favourable = adverse = 0
    for reading in minute.updates:
        exposure = exposures.get(reading.contract, 0)
        up, down = (
            exposure * (reading.high - reading.close),
            exposure * (reading.low - reading.close),
        )
        favourable += max(up, down)
        adverse += min(up, down)
    bars = {reading.contract: reading for reading in minute.updates}
    for fill in stop_fills:
        its = terms.get(fill.contract)
        bar = None if its is None else bars.get(its.signal)
        if its is None or bar is None or not close_ns - NANOS_PER_MINUTE < fill.at_ns <= close_ns:
            continue
        held_side = fill.side.opposite
        best = bar.high if held_side.sign > 0 else bar.low
        beyond = max(0, held_side.sign * (best - fill.price)) * fill.quantity * its.tick_value
        favourable += beyond + fill.commission  # paid with the fill, so after it
    return Excursion(MicroUsd(favourable), MicroUsd(adverse))
