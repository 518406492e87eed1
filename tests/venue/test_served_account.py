"""The exchange's half of its link: who may request, in which order, and what is answered."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_SECOND, Contracts, Ticks, UnixNanos
from services.venue.client_messages import (
    AccountHello,
    ClientBeat,
    ClientMessage,
    RequestSubmission,
    ViewQuery,
)
from services.venue.exchange_messages import (
    AccountNews,
    AccountWelcome,
    ClientRefusal,
    ExchangeMessage,
    RefusalKind,
)
from services.venue.faults import parse_faults
from services.venue.orders import (
    CancelRequest,
    ChangeRequest,
    ExchangeRequest,
    OrderRequest,
    OrderType,
)
from services.venue.served_account import ServedAccount
from services.venue.wire import decode_exchange, encode, submission
from tests.support.live_exchange import served
from tests.support.order_builder import ACCOUNT, ORDERS, minute

_A: Final = b"a"
_B: Final = b"b"
_BUY: Final = OrderRequest(
    name="buy",
    contract=ORDERS,
    side=Side.LONG,
    order_type=OrderType.MARKET,
    quantity=Contracts(1),
)
_STOP: Final = OrderRequest(
    name="stop",
    contract=ORDERS,
    side=Side.SHORT,
    order_type=OrderType.STOP,
    quantity=Contracts(1),
    price=Ticks(960),
    till_cancelled=True,
    closes=True,
)


def _at(seconds: float) -> UnixNanos:
    return UnixNanos(minute(0) + round(seconds * NANOS_PER_SECOND))


class Talk:
    """Messages to an account at times, and what comes back, by receiver."""

    def __init__(self, account: ServedAccount) -> None:
        self.account = account

    def send(
        self, at: float, sender: bytes, *messages: ClientMessage
    ) -> list[tuple[bytes, ExchangeMessage]]:
        """Send messages in one turn."""
        for message in messages:
            self.account.on_frame(sender, encode(message), _at(at))
        return self.turn(at)

    def turn(self, at: float) -> list[tuple[bytes, ExchangeMessage]]:
        """Let time pass."""
        self.account.on_clock(_at(at))
        return [(to, decode_exchange(frame)) for to, frame in self.account.pop_frames()]


@pytest.fixture
def talk() -> Talk:
    """An account to which A is connected as 1, one second into the first minute."""
    talk = Talk(served())
    ((to, welcome),) = talk.send(1, _A, AccountHello(connection=1, account=ACCOUNT))
    assert to == _A
    assert isinstance(welcome, AccountWelcome)
    return talk


def _news(answers: list[tuple[bytes, ExchangeMessage]]) -> AccountNews:
    (found,) = (message for _, message in answers if isinstance(message, AccountNews))
    return found


def _refusal(answers: list[tuple[bytes, ExchangeMessage]], to: bytes = _A) -> ClientRefusal:
    (found,) = (m for receiver, m in answers if isinstance(m, ClientRefusal) and receiver == to)
    return found


def test_a_request_fills_at_the_price_of_now(talk: Talk) -> None:
    """In the middle of a fall from 1000 to 940: 970 and a tick; money and holdings come with it."""
    news = _news(talk.send(30, _A, submission(_BUY, 1, 1)))
    (execution,) = (body.execution for body in news.events if body.execution is not None)
    assert (execution.price, execution.at_ns) == (971, _at(30))
    assert news.handled == 1
    holdings = news.shown.values.holdings
    assert holdings is not None
    assert [p.quantity for p in holdings.positions] == [1]


def test_requests_are_carried_out_in_their_order(talk: Talk) -> None:
    """Placed, moved and cancelled in one turn: the events have that order, the stop never fills."""
    moved = ChangeRequest(name="stop", price=Ticks(930))
    requests: tuple[ExchangeRequest, ...] = (_STOP, moved, CancelRequest("stop"))
    given = [submission(each, 1, number) for number, each in enumerate(requests, start=1)]
    news = _news(talk.send(2, _A, *given))
    orders = [body.order for body in news.events if body.order is not None]
    seen = [(o.state.name, o.request.price) for o in orders]
    assert seen == [
        ("SUBMITTED", 960),
        ("ACCEPTED", 960),
        ("WORKING", 960),
        ("WORKING", 930),
        ("CANCEL_PENDING", 930),
        ("CANCELLED", 930),
    ]
    assert news.shown.orders == ()


def test_only_the_newest_connection_requests(talk: Talk) -> None:
    """The older one is informed, its later request refused and not carried out."""
    answers = talk.send(2, _B, AccountHello(connection=2, account=ACCOUNT))
    assert _refusal(answers).kind is RefusalKind.REPLACED
    refusal = _refusal(talk.send(3, _A, submission(_BUY, 1, 1)))
    assert (refusal.kind, refusal.newest_connection) == (RefusalKind.CONNECTION, 2)
    assert talk.account.requests == 0
    view = _news(talk.send(4, _B, ViewQuery(connection=2))).view
    assert view is not None
    assert (view.orders, view.executions, view.positions) == ((), (), ())


def test_a_hello_needs_a_higher_number_and_the_account(talk: Talk) -> None:
    """The same number again, and another account: refused with what is here."""
    again = talk.send(2, _B, AccountHello(connection=1, account=ACCOUNT))
    assert _refusal(again, _B).text == "connection 1 is not newer than 1"
    other = talk.send(2, _B, AccountHello(connection=9, account="Live9"))
    assert _refusal(other, _B).text == "the account here is Sim101, the hello names 'Live9'"
    assert _news(talk.send(3, _A, submission(_BUY, 1, 1))).handled == 1


def test_orders_work_on_while_nobody_is_connected(talk: Talk) -> None:
    """A stop fills at its price's time; the next hello shows both executions and nothing held."""
    talk.send(2, _A, submission(_BUY, 1, 1), submission(_STOP, 1, 2))
    for second in range(3, 60):
        talk.turn(second)
    ((_, welcome),) = (
        (to, m)
        for to, m in talk.send(60, _B, AccountHello(connection=2, account=ACCOUNT))
        if isinstance(m, AccountWelcome)
    )
    assert [(e.name, e.price) for e in welcome.view.executions] == [("buy", 1001), ("stop", 957)]
    assert (welcome.view.positions, welcome.view.orders) == ((), ())


