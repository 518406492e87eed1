"""What every signal passes before it leaves the worker: order, risk, reward, cautious ticks."""

from typing import Any

import pytest

from services.domain.instruments import to_ticks
from services.domain.messages.strategy import Confidence, NoTrade, Side
from services.domain.units import Ticks
from services.strategies.authoring.context import SessionContext
from services.strategies.authoring.entry_signal import (
    EntrySignal,
    round_bracket_price,
    signal_refusal,
)
from services.strategies.authoring.parameters import StrategyConfig
from tests.support.session_builder import DATE, NQ, calendar


def judged(
    entry: float, stop: float, target: float, side: Side = Side.LONG, **params: Any
) -> NoTrade | None:
    """Judge a signal of NQ in points."""
    session = calendar().session(DATE)
    assert session is not None
    context = SessionContext(
        instance="any", contract=NQ, order_contract=NQ, session=session, priority=1
    )
    signal = EntrySignal(
        side=side,
        entry=to_ticks(NQ, entry),
        stop=to_ticks(NQ, stop),
        target=to_ticks(NQ, target),
        model="ANY",
        confidence=Confidence.NORMAL,
        score=0.5,
        reason="made for a test",
    )
    return signal_refusal(signal, StrategyConfig(**params), context)


def test_the_sample_signal_of_the_customers_document_is_refused_by_name() -> None:
    """LONG from 21,852.75 with its target at 21,827.50, below the entry."""
    found = judged(21_852.75, 21_785.25, 21_827.50)
    text = "LONG stop 21785.25, entry 21852.75, target 21827.50 are not in order"
    assert found == NoTrade("bracket_invalid", text)
    assert judged(21_852.75, 21_785.25, 21_920.25) is None


@pytest.mark.parametrize(
    ("expected", "refused", "allowed"),
    [
        ("bracket_invalid", (100.0, 100.0, 110.0), (100.0, 99.0, 110.0)),
        ("bracket_invalid", (100.0, 90.0, 100.0), (100.0, 90.0, 110.0)),
        ("bracket_invalid", (100.0, 90.0, 110.0, Side.SHORT), (100.0, 110.0, 90.0, Side.SHORT)),
        ("bracket_invalid", (100.0, 110.0, 100.0, Side.SHORT), (100.0, 110.0, 90.0, Side.SHORT)),
        ("risk_small", (100.0, 99.25, 110.0), (100.0, 99.0, 110.0)),
        ("reward_risk", (100.0, 90.0, 109.75), (100.0, 90.0, 110.0)),
        ("reward_risk", (100.0, 110.0, 90.25, Side.SHORT), (100.0, 110.0, 90.0, Side.SHORT)),
    ],
)
def test_each_check_refuses_and_lets_its_neighbour_pass(
    expected: str, refused: tuple[Any, ...], allowed: tuple[Any, ...]
) -> None:
    """Stop < entry < target and mirrored, at least four ticks of risk, the least ratio."""
    found = judged(*refused)
    assert found is not None
    assert found.code == expected
    assert judged(*allowed) is None


def test_the_largest_risk_is_off_unless_set() -> None:
    """In points; a tick more is refused."""
    assert judged(24_000.0, 23_000.0, 26_000.0) is None
    assert judged(24_000.0, 23_980.0, 24_100.0, risk_pt_max=20.0) is None
    found = judged(24_000.0, 23_979.75, 24_100.0, risk_pt_max=20.0)
    assert found == NoTrade("risk_large", "risk 20.25 > 20.00 pt")


def test_prices_are_rounded_against_the_trade() -> None:
    """Stop and target both down for a long, both up for a short; float noise is no tick."""
    assert (round_bracket_price(Side.LONG, 10.9), round_bracket_price(Side.SHORT, 10.1)) == (
        Ticks(10),
        Ticks(11),
    )
    assert round_bracket_price(Side.SHORT, 0.17 * 300) == Ticks(51)
    assert round_bracket_price(Side.LONG, 50.9999999) == Ticks(51)
