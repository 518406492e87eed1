"""The simulated venue, order by order: what is reported, in which order, at what time and price."""

import pytest

from services.domain.messages.orders import AccountValues, Execution, HeldPosition, OrderUpdate
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, MicroUsd, Ticks
from services.nt_twin.positions.simulated_account import SimulatedAccount
from services.venue.config import VenueConfig
from tests.support.order_builder import ORDERS, bar, command, minute
from tests.support.venue_builder import fills, orders, venue

_QUIET = (1000, 1010, 990, 1000)
_NOW = minute(10)


def _open_long(desk: SimulatedAccount, quantity: int = 1) -> None:
    desk.execute(command("p", quantity=Contracts(quantity)), _NOW)
    desk.on_bar(bar(11, _QUIET))


def test_an_entry_fills_at_the_next_open_with_its_bracket() -> None:
    """Filled one tick worse than the open, at the open's time; stop and target work at once."""
    desk = venue()
    accepted = desk.execute(command("p", quantity=Contracts(2)), _NOW)
    assert orders(accepted) == [("ENTRY", "WORKING", 2)]
    events = desk.on_bar(bar(11, _QUIET))
    assert orders(events) == [
        ("ENTRY", "FILLED", 2),
        ("STOP", "WORKING", 2),
        ("TARGET", "WORKING", 2),
    ]
    assert fills(events) == [("ENTRY", "LONG", 2, 1001)]
    assert {e.at_ns for e in events if not isinstance(e, AccountValues)} == {minute(10)}
    assert desk.account.positions() == (HeldPosition(ORDERS, 2),)


def test_a_bar_of_another_contract_trades_nothing() -> None:
    """MNQ orders fill on NQ bars, not on ES bars."""
    desk = venue()
    desk.execute(command("p"), _NOW)
    assert desk.on_bar(bar(11, _QUIET, "ES 03-26")) == ()


def test_the_entry_bar_is_tested_from_the_fill_on() -> None:
    """Entered at the open and stopped in the same bar: two fills, two times, the loss in cash."""
    desk = venue()
    desk.execute(command("p"), _NOW)
    events = desk.on_bar(bar(11, (1000, 1010, 940, 945)))
    assert fills(events) == [("ENTRY", "LONG", 1, 1001), ("STOP", "SHORT", 1, 949)]
    assert [e.at_ns for e in events if isinstance(e, Execution)] == [minute(10), minute(11)]
    assert orders(events)[-2:] == [("STOP", "FILLED", 1), ("TARGET", "CANCELLED", 1)]
    # 52 ticks of $0.50 lost, two sides of $0.62.
    assert desk.account.cash == 50_000_000_000 - 26_000_000 - 1_240_000


def test_a_target_fills_and_cancels_the_stop() -> None:
    """OCO: one leg done cancels the other; commission on both sides, no slippage on the limit."""
    desk = venue()
    _open_long(desk)
    events = desk.on_bar(bar(12, (1050, 1101, 1040, 1090)))
    assert fills(events) == [("TARGET", "SHORT", 1, 1100)]
    assert orders(events) == [("TARGET", "FILLED", 1), ("STOP", "CANCELLED", 1)]
    values = events[-1]
    assert isinstance(values, AccountValues)
    assert values.realised == 99 * 500_000 - 2 * 620_000
    assert values.cash == 50_000_000_000 + values.realised
    assert values.unrealised == 0


def test_a_gap_through_the_stop_fills_at_the_open_and_its_time() -> None:
    """Opened 30 ticks beyond the stop: the open, one tick worse, at the open's time."""
    desk = venue()
    _open_long(desk)
    events = desk.on_bar(bar(12, (920, 930, 910, 925)))
    assert fills(events) == [("STOP", "SHORT", 1, 919)]
    assert events[0].at_ns == minute(11)


def test_a_partly_filled_entry_is_protected_as_it_grows() -> None:
    """Two contracts a bar at most: the bracket covers 2, 4, then 5; never more, never less."""
    desk = venue(VenueConfig(partial_fill_max=2))
    desk.execute(command("p", quantity=Contracts(5)), _NOW)
    stops = []
    for count in (11, 12, 13):
        seen = orders(desk.on_bar(bar(count, _QUIET)))
        stops += [(status, n) for role, status, n in seen if role == "STOP"]
    assert stops == [("WORKING", 2), ("WORKING", 4), ("WORKING", 5)]


