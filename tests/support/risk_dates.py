"""Risk over a change of date: what one date leaves, and a desk that begins the next with it."""

from services.domain.messages.risk import LedgerCarry
from services.risk.gate import Gate
from tests.support.risk_builder import RiskDesk, calendar, manifest


def carried(desk: RiskDesk) -> LedgerCarry:
    """What the date that ends leaves to the next."""
    (carry,) = [m for m in desk.gate.carry() if isinstance(m, LedgerCarry)]
    return carry


def begun_with(desk: RiskDesk, carry: LedgerCarry) -> RiskDesk:
    """A desk that begins a date's journal with a carry, where another one stood."""
    fresh = Gate(desk.limits, manifest(), calendar())
    fresh.fold_input(carry, desk.now)
    follower = RiskDesk(desk.limits, fresh)
    follower.reports, follower.now = desk.reports, desk.now
    return follower


def both_ways(desk: RiskDesk) -> tuple[RiskDesk, RiskDesk]:
    """The desk that ran on, and one that begins the date's journal with the carry."""
    return desk, begun_with(desk, carried(desk))
