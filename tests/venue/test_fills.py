"""Fill prices, each with its numbers. LONG 1000, stop 950, target 1100; SHORT mirrored at 1000."""

import pytest

from services.domain.messages.orders import OrderRole
from services.domain.messages.strategy import Side
from services.domain.units import Ticks
from services.venue.fills import FillRules, LegFill, bracket_fill, market_fill
from tests.support.order_builder import bar

_RULES = FillRules()
_TOUCH = FillRules(target_trade_through_ticks=0)
_LONG = (Side.LONG, Ticks(950), Ticks(1100))
_SHORT = (Side.SHORT, Ticks(1050), Ticks(900))

_Prices = tuple[int, int, int, int]


def _inside(role: OrderRole, price: int) -> LegFill:
    return LegFill(role, Ticks(price), at_open=False)


def _at_open(role: OrderRole, price: int) -> LegFill:
    return LegFill(role, Ticks(price), at_open=True)


@pytest.mark.parametrize(("buys", "price"), [(Side.LONG, 1001), (Side.SHORT, 999)])
def test_a_market_order_pays_one_tick_at_the_open(buys: Side, price: int) -> None:
    """Slippage is against us on both sides; none is none."""
    opened = bar(1, (1000, 1010, 990, 1005))
    assert market_fill(opened, buys, _RULES) == price
    assert market_fill(opened, buys, FillRules(slippage_ticks=0)) == 1000


@pytest.mark.parametrize(
    ("bracket", "prices", "fill"),
    [
        pytest.param(_LONG, (1000, 1010, 951, 990), None, id="long: one tick above the stop"),
        pytest.param(_LONG, (1000, 1010, 950, 990), _inside(OrderRole.STOP, 949), id="long stop"),
        pytest.param(
            _LONG, (940, 960, 930, 955), _at_open(OrderRole.STOP, 939), id="long stop gapped"
        ),
        pytest.param(
            _LONG, (950, 960, 940, 955), _at_open(OrderRole.STOP, 949), id="open at the stop"
        ),
        pytest.param(
            _LONG,
            (1000, 1200, 900, 1000),
            _inside(OrderRole.STOP, 949),
            id="long: both in the bar",
        ),
        pytest.param(_LONG, (1000, 1100, 990, 1090), None, id="long target only touched"),
        pytest.param(
            _LONG,
            (1000, 1101, 990, 1090),
            _inside(OrderRole.TARGET, 1100),
            id="long target traded through",
        ),
        pytest.param(
            _LONG,
            (1120, 1130, 1110, 1115),
            _at_open(OrderRole.TARGET, 1100),
            id="long target gapped: the limit, no better",
        ),
        pytest.param(
            _LONG,
            (1120, 1130, 900, 910),
            _at_open(OrderRole.TARGET, 1100),
            id="an open through the target came before the stop",
        ),
        pytest.param(
            _LONG,
            (1101, 1130, 900, 910),
            _at_open(OrderRole.TARGET, 1100),
            id="an open one tick beyond the target is through it",
        ),
        pytest.param(_LONG, (1100, 1100, 1060, 1070), None, id="open at the target is a touch"),
        pytest.param(_SHORT, (1000, 1049, 990, 1040), None, id="short: one tick below the stop"),
        pytest.param(
            _SHORT, (1000, 1050, 990, 1040), _inside(OrderRole.STOP, 1051), id="short stop"
        ),
        pytest.param(
            _SHORT,
            (1070, 1080, 1060, 1065),
            _at_open(OrderRole.STOP, 1071),
            id="short stop gapped",
        ),
        pytest.param(
            _SHORT,
            (1000, 1100, 800, 1000),
            _inside(OrderRole.STOP, 1051),
            id="short: both in the bar",
        ),
        pytest.param(_SHORT, (1000, 1010, 900, 910), None, id="short target only touched"),
        pytest.param(
            _SHORT,
            (1000, 1010, 899, 910),
            _inside(OrderRole.TARGET, 900),
            id="short target traded through",
        ),
        pytest.param(
            _SHORT,
            (880, 890, 870, 885),
            _at_open(OrderRole.TARGET, 900),
            id="short target gapped: the limit, no better",
        ),
    ],
)
def test_a_bracket_in_one_bar(
    bracket: tuple[Side, Ticks, Ticks], prices: _Prices, fill: LegFill | None
) -> None:
    """Open, high, low, close against both legs: which fills, at what price, at the open or not."""
    assert bracket_fill(bar(1, prices), *bracket, _RULES) == fill


@pytest.mark.parametrize(
    ("bracket", "prices", "price"),
    [(_LONG, (1000, 1100, 990, 1090), 1100), (_SHORT, (1000, 1010, 900, 910), 900)],
)
def test_a_touch_is_enough_when_so_configured(
    bracket: tuple[Side, Ticks, Ticks], prices: _Prices, price: int
) -> None:
    """`target_trade_through_ticks = 0`: the same bars that only touched now fill."""
    assert bracket_fill(bar(1, prices), *bracket, _TOUCH) == _inside(OrderRole.TARGET, price)


def test_a_leg_that_is_absent_never_fills() -> None:
    """Without stop and target the bar passes by."""
    assert bracket_fill(bar(1, (1000, 2000, 1, 1000)), Side.LONG, None, None, _RULES) is None