def test_an_exit_fill_cancels_the_rest_of_the_entry() -> None:
    """Stopped after two of five: three are cancelled, and no later bar fills them."""
    desk = venue(VenueConfig(partial_fill_max=2))
    desk.execute(command("p", quantity=Contracts(5)), _NOW)
    events = desk.on_bar(bar(11, (1000, 1010, 940, 945)))
    assert fills(events) == [("ENTRY", "LONG", 2, 1001), ("STOP", "SHORT", 2, 949)]
    assert orders(events)[-1] == ("ENTRY", "CANCELLED", 5)
    assert desk.on_bar(bar(12, _QUIET)) == ()


def test_a_moved_stop_is_in_force_from_the_next_bar() -> None:
    """Moved to 995 after bar 11: bar 12 trades through it, bar 11 had and did not."""
    desk = venue()
    _open_long(desk)
    moved = desk.execute(command("m", Action.MOVE_STOP, stop=Ticks(995)), minute(11))
    assert [(e.role.name, e.price) for e in moved if isinstance(e, OrderUpdate)] == [("STOP", 995)]
    assert fills(desk.on_bar(bar(12, _QUIET))) == [("STOP", "SHORT", 1, 994)]


def test_a_moved_target_is_in_force_from_the_next_bar() -> None:
    """Moved to 1008: one tick through it is enough."""
    desk = venue()
    _open_long(desk)
    desk.execute(command("m", Action.MOVE_TARGET, target=Ticks(1008)), minute(11))
    assert fills(desk.on_bar(bar(12, _QUIET))) == [("TARGET", "SHORT", 1, 1008)]


def test_a_bracket_moved_before_the_fill_is_placed_where_it_was_moved() -> None:
    """Nothing works yet, so nothing is reported; the fill places the moved stop."""
    desk = venue()
    desk.execute(command("p"), _NOW)
    assert desk.execute(command("m", Action.MOVE_STOP, stop=Ticks(960)), _NOW) == ()
    events = desk.on_bar(bar(11, _QUIET))
    assert [e.price for e in events if isinstance(e, OrderUpdate)][1:] == [960, 1100]


def test_an_exit_fills_at_the_open_before_the_bracket_is_tested() -> None:
    """In two steps: both legs are cancelled first, then the market order is all that works."""
    desk = venue()
    _open_long(desk)
    assert orders(desk.execute(command("x", Action.EXIT), minute(11))) == [
        ("STOP", "CANCELLED", 1),
        ("TARGET", "CANCELLED", 1),
        ("EXIT", "WORKING", 1),
    ]
    events = desk.on_bar(bar(12, (980, 985, 900, 910)))
    assert fills(events) == [("EXIT", "SHORT", 1, 979)]
    assert orders(events) == [("EXIT", "FILLED", 1)]
    (exit_fill,) = (e for e in events if isinstance(e, Execution))
    assert (exit_fill.command_id, exit_fill.position_id) == ("x", "p")


def test_an_exit_before_the_fill_cancels_the_entry() -> None:
    """Nothing is held, so nothing is sold."""
    desk = venue()
    desk.execute(command("p"), _NOW)
    events = desk.execute(command("x", Action.EXIT), _NOW)
    assert orders(events) == [("ENTRY", "CANCELLED", 1), ("EXIT", "CANCELLED", 0)]
    assert desk.on_bar(bar(11, _QUIET)) == ()


def test_a_cancel_ends_an_unfilled_entry_and_keeps_what_filled() -> None:
    """Cancelled after two of five: two stay held and protected."""
    desk = venue(VenueConfig(partial_fill_max=2))
    desk.execute(command("p", quantity=Contracts(5)), _NOW)
    desk.on_bar(bar(11, _QUIET))
    events = desk.execute(command("k", Action.CANCEL), minute(11))
    assert orders(events) == [("ENTRY", "CANCELLED", 5)]
    assert desk.refusal(command("k2", Action.CANCEL)) == "entry p has nothing working"
    assert fills(desk.on_bar(bar(12, (1000, 1010, 940, 945)))) == [("STOP", "SHORT", 2, 949)]


