"""The exchange order by order: states, pairs, changes, refusals, executions by page, hands."""

import pytest
from msgspec.structs import replace

from services.domain.messages.orders import HeldPosition
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, Ticks, UnixNanos
from services.venue.config import VenueConfig
from services.venue.exchange import Exchange
from services.venue.orders import (
    AccountExecution,
    AccountOrder,
    CancelRequest,
    ChangeRequest,
    ExchangeEvent,
    OrderRequest,
    OrderType,
)
from tests.support.order_builder import ACCOUNT, DATA, ORDERS, bar, minute

_QUIET = (1000, 1010, 990, 1000)
_NOW = minute(10)
_BUY = OrderRequest(
    name="buy",
    contract=ORDERS,
    side=Side.LONG,
    order_type=OrderType.MARKET,
    quantity=Contracts(2),
)
_STOP = replace(
    _BUY, name="stop", side=Side.SHORT, order_type=OrderType.STOP, price=Ticks(950), closes=True
)
_STOP = replace(_STOP, oco="1", till_cancelled=True)
_TARGET = replace(_STOP, name="target", order_type=OrderType.LIMIT, price=Ticks(1100))


def _exchange(config: VenueConfig | None = None) -> Exchange:
    return Exchange(config or VenueConfig(), ACCOUNT, {ORDERS: DATA}, lambda _: "2026-02-06")


def _states(events: tuple[ExchangeEvent, ...]) -> list[tuple[str, str]]:
    return [(e.name, e.state.name) for e in events if isinstance(e, AccountOrder)]


def _texts(exchange: Exchange) -> list[str]:
    return [e.text for e in exchange.pop_events() if isinstance(e, AccountOrder) and e.text]


def _fills(events: tuple[ExchangeEvent, ...]) -> list[tuple[str, str, int, int]]:
    return [
        (e.name, e.side.name, e.quantity, e.price)
        for e in events
        if isinstance(e, AccountExecution)
    ]


def _bracketed(quantity: int = 2) -> Exchange:
    exchange = _exchange()
    for request in (_BUY, _STOP, _TARGET):
        exchange.handle(replace(request, quantity=Contracts(quantity)), _NOW)
    exchange.pop_events()
    return exchange


def test_an_order_is_submitted_accepted_and_works() -> None:
    """A market order waits for the next open; its fill is an order event, then an execution."""
    exchange = _exchange()
    exchange.handle(_BUY, _NOW)
    assert _states(exchange.pop_events()) == [
        ("buy", "SUBMITTED"),
        ("buy", "ACCEPTED"),
        ("buy", "WORKING"),
    ]
    events = tuple(exchange.on_bar(bar(11, _QUIET)))
    assert _states(events) == [("buy", "FILLED")]
    assert _fills(events) == [("buy", "LONG", 2, 1001)]
    assert HeldPosition(ORDERS, 2) in events
    assert exchange.working_orders() == ()


def test_a_pair_ends_each_other_by_fill_and_by_cancel() -> None:
    """Filled or cancelled, the other one of the OCO id is cancelled behind it."""
    exchange = _bracketed()
    events = tuple(exchange.on_bar(bar(11, (1000, 1101, 990, 1000))))
    assert _states(events) == [("buy", "FILLED"), ("target", "FILLED"), ("stop", "CANCELLED")]
    other = _bracketed()
    other.handle(CancelRequest("stop"), _NOW)
    assert _states(other.pop_events()) == [
        ("stop", "CANCEL_PENDING"),
        ("stop", "CANCELLED"),
        ("target", "CANCELLED"),
    ]


def test_what_closes_fills_before_what_opens() -> None:
    """At one open, in whatever order they came."""
    exchange = _exchange()
    exchange.handle(_BUY, _NOW)
    exchange.handle(replace(_BUY, name="sell", side=Side.SHORT, closes=True), _NOW)
    fills = _fills(tuple(exchange.on_bar(bar(11, _QUIET))))
    assert [name for name, _, _, _ in fills] == ["sell", "buy"]


def test_a_client_answers_inside_the_bar() -> None:
    """What it requests while it reads a fill at the open takes part in the rest of the bar."""
    exchange = _exchange()
    exchange.handle(_BUY, _NOW)
    seen: list[ExchangeEvent] = []
    for event in exchange.on_bar(bar(11, (1000, 1010, 940, 945))):
        seen.append(event)
        if isinstance(event, AccountExecution) and event.name == "buy":
            exchange.handle(_STOP, event.at_ns)
    fills = [e for e in seen if isinstance(e, AccountExecution)]
    assert [(e.name, e.price, e.at_ns) for e in fills] == [
        ("buy", 1001, minute(10)),
        ("stop", 949, minute(11)),
    ]


