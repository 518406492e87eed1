"""The client's account at an exchange elsewhere: what it misses, what it asks for again."""

from typing import Final

import pytest

from services.domain.errors import ConfigError, FeedRefusedError
from services.domain.messages.orders import Execution, OrderUpdate
from services.domain.messages.risk import Action
from services.domain.units import NANOS_PER_SECOND, Ticks, UnixNanos
from services.nt_twin.exchange.exchange_link import ExchangeLink
from services.nt_twin.exchange.exchange_session import ExchangeSession
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.remote_account import RemoteAccount
from services.venue.client_messages import AccountHello, ClientMessage
from services.venue.exchange_messages import AccountNews, AccountWelcome, ExchangeMessage
from services.venue.served_account import ServedAccount
from services.venue.wire import decode_exchange, encode
from tests.support.live_exchange import served
from tests.support.order_builder import ACCOUNT, ORDERS, command, minute

_STEP: Final = NANOS_PER_SECOND // 4


class Played:
    """A client and its exchange in memory, on one clock, a quarter of a second at a time."""

    def __init__(self) -> None:
        self.exchange: ServedAccount = served()
        self.account = RemoteAccount()
        self.session = ExchangeSession(ACCOUNT, self.account)
        self.now = minute(0)
        self.reports: list[ClientReport] = []
        self.sent: list[ClientMessage] = []
        self.linked = True
        """False: nothing passes between them; both go on."""
        self.lose_next = False
        """The next message of the exchange is lost."""

    def turn(self) -> None:
        """Let a quarter of a second pass."""
        self.now = UnixNanos(self.now + _STEP)
        self.reports += self.account.on_clock(self.now)
        for message in self.session.due(self.now):
            self.sent.append(message)
            if self.linked:
                self.exchange.on_frame(b"c", encode(message), self.now)
        self.exchange.on_clock(self.now)
        for _, frame in self.exchange.pop_frames():
            if self.linked and not self.lose_next:
                self.session.on_message(decode_exchange(frame), self.now)
            self.lose_next = False
        self.reports += self.session.pop_reports()

    def until(self, second: float) -> None:
        """Turn up to a second of the first minute."""
        while self.now < minute(0) + round(second * NANOS_PER_SECOND):
            self.turn()

    def hellos(self) -> list[int]:
        """Connection number of each hello."""
        return [m.connection for m in self.sent if isinstance(m, AccountHello)]

    def fills(self) -> list[tuple[str, int]]:
        """Role and price of each fill reported."""
        return [(r.role.name, r.price) for r in self.reports if isinstance(r, Execution)]

    def states(self, role: str) -> list[str]:
        """Statuses reported of the orders of a role."""
        updates = [r for r in self.reports if isinstance(r, OrderUpdate) and r.role.name == role]
        return [update.status.name for update in updates]


@pytest.fixture
def played() -> Played:
    """A client that holds one contract from 1001 on, with a stop at 960, 2 s into the minute."""
    played = Played()
    played.until(1)
    given = command("p", stop=Ticks(960), target=Ticks(1200))
    played.reports += played.account.execute(given, played.now)
    played.until(2)
    assert played.fills() == [("ENTRY", 1001)]
    assert played.account.position(ORDERS) == 1
    return played


def test_a_fill_that_was_missed_is_reported_once(played: Played) -> None:
    """The stop fills while nothing passes; behind the view the position is closed and reported."""
    played.linked = False
    played.until(50)
    played.linked = True
    played.until(55)
    assert played.fills() == [("ENTRY", 1001), ("STOP", 959)]
    assert played.states("STOP")[-1] == "FILLED"
    assert played.states("TARGET")[-1] == "CANCELLED"
    assert played.account.open_positions() == ()
    assert list(played.account.working_orders()) == []


def test_an_exchange_out_of_reach_takes_no_entry_until_ten_quiet_seconds(played: Played) -> None:
    """Silent for more than two seconds: refused; linked again: a view, then ten seconds."""
    played.linked = False
    played.until(3.75)
    assert played.session.is_up, "a second and a half is no silence"
    played.until(5)
    entry = command("q", Action.ENTER_LONG)
    assert played.account.refusal(entry) == "the exchange cannot be reached"
    played.linked = True
    played.until(7)
    assert "less than 10 s ago" in played.account.refusal(entry)
    played.until(18)
    assert played.account.refusal(entry) == ""
    assert played.hellos() == sorted(set(played.hellos())), "each hello has a higher number"


def test_an_exit_that_was_lost_on_its_way_leaves_again(played: Played) -> None:
    """Commanded while nothing passes; when the exchange is there again the position ends."""
    played.linked = False
    exit_ = command("x", Action.EXIT, position_id="p")
    played.reports += played.account.execute(exit_, played.now)
    played.until(6)
    played.linked = True
    played.until(19)
    assert [role for role, _ in played.fills()] == ["ENTRY", "EXIT"]
    assert played.account.position(ORDERS) == 0


