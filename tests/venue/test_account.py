"""The simulated account: first in first out, to the micro-dollar."""

from services.domain.messages.orders import HeldPosition
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, MicroUsd, Ticks
from services.venue.account import Account
from tests.support.order_builder import ORDERS

_TICK = MicroUsd(500_000)


def _account() -> Account:
    return Account(MicroUsd(1_000_000_000), {ORDERS: _TICK})


def _trade(account: Account, side: Side, quantity: int, price: int) -> None:
    account.fill(ORDERS, side, Contracts(quantity), Ticks(price), MicroUsd(620_000 * quantity))


def test_lots_close_in_the_order_in_which_they_were_opened() -> None:
    """Bought 2 at 1000 and 2 at 1010, sold 3 at 1020: 20 + 20 + 10 ticks, one lot of 1010 left."""
    account = _account()
    _trade(account, Side.LONG, 2, 1000)
    _trade(account, Side.LONG, 2, 1010)
    _trade(account, Side.SHORT, 3, 1020)
    assert account.realised == 50 * _TICK - 7 * 620_000
    account.mark(ORDERS, Ticks(1030))
    assert account.unrealised() == 20 * _TICK
    assert account.positions() == (HeldPosition(ORDERS, 1),)


def test_a_sale_beyond_flat_opens_the_other_side() -> None:
    """Long 1 at 1000, sold 3 at 990: 10 ticks lost, short 2 from 990."""
    account = _account()
    _trade(account, Side.LONG, 1, 1000)
    _trade(account, Side.SHORT, 3, 990)
    assert account.position(ORDERS) == -2
    assert account.realised == -10 * _TICK - 4 * 620_000
    _trade(account, Side.LONG, 2, 985)
    assert account.positions() == ()
    assert account.cash == 1_000_000_000 + (-10 + 10) * _TICK - 6 * 620_000


def test_a_new_day_counts_realised_from_zero_and_keeps_cash() -> None:
    """The broker's figure is today's, the cash is everything."""
    account = _account()
    _trade(account, Side.LONG, 1, 1000)
    _trade(account, Side.SHORT, 1, 1010)
    cash = account.cash
    account.new_day()
    assert (account.realised, account.cash) == (0, cash)
