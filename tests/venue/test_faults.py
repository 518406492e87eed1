"""Each fault alone, with the client's brackets over it: what happens, and what the client does."""

from collections.abc import Iterable

import pytest

from services.domain.errors import ConfigError
from services.domain.messages.orders import Execution, OrderUpdate
from services.domain.messages.risk import Action
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_SECOND, Contracts, Ticks, UnixNanos
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.simulated_account import SimulatedAccount
from services.venue.config import VenueConfig
from services.venue.faults import ExchangeFaults, parse_faults
from services.venue.faulty_exchange import FaultyExchange
from services.venue.orders import (
    AccountExecution,
    AccountOrder,
    ExchangeState,
    OrderRequest,
    OrderType,
)
from tests.support.order_builder import ACCOUNT, DATA, ORDERS, bar, command, minute
from tests.support.venue_builder import fills, orders

_QUIET = (1000, 1010, 990, 1000)
_NOW = minute(10)


def _account(text: str, *, live: bool = False) -> SimulatedAccount:
    return SimulatedAccount(
        VenueConfig(),
        ACCOUNT,
        {ORDERS: DATA},
        lambda _: "2026-02-06",
        live=live,
        faults=parse_faults(f"seed = 7\n{text}"),
    )


def _entered(text: str, quantity: int = 2) -> tuple[SimulatedAccount, list[ClientReport]]:
    desk = _account(text)
    reports = [*desk.execute(command("p", quantity=Contracts(quantity)), _NOW)]
    return desk, [*reports, *desk.on_bar(bar(11, _QUIET))]


def _codes(desk: SimulatedAccount) -> list[str]:
    return [alarm.code for alarm in desk.pop_alarms()]


def _held(desk: SimulatedAccount) -> int:
    return desk.account.position(ORDERS)


def test_a_rejected_entry() -> None:
    """Reported, not tried again, nothing held."""
    desk, reports = _entered("[orders]\nreject_entry = 1")
    assert orders(reports) == [("ENTRY", "REJECTED", 2)]
    assert desk.open_positions() == ()


def test_a_rejected_stop() -> None:
    """Tried four times in two seconds, then the position is closed and the operator called."""
    desk, reports = _entered("[orders]\nreject_stop = 1", 1)
    assert ("STOP", "REJECTED", 1) in orders(reports)
    reports += desk.on_bar(bar(12, _QUIET))
    assert fills(reports)[-1] == ("GUARD", "SHORT", 1, 999)
    assert set(_codes(desk)) == {"UNPROTECTED"}
    assert _held(desk) == 0


def test_a_rejected_target() -> None:
    """The stop is placed again without it: the position stays, protected."""
    desk, _ = _entered("[orders]\nreject_target = 1", 1)
    for count in (12, 13, 14, 15):
        desk.on_bar(bar(count, _QUIET))
    assert [order.name for order in desk.exchange.working_orders()] == ["PW:p:STOP2"]
    assert _held(desk) == 1


def test_a_rejected_exit() -> None:
    """Sent again five times, then the bracket stands again and the exit is reported rejected."""
    desk, _ = _entered("[orders]\nreject_exit = 1", 1)
    reports = [*desk.execute(command("x", Action.EXIT), minute(11))]
    for count in range(12, 18):
        reports += desk.on_bar(bar(count, _QUIET))
    assert orders(reports)[-3:] == [
        ("EXIT", "REJECTED", 1),
        ("STOP", "WORKING", 1),
        ("TARGET", "WORKING", 1),
    ]
    assert _codes(desk) == ["NOT_FLAT"]


def test_part_fills() -> None:
    """One contract a bar; the bracket grows with it."""
    desk, reports = _entered("[orders]\npart_fill = 1\npart_fill_max = 1", 3)
    for count in (12, 13):
        reports += desk.on_bar(bar(count, _QUIET))
    assert [n for _, _, n, _ in fills(reports)] == [1, 1, 1]
    stops = [n for role, _, n in orders(reports) if role == "STOP"]
    assert stops == [1, 2, 3]


