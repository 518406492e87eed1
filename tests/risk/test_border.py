"""What crosses the border to the account: prices, snapshots, the platform, the client's exits."""

import pytest

from services.domain.messages.control import Resume
from services.domain.messages.orders import (
    AccountSnapshot,
    HeldPosition,
    OrderRole,
    PlatformState,
)
from services.domain.messages.risk import (
    Action,
    OrderCommand,
    Position,
    PositionState,
    TradingState,
)
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_SECOND, MicroUsd, Ticks, UnixNanos
from services.risk.evidence.fill_price import FillPrices
from services.risk.ledger.contract_terms import ContractTerms
from services.risk.ledger.ledger import Ledger
from tests.support.order_builder import platform_state
from tests.support.risk_builder import (
    CLOSE,
    MNQ,
    NQ,
    RiskDesk,
    at,
    candidate,
    config,
    decision_on,
    only,
    ready_desk,
)


def _held(desk: RiskDesk) -> OrderCommand:
    return desk.enter("fade", "10:30")


def _exit(desk: RiskDesk, entry: OrderCommand, price: int) -> None:
    desk.send(desk.fill(entry, price, role=OrderRole.STOP))


@pytest.mark.parametrize("price", [0, -5, 1, CLOSE // 2, CLOSE * 2])
def test_a_fill_at_a_price_that_cannot_be_counts_at_the_last_known_one(price: int) -> None:
    """Nobody makes $50,000 with one contract: the exit counts, its profit does not."""
    desk = ready_desk()
    entry = _held(desk)
    _exit(desk, entry, price)
    status = desk.gate.status()
    assert status.state is TradingState.HALTED
    assert "counted at" in status.reason
    (closed,) = [p for p in only(Position, desk.outputs()) if p.state is PositionState.CLOSED]
    assert closed.exit_price == CLOSE
    assert closed.realised == MicroUsd(-1_240_000), "two commissions, and no more"


@pytest.mark.parametrize("price", [0, -5, 1])
def test_a_fill_at_a_price_that_cannot_be_blinds_no_limit_on_loss(price: int) -> None:
    """Bought for nothing, one MNQ would be $50,000 ahead: the loss that follows is seen all day."""
    desk = ready_desk(config(daily_loss_usd=100.0))
    asked = candidate("fade", at("10:30"))
    (entry,) = only(OrderCommand, desk.minute("10:30", asked))
    desk.send(desk.ack(entry), desk.fill(entry, price), *desk.bracket(entry))
    outputs = desk.minute("10:31", closes={NQ: CLOSE - 250})
    assert [(c.action, c.code) for c in only(OrderCommand, outputs)] == [
        (Action.EXIT, "DAILY_LOSS")
    ]


def test_a_fill_at_a_price_the_market_can_have_had_counts_as_it_is() -> None:
    """The allowed neighbour: a gap is a gap."""
    desk = ready_desk()
    entry = _held(desk)
    _exit(desk, entry, CLOSE - 400)
    assert desk.gate.status().state is TradingState.ACTIVE
    (closed,) = [p for p in only(Position, desk.outputs()) if p.state is PositionState.CLOSED]
    assert closed.exit_price == CLOSE - 400


def test_without_any_known_price_only_one_that_is_not_above_zero_cannot_be() -> None:
    """Nothing to compare with: a plain number counts, 0 and less stand for the least price."""
    prices = FillPrices(Ledger("Sim101", {MNQ: ContractTerms("NQ 03-26", MicroUsd(500_000))}))
    desk = ready_desk()
    entry = desk.enter("fade", "10:30")
    plain = desk.fill(entry, 77)
    assert prices.checked(plain, {}, 7.0) == (plain, "")
    counted, text = prices.checked(desk.fill(entry, -1), {}, 7.0)
    assert counted.price == Ticks(1)
    assert "expected > 0" in text


def _snapshot(desk: RiskDesk, *positions: HeldPosition) -> AccountSnapshot:
    return AccountSnapshot(
        report_sequence=desk.reports,
        client="nt",
        account="Sim101",
        positions=positions,
        at_ns=desk.now,
    )


def test_a_snapshot_compares_the_account_with_the_ledger() -> None:
    """A difference that lasts refuses entries; the next snapshot that shows none lifts it."""
    desk = ready_desk()
    desk.minute("10:00")
    desk.send(_snapshot(desk, HeldPosition(MNQ, 1)))
    asked = candidate("fade", at("10:30"))
    assert decision_on(asked, desk.minute("10:30", asked)).code == "POSITION_MISMATCH"
    desk.send(_snapshot(desk))
    asked = candidate("fade", at("10:31"))
    assert decision_on(asked, desk.minute("10:31", asked)).code == "APPROVED"


def _platform(desk: RiskDesk, **changes: object) -> PlatformState:
    desk.reports += 1
    return platform_state(**({"report_sequence": desk.reports, "at_ns": desk.now} | changes))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"prices_connected": False}, "the platform receives no prices"),
        ({"orders_connected": False}, "the platform reaches no broker"),
        ({"trading_enabled": False}, "trading is not enabled at the client"),
        (
            {"quiet_until_ns": UnixNanos(at("10:30") + NANOS_PER_SECOND)},
            "the client waits after a reconnect",
        ),
    ],
)
def test_a_platform_that_cannot_trade_refuses_entries(
    changes: dict[str, object], text: str
) -> None:
    """By a code of its own, and only as long as it lasts."""
    desk = ready_desk()
    desk.send(_platform(desk, **changes))
    asked = candidate("fade", at("10:30"))
    decision = decision_on(asked, desk.minute("10:30", asked))
    assert (decision.code, decision.text) == ("PLATFORM", text)
    desk.send(_platform(desk))
    asked = candidate("fade", at("10:31"))
    assert decision_on(asked, desk.minute("10:31", asked)).code == "APPROVED"


def test_a_kill_at_the_client_halts_the_desk_until_a_resume() -> None:
    """Lifting the latch at the client is not enough: an operator resumes here too."""
    desk = ready_desk()
    desk.send(_platform(desk, killed_by="ann"))
    assert desk.gate.status().state is TradingState.HALTED
    desk.send(_platform(desk))
    assert desk.gate.status().state is TradingState.HALTED
    desk.send(Resume(operator="ann", reason="looked", at_ns=desk.now))
    assert desk.gate.status().state is TradingState.ACTIVE


def test_the_clients_own_exit_closes_the_position_under_its_code() -> None:
    """GUARD: no command of ours, and no reason to halt."""
    desk = ready_desk()
    entry = _held(desk)
    desk.send(
        desk.fill(
            entry, CLOSE, role=OrderRole.GUARD, command_id="", side=Side.SHORT, code="FLAT_BY"
        )
    )
    (closed,) = [p for p in only(Position, desk.outputs()) if p.state is PositionState.CLOSED]
    assert closed.exit_code == "FLAT_BY"
    assert desk.gate.status().state is TradingState.ACTIVE