def test_a_moved_stop_that_was_lost_is_moved_again(played: Played) -> None:
    """The move is not in the view: it is asked for again, and the stop fills where it was moved."""
    played.linked = False
    move = command("m", Action.MOVE_STOP, position_id="p", stop=Ticks(980))
    played.reports += played.account.execute(move, played.now)
    played.turn()
    played.until(6)
    played.linked = True
    played.until(50)
    assert played.fills()[1] == ("STOP", 979)


def test_a_gap_in_the_news_is_found_and_filled(played: Played) -> None:
    """Lost for less than a silence, the fill among it: one new hello, and the fill is reported."""
    played.until(33)
    assert len(played.fills()) == 1
    while played.now < minute(0) + 34 * NANOS_PER_SECOND:
        played.lose_next = True
        played.turn()
    assert (len(played.fills()), played.session.is_up) == (1, True)
    played.lose_next = False
    played.until(36)
    assert played.fills()[1:] == [("STOP", 959)]
    assert played.hellos() == [1, 2]


def test_an_order_on_its_way_works_already(played: Played) -> None:
    """Between its request and the exchange's answer a snapshot shows it."""
    second = command("q", stop=Ticks(900), target=Ticks(1200))
    played.reports += played.account.execute(second, played.now)
    assert "PW:q:ENTRY1" in {order.name for order in played.account.working_orders()}
    played.session.due(played.now)  # handed over, and lost
    assert "PW:q:ENTRY1" in {order.name for order in played.account.working_orders()}


def test_a_view_in_between_ends_nothing_that_is_on_its_way(played: Played) -> None:
    """Asked for before a request that it does not show yet: that order fills all the same."""
    played.session.request_view()
    (query,) = played.session.due(played.now)
    played.exchange.on_frame(b"c", encode(query), played.now)
    played.exchange.on_clock(played.now)
    ((_, view),) = played.exchange.pop_frames()
    given = command("q", stop=Ticks(900), target=Ticks(1200))
    played.reports += played.account.execute(given, played.now)
    played.session.on_message(decode_exchange(view), played.now)
    played.turn()
    assert played.states("ENTRY").count("CANCELLED") == 0
    assert played.fills() == [("ENTRY", 1001), ("ENTRY", 1001)]
    assert played.hellos() == [1]


def test_an_entry_that_never_arrived_has_ended(played: Played) -> None:
    """It left on a broken link: behind the view it is reported ended, and is not sent again."""
    played.linked = False
    played.reports += played.account.execute(command("q"), played.now)
    played.turn()
    played.until(6)
    played.linked = True
    played.until(6.75)
    assert played.session.is_up
    assert played.states("ENTRY")[-1] == "CANCELLED", "before its rest of five seconds is over"
    assert [each.terms.position_id for each in played.account.open_positions()] == ["p"]
    assert len(played.fills()) == 1


def test_a_pause_of_the_client_is_no_silence_of_the_exchange(played: Played) -> None:
    """Three seconds without a turn: what came meanwhile is read, the connection goes on."""
    played.now = UnixNanos(played.now + 3 * NANOS_PER_SECOND)
    assert played.hellos() == [1]
    played.until(7)
    assert played.hellos() == [1]
    assert played.session.is_up


def test_another_exchange_at_the_address_ends_the_client(played: Played) -> None:
    """Started anew, it has an account of its own: nothing of this client's is there."""
    played.exchange = served(name="x2")
    with pytest.raises(FeedRefusedError, match="has been started anew"):
        played.until(10)


def test_an_account_of_another_name_is_no_account(played: Played) -> None:
    """The client ends with both names."""
    played.session = ExchangeSession("Live9", RemoteAccount())
    with pytest.raises(FeedRefusedError, match="the account here is Sim101"):
        played.until(10)


def test_a_message_of_an_earlier_connection_changes_nothing(played: Played) -> None:
    """A welcome and news that come late."""
    shown = played.account.values(played.now)
    late: list[ExchangeMessage] = []
    other = served()
    other.on_frame(b"c", encode(AccountHello(connection=99, account=ACCOUNT)), played.now)
    late += [decode_exchange(frame) for _, frame in other.pop_frames()]
    for message in late:
        assert isinstance(message, AccountWelcome | AccountNews)
        played.session.on_message(message, played.now)
    assert played.account.values(played.now) == shown
    assert played.account.position(ORDERS) == 1


def test_an_exchange_of_another_host_is_refused() -> None:
    """No link is encrypted: the address is of this host, or the client does not start."""
    with pytest.raises(ConfigError, match="expected a loopback address"):
        ExchangeLink("tcp://10.0.0.1:5700", ExchangeSession(ACCOUNT, RemoteAccount()))