def test_a_stop_cancelled_by_hand() -> None:
    """Its pair is placed again, under a new OCO id."""
    desk, reports = _entered("[orders]\nstop_cancelled = 1\nstop_cancelled_after_s = 30")
    reports = [*desk.on_bar(bar(12, _QUIET))]
    assert orders(reports)[:2] == [("STOP", "CANCELLED", 2), ("TARGET", "CANCELLED", 2)]
    assert orders(reports)[2:4] == [("STOP", "WORKING", 2), ("TARGET", "WORKING", 2)]
    assert [order.request.oco for order in desk.exchange.working_orders()] == ["PW:p:2"] * 2


def test_a_cancel_that_comes_too_late() -> None:
    """The stop fills as the exit cancels it: nothing is left to sell, and nothing is sold."""
    desk, _ = _entered("[orders]\ncancel_too_late = 1", 1)
    reports = [*desk.execute(command("x", Action.EXIT), minute(11))]
    reports += desk.on_bar(bar(12, _QUIET))
    assert fills(reports) == [("STOP", "SHORT", 1, 950)]
    assert _held(desk) == 0


def test_a_pair_that_is_none() -> None:
    """Both legs fill in one bar: the excess is bought back, the operator called."""
    desk, _ = _entered("[orders]\noco_lost = 1", 1)
    reports = [*desk.on_bar(bar(12, (1000, 1101, 940, 1000)))]
    reports += desk.on_bar(bar(13, _QUIET))
    assert [role for role, _, _, _ in fills(reports)] == ["STOP", "TARGET", "GUARD"]
    assert _codes(desk) == ["REVERSED"]
    assert _held(desk) == 0


@pytest.mark.parametrize(
    "events", ["doubled = 0.5", "reordered = 0.4", "late = 0.3\nlate_s = 60", "doubled = 1"]
)
def test_disturbed_events_change_no_position(events: str) -> None:
    """Doubled, out of order or late: at rest the client's position is the account's."""
    for seed in range(40):
        desk = _account(f"[events]\n{events}".replace("seed = 7", f"seed = {seed}"))
        for count in range(10, 60):
            if not desk.open_positions():
                desk.execute(command(f"p{count}", quantity=Contracts(2)), minute(count))
            swing = 1101 if count % 7 == 0 else 1010
            desk.on_bar(bar(count + 1, (1000, swing, 990, 1000)))
        for count in range(61, 90):
            if count == 61:
                desk.execute(command("f", Action.FLATTEN, position_id=""), minute(count))
            desk.on_bar(bar(count, _QUIET))
        assert _held(desk) == 0, (events, seed)
        assert desk.open_positions() == (), (events, seed)


def test_an_event_that_no_other_follows_comes_all_the_same() -> None:
    """One that was to come behind the next is late by a second, not lost."""
    faults = parse_faults("seed = 7\n[events]\nreordered = 1")
    exchange = FaultyExchange(
        VenueConfig(), ACCOUNT, {ORDERS: DATA}, lambda _: "2026-02-06", faults
    )
    request = OrderRequest(
        name="one",
        contract=ORDERS,
        side=Side.LONG,
        order_type=OrderType.MARKET,
        quantity=Contracts(1),
    )
    exchange.on_clock(_NOW)
    exchange.handle(request, _NOW)
    seen = [event.state for event in exchange.pop_events() if isinstance(event, AccountOrder)]
    assert seen == [ExchangeState.ACCEPTED, ExchangeState.SUBMITTED]
    exchange.on_clock(UnixNanos(_NOW + NANOS_PER_SECOND - 1))
    assert exchange.pop_events() == ()
    exchange.on_clock(UnixNanos(_NOW + NANOS_PER_SECOND))
    (last,) = exchange.pop_events()
    assert isinstance(last, AccountOrder)
    assert last.state is ExchangeState.WORKING
    assert exchange.pop_events() == ()


def test_a_lost_event() -> None:
    """All of them lost: the client waits and reports nothing that it has not seen."""
    desk, reports = _entered("[events]\nlost = 1")
    assert not any(isinstance(report, Execution | OrderUpdate) for report in reports)
    assert _held(desk) == 2