def test_what_cannot_be_carried_out_is_answered(talk: Talk) -> None:
    """An order nobody knows, one with an impossible price, and a name that was used."""
    unknown = _refusal(talk.send(2, _A, submission(CancelRequest("x"), 1, 1)))
    assert (unknown.kind, unknown.order) == (RefusalKind.ORDER_UNKNOWN, "x")
    far = replace(_STOP, price=Ticks(10**9))
    refusal = _refusal(talk.send(3, _A, submission(far, 1, 2)))
    assert "price is 1000000000 ticks, expected at most 100000000" in refusal.text
    news = _news(talk.send(4, _A, submission(_STOP, 1, 3), submission(_STOP, 1, 4)))
    texts = [body.order.text for body in news.events if body.order is not None]
    assert texts[-1] == "order stop exists"


def test_without_its_connection_to_the_broker_it_answers_too() -> None:
    """A cancel while the connection is lost is refused; the news show that it is lost."""
    faults = parse_faults("seed = 1\n[connection_lost]\nevery_s = 40\nfor_s = 39.9\n")
    talk = Talk(served(faults=faults))
    talk.send(0.01, _A, AccountHello(connection=1, account=ACCOUNT))
    lost = next(second for second in range(1, 60) if _lost(talk, second))
    talk.account.on_frame(_A, encode(submission(_STOP, 1, 1)), _at(lost))
    refusal = _refusal(talk.send(lost, _A, submission(CancelRequest("stop"), 1, 2)))
    assert refusal.text == "order stop: the connection to the broker is lost"


def _lost(talk: Talk, second: int) -> bool:
    news = [m for _, m in talk.turn(second) if isinstance(m, AccountNews)]
    return bool(news) and not news[-1].shown.connected


def test_it_shows_that_it_is_there(talk: Talk) -> None:
    """Every half second, numbered without a gap; not to a client that is silent for five."""
    numbers = []
    for tenth in range(11, 200):
        at = tenth / 10
        answers = talk.turn(at)
        numbers += [m.number for _, m in answers if isinstance(m, AccountNews)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert 9 <= len(numbers) <= 11, "one and a half to six seconds, twice a second"
    later = _news(talk.send(20.7, _A, ClientBeat(connection=1)))
    assert later.number > len(numbers) + 1, "the gap shows what was not sent"


@given(st.lists(st.binary(max_size=60) | st.just(encode(submission(_BUY, 1, 1))[:-1])))
def test_no_bytes_end_it(frames: list[bytes]) -> None:
    """Whatever comes from whoever is counted and answered; then a client is served."""
    talk = Talk(served())
    talk.send(1, _A, AccountHello(connection=1, account=ACCOUNT))
    for frame in frames:
        talk.account.on_frame(_B, frame, _at(2))
    answers = talk.turn(2)
    assert talk.account.malformed + talk.account.refusals <= len(frames)
    assert sum(to == _B for to, _ in answers) == len(frames)
    assert _news(talk.send(3, _A, submission(_BUY, 1, 1))).handled == 1


def test_a_submission_holds_one_request(talk: Talk) -> None:
    """None, or two, is no message."""
    for message in (
        RequestSubmission(connection=1, number=1),
        RequestSubmission(connection=1, number=1, order=_BUY, cancel=CancelRequest("buy")),
    ):
        refusal = _refusal(talk.send(2, _A, message))
        assert refusal.kind is RefusalKind.FRAME
        assert "expected one" in refusal.text
    assert talk.account.malformed == 2
