"""Fills far from their reference are told; too many of them halt the desk."""

from services.domain.messages.orders import OrderRole
from services.domain.messages.risk import Alert, OrderCommand, TradingState
from services.domain.messages.union import Event
from services.domain.units import Contracts
from tests.support.risk_builder import (
    CLOSE,
    RiskDesk,
    at,
    candidate,
    config,
    only,
    ready_desk,
    replay_from,
)

LIMITS = config(slippage_collar_ticks=20, slippage_breaches_max=2, size_max=2)


def filled(desk: RiskDesk, clock: str, ticks: int) -> list[Event]:
    """An entry that fills so many ticks from its reference, and is closed again."""
    (entry,) = only(OrderCommand, desk.minute(clock, candidate("fade", at(clock))))
    outputs = desk.send(desk.ack(entry), desk.fill(entry, CLOSE + ticks))
    desk.send(*desk.bracket(entry))
    desk.send(desk.fill(entry, CLOSE + ticks, role=OrderRole.TARGET))
    return outputs


def test_a_fill_beyond_the_collar_raises_an_alert() -> None:
    """Either way counts, and by one tick; inside the collar nobody is bothered."""
    desk = ready_desk(LIMITS)
    assert not only(Alert, filled(desk, "10:00", 20))
    assert not only(Alert, filled(desk, "10:05", -20))
    (alert,) = only(Alert, filled(desk, "10:10", -21))
    assert alert.code == "SLIPPAGE"
    assert "21 ticks from its reference, 20 allowed" in alert.text
    assert desk.gate.status().state is TradingState.ACTIVE


def test_the_second_one_of_a_date_halts() -> None:
    """A human has to look; the next date counts anew."""
    desk = ready_desk(LIMITS)
    filled(desk, "10:00", 21)
    filled(desk, "10:05", 25)
    status = desk.gate.status()
    assert status.state is TradingState.HALTED
    assert "25 ticks from its reference" in status.reason
    assert "breach 2 of 2" in status.reason


def test_an_entry_counts_once() -> None:
    """Two partial fills of one entry are one breach."""
    desk = ready_desk(LIMITS)
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("fade", at("10:00"))))
    assert entry.quantity == 2
    half = {"quantity": Contracts(1)}
    first = desk.send(desk.ack(entry), desk.fill(entry, CLOSE + 30, **half))
    second = desk.send(desk.fill(entry, CLOSE + 40, **half))
    assert (len(only(Alert, first)), len(only(Alert, second))) == (1, 0)


def test_the_count_survives_a_restart() -> None:
    """Folded from the journal after the first breach, the second one halts all the same."""
    desk = ready_desk(LIMITS)
    filled(desk, "10:00", 21)
    cut = len(desk.journal)
    filled(desk, "10:05", 25)
    before, now = replay_from(desk, cut)
    assert before == now
    assert desk.gate.status().state is TradingState.HALTED