def test_manual_trades() -> None:
    """EXTERNAL, at the last price, and no order of the client answers them."""
    desk, _ = _entered("[manual_trade]\nevery_s = 120\nfor_s = 120\nquantity = 3")
    reports: list[ClientReport] = []
    for count in range(12, 22):
        reports += desk.on_bar(bar(count, _QUIET))
    trades = [fill for fill in fills(reports) if fill[0] == "EXTERNAL"]
    assert len(trades) == 5
    assert {quantity for _, _, quantity, _ in trades} == {3}
    assert len(desk.exchange.working_orders()) == 2


def test_a_lost_connection_ends_in_a_burst() -> None:
    """The target fills meanwhile; then everything comes, once and once more, and counts once."""
    desk, _ = _entered("[connection_lost]\nevery_s = 600\nfor_s = 240", 1)
    reports: list[ClientReport] = []
    refused, lost_bars = [], 0
    for count in range(12, 24):
        lost = not desk.exchange.connected
        lost_bars += lost
        reports += desk.on_bar(bar(count, (1000, 1101 if lost else 1010, 990, 1000)))
        refused.append(desk.refusal(command(f"e{count}")))
    assert fills(reports) == [("TARGET", "SHORT", 1, 1100)]
    assert lost_bars >= 3
    assert "the connection to the broker is lost" in refused
    assert not refused[-1]


def test_the_burst_repeats_what_was_seen() -> None:
    """After the connection every execution of before comes once more, by the same id."""
    desk, _ = _entered("[connection_lost]\nevery_s = 600\nfor_s = 240", 1)
    seen: list[str] = []
    for count in range(12, 24):
        events = desk.exchange.on_bar(bar(count, _QUIET))
        seen += [event.name for event in events if isinstance(event, AccountExecution)]
    assert seen.count("PW:p:ENTRY1") == 1, "it was read before, and comes with the burst"


def test_a_lost_connection_cancels_what_is_day() -> None:
    """The rest of an entry that fills in parts is ended; stop and target work on."""
    desk, reports = _entered(
        "[orders]\npart_fill = 1\n[connection_lost]\nevery_s = 600\nfor_s = 240", 50
    )
    for count in range(12, 24):
        reports += desk.on_bar(bar(count, _QUIET))
    assert ("ENTRY", "CANCELLED", 50) in orders(reports)
    assert 0 < _held(desk) < 12
    assert len(desk.exchange.working_orders()) == 2


def test_what_is_sent_without_a_connection_is_rejected() -> None:
    """At once, by the platform."""
    desk = _account("[connection_lost]\nevery_s = 60\nfor_s = 60")
    desk.on_bar(bar(10, _QUIET))
    assert "lost" in desk.refusal(command("p"))


def test_a_restart_of_the_platform_with_an_open_position() -> None:
    """It cancels every order and comes back after 20 s: the pair is placed again."""
    desk, _ = _entered("[platform_restart]\nevery_s = 3600\nfor_s = 20", 1)
    reports: list[ClientReport] = []
    for count in range(12, 140):
        reports += desk.on_bar(bar(count, _QUIET))
    ends = [status for role, status, _ in orders(reports) if role == "STOP"]
    assert "CANCELLED" in ends
    assert [o.request.order_type.name for o in desk.exchange.working_orders()] == ["STOP", "LIMIT"]
    assert _held(desk) == 1


def test_a_halt_trades_nothing() -> None:
    """The entry waits until the market trades again."""
    desk, reports = _entered("[halt]\nevery_s = 600\nfor_s = 300", 1)
    at: list[UnixNanos] = []
    halted = []
    for count in range(12, 24):
        events = desk.on_bar(bar(count, (1000, 1101, 940, 1000)))
        halted.append(bool(desk.exchange.halted))
        at += [e.at_ns for e in events if isinstance(e, Execution)]
    assert any(halted)
    assert not all(halted)
    assert fills(reports) or at