def test_an_order_is_changed_while_it_works() -> None:
    """Price and quantity, one or both; an order that has ended answers that it has."""
    exchange = _bracketed()
    exchange.handle(ChangeRequest(name="stop", price=Ticks(960)), _NOW)
    exchange.handle(ChangeRequest(name="stop", quantity=Contracts(1)), _NOW)
    stop = exchange.working_orders()[1].request
    assert (stop.price, stop.quantity) == (960, 1)
    exchange.handle(CancelRequest("stop"), _NOW)
    exchange.pop_events()
    exchange.handle(ChangeRequest(name="stop", price=Ticks(970)), _NOW)
    exchange.handle(CancelRequest("stop"), _NOW)
    exchange.handle(CancelRequest("never"), _NOW)
    assert _texts(exchange) == [
        "unable to change: the order is CANCELLED",
        "unable to cancel: the order is CANCELLED",
    ]


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (_STOP, "order stop exists"),
        (
            replace(_STOP, name="b", oco="", contract="CL 03-26"),
            "contract CL 03-26 is not traded here",
        ),
        (
            replace(_STOP, name="b", oco="", quantity=Contracts(0)),
            "quantity is 0, expected at least 1",
        ),
        (replace(_STOP, name="b", oco="", price=None), "STOP order with price None"),
        (replace(_BUY, name="b", price=Ticks(1)), "MARKET order with price 1"),
    ],
)
def test_what_is_no_order_is_rejected(request_: OrderRequest, text: str) -> None:
    """With a reason, and what works already works on."""
    exchange = _bracketed()
    exchange.handle(request_, _NOW)
    assert _texts(exchange) == [text]
    assert len(exchange.working_orders()) == 3


def test_an_oco_id_is_used_once() -> None:
    """As NinjaTrader does: a third order under the id of a pair that has ended is rejected."""
    exchange = _bracketed()
    exchange.handle(CancelRequest("stop"), _NOW)
    exchange.pop_events()
    exchange.handle(replace(_STOP, name="stop2"), _NOW)
    assert _texts(exchange) == ["OCO id 1 has been used"]


def test_orders_and_executions_survive_their_client() -> None:
    """Whoever asks, and when: working orders are there, executions of the day come in pages."""
    exchange = _bracketed(3)
    for _ in exchange.on_bar(bar(11, _QUIET)):
        pass
    exchange.fill("target", Contracts(1), Ticks(1100), minute(11))
    exchange.fill("target", Contracts(1), Ticks(1100), minute(11))
    first = exchange.executions("", 2)
    rest = exchange.executions(first[-1].execution_id, 2)
    assert [e.name for e in (*first, *rest)] == ["buy", "target", "target"]
    assert exchange.executions(rest[-1].execution_id, 2) == ()
    assert exchange.executions("of yesterday", 9) == (*first, *rest)
    assert [(o.name, o.remaining) for o in exchange.working_orders()] == [
        ("stop", 3),
        ("target", 1),
    ]


def test_executions_of_another_trade_date_are_not_shown() -> None:
    """A page is of today."""
    dates = iter(["d1", "d2"])
    exchange = Exchange(VenueConfig(), ACCOUNT, {ORDERS: DATA}, lambda _: next(dates))
    exchange.fill_manual_order(ORDERS, Side.LONG, Contracts(1), Ticks(1000), _NOW)
    exchange.fill_manual_order(ORDERS, Side.SHORT, Contracts(1), Ticks(1000), _NOW)
    assert [e.side for e in exchange.executions("", 9)] == [Side.SHORT]


def test_a_lost_session_cancels_day_orders_and_no_stop() -> None:
    """The entry is DAY, what protects is GTC."""
    exchange = _bracketed()
    exchange.cancel_day_orders(_NOW)
    assert [order.name for order in exchange.working_orders()] == ["stop", "target"]


def test_a_halted_contract_trades_nothing() -> None:
    """Orders are accepted and wait; they fill where the market is when it trades again."""
    exchange = _exchange()
    exchange.halted.add(ORDERS)
    exchange.handle(_BUY, _NOW)
    assert _fills(tuple(exchange.on_bar(bar(11, _QUIET)))) == []
    exchange.halted.clear()
    assert _fills(tuple(exchange.on_bar(bar(12, (900, 910, 890, 900))))) == [
        ("buy", "LONG", 2, 901)
    ]


@pytest.mark.parametrize(
    ("price", "fills"),
    [
        (1000, [("buy", "LONG", 2, 1001)]),
        (950, [("buy", "LONG", 2, 951), ("stop", "SHORT", 2, 949)]),
        (940, [("buy", "LONG", 2, 941), ("stop", "SHORT", 2, 939)]),
        (1100, [("buy", "LONG", 2, 1101)]),
        (1101, [("buy", "LONG", 2, 1102), ("target", "SHORT", 2, 1100)]),
    ],
)
def test_a_price_fills_by_the_rules_of_a_bar(
    price: int, fills: list[tuple[str, str, int, int]]
) -> None:
    """Live: a market order at the price of now, a stop once it is reached, a target through it."""
    now = UnixNanos(_NOW + 1)
    events = tuple(_bracketed().on_price(DATA, Ticks(price), now))
    assert _fills(events) == fills
    assert {e.at_ns for e in events if isinstance(e, AccountExecution)} == {now}