def test_a_flatten_closes_everything_in_the_contract() -> None:
    """A held position, a pending exit, a working entry, and a trade by hand: all gone, flat."""
    desk = venue()
    _open_long(desk, 2)
    desk.execute(command("x", Action.EXIT), minute(11))
    desk.execute(command("p2", Action.ENTER_SHORT), minute(11))
    desk.fill_manual_order(ORDERS, Side.LONG, Contracts(3), Ticks(1000), minute(11))
    flatten = command("f", Action.FLATTEN, position_id="")
    assert orders(desk.execute(flatten, minute(11))) == [
        ("EXIT", "CANCELLED", 2),
        ("ENTRY", "CANCELLED", 1),
        ("FLATTEN", "WORKING", 5),
    ]
    events = desk.on_bar(bar(12, _QUIET))
    assert fills(events) == [("FLATTEN", "SHORT", 2, 999), ("FLATTEN", "SHORT", 3, 999)]
    assert desk.account.positions() == ()
    assert desk.open_positions() == ()


def test_a_flatten_of_nothing_says_so() -> None:
    """No order is sent, and the report is an end."""
    assert orders(venue().execute(command("f", Action.FLATTEN), _NOW)) == [
        ("FLATTEN", "CANCELLED", 0)
    ]


def test_a_second_flatten_finds_nothing_left() -> None:
    """Two flattens before one open: the second must not reverse the position."""
    desk = venue()
    _open_long(desk)
    desk.execute(command("f1", Action.FLATTEN), minute(11))
    desk.execute(command("f2", Action.FLATTEN), minute(11))
    events = desk.on_bar(bar(12, _QUIET))
    assert fills(events) == [("FLATTEN", "SHORT", 1, 999)]
    assert orders(events)[-1] == ("FLATTEN", "CANCELLED", 0)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (command("x", Action.EXIT, position_id="q"), "position q is not held and not working"),
        (command("m", Action.MOVE_STOP, position_id="q", stop=Ticks(1)), "position q is not held"),
        (command("m", Action.MOVE_STOP), "MOVE_STOP carries no price"),
        (command("m", Action.MOVE_TARGET), "MOVE_TARGET carries no price"),
        (command("p"), "position p exists"),
        (command("x", Action.EXIT), "exit x0 is working already"),
        (command("m", Action.MOVE_STOP, stop=Ticks(960)), ""),
        (command("q"), ""),
        (command("f", Action.FLATTEN), ""),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(asked: OrderCommand, refusal: str) -> None:
    """On a held position with an exit on its way."""
    desk = venue()
    _open_long(desk)
    desk.execute(command("x0", Action.EXIT), minute(11))
    found = desk.refusal(asked)
    assert found.startswith(refusal)
    assert bool(found) is bool(refusal)


@pytest.mark.parametrize(
    ("contract", "commission", "tick_value"),
    [("NQ 03-26", 2_050_000, 5_000_000), ("MNQ 03-26", 620_000, 500_000)],
)
def test_commission_and_tick_value_follow_the_order_contract(
    contract: str, commission: int, tick_value: int
) -> None:
    """The signal contract's bars fill the order; the order contract's money is paid."""
    desk = SimulatedAccount(
        VenueConfig(slippage_ticks=0), "a", {contract: "NQ 03-26"}, lambda _: "d"
    )
    desk.execute(command("p", contract=contract, quantity=Contracts(3)), _NOW)
    events = desk.on_bar(bar(11, (1000, 1010, 990, 1008)))
    (fill,) = (e for e in events if isinstance(e, Execution))
    assert fill.commission == 3 * commission
    assert desk.account.unrealised() == 3 * 8 * tick_value
    assert desk.account.cash == 50_000_000_000 - 3 * commission


def test_realised_counts_from_zero_on_a_new_trade_date() -> None:
    """NinjaTrader's realised profit is today's; cash keeps everything."""
    dates = iter(["d1", "d1", "d2"])
    desk = SimulatedAccount(VenueConfig(), "a", {ORDERS: "NQ 03-26"}, lambda _: next(dates))
    _open_long(desk)
    desk.on_bar(bar(12, (1050, 1101, 1040, 1090)))
    won = desk.account.realised
    desk.execute(command("p2"), minute(12))
    desk.on_bar(bar(13, _QUIET))
    assert desk.account.realised == -620_000
    assert desk.account.cash == MicroUsd(50_000_000_000 + won - 620_000)