def test_a_plan_is_played_twice_alike() -> None:
    """Everything at once, two hundred bars, twice: the same reports."""

    def day() -> list[ClientReport]:
        desk = _account(
            "[orders]\nreject_stop = 0.2\npart_fill = 0.5\nstop_cancelled = 0.3\noco_lost = 0.2\n"
            "cancel_too_late = 0.2\n[events]\nlost = 0.01\ndoubled = 0.2\nreordered = 0.2\n"
            "late = 0.2\n[manual_trade]\nevery_s = 3000\n[halt]\nevery_s = 4000\nfor_s = 200\n"
            "[connection_lost]\nevery_s = 2000\nfor_s = 100\n"
        )
        reports: list[ClientReport] = []
        for count in range(10, 210):
            given = command(f"p{count}", quantity=Contracts(3))
            if count % 5 == 0 and not desk.refusal(given):
                reports += desk.execute(given, minute(count))
            low = 940 if count % 11 == 0 else 990
            reports += desk.on_bar(bar(count + 1, (1000, 1010, low, 1000)))
        return reports

    first = day()
    assert len(first) > 200
    assert first == day()


def test_live_faults_come_with_the_clock() -> None:
    """A stop cancelled by hand after 5 s is there again within the second."""
    desk = _account("[orders]\nstop_cancelled = 1\nstop_cancelled_after_s = 5", live=True)
    forming = (bar(11, _QUIET),)

    def at(seconds: int) -> UnixNanos:
        return UnixNanos(_NOW + seconds * NANOS_PER_SECOND)

    desk.on_clock(at(1), forming)
    desk.execute(command("p"), at(1))
    names: list[list[str]] = []
    for seconds in range(2, 9):
        desk.on_clock(at(seconds), forming)
        names.append([order.name for order in desk.exchange.working_orders()])
    assert names[0] == ["PW:p:STOP1", "PW:p:TARGET1"]
    assert names[-1] == ["PW:p:STOP2", "PW:p:TARGET2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "missing required field `seed`"),
        ("seed = 1\n[orders]\nreject_stop = 2", "Expected `float` <= 1.0"),
        ("seed = 1\n[orders]\nreject_stops = 1", "unknown field `reject_stops`"),
        ("seed = 1\n[halt]\nfor_s = 1", "missing required field `every_s`"),
        ("seed = 1\n[events]\nlate_s = 0", "Expected `float` > 0.0"),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, expected: str) -> None:
    """With the key and what was expected."""
    with pytest.raises(ConfigError, match=expected):
        parse_faults(text)


def test_a_stretch_has_its_fault_once() -> None:
    """Of every ten minutes one, at a moment that the seed decides."""
    plan = parse_faults("seed = 3\n[halt]\nevery_s = 600\nfor_s = 60")
    starts = []
    for number in range(20):
        assert plan.halt is not None
        begin, end = plan.window("halt", plan.halt, number * 600 * NANOS_PER_SECOND)
        inside = [
            second
            for second in range(number * 600, number * 600 + 600)
            if begin <= second * NANOS_PER_SECOND < end
        ]
        assert len(inside) in (59, 60, 61)
        starts.append(inside[0] % 600)
    assert len(set(starts)) > 10


def test_chances_are_what_they_are() -> None:
    """A thousand names, a chance of one in five; another seed has other ones."""

    def happened(plan: ExchangeFaults) -> Iterable[int]:
        return {n for n in range(1_000) if plan.happens("reject", str(n), 0.2)}

    first, other = set(happened(ExchangeFaults(seed=1))), set(happened(ExchangeFaults(seed=2)))
    assert 150 < len(first) < 250
    assert first != other


def test_a_manual_trade_is_on_both_sides() -> None:
    """Bought and sold, by the seed."""
    desk, _ = _entered("[manual_trade]\nevery_s = 60\nfor_s = 60", 1)
    reports: list[ClientReport] = []
    for count in range(12, 40):
        reports += desk.on_bar(bar(count, _QUIET))
    sides = {fill.side for fill in reports if isinstance(fill, Execution)}
    assert sides == {Side.LONG, Side.SHORT}
    prices = {fill.price for fill in reports if isinstance(fill, Execution)}
    assert prices == {Ticks(1000)}
