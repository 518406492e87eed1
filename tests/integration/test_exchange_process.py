"""The exchange as a process on a real socket: its market goes on when its client does not."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import zmq

from services.domain.errors import FeedRefusedError
from services.domain.messages.risk import Action
from services.domain.units import Ticks
from services.launch import private_desk
from services.synthetic.market import CONTRACTS
from services.venue.exchange_messages import ClientRefusal, RefusalKind
from services.venue.shell import READY
from services.venue.wire import CLIENT_FRAME_MAX, decode_exchange
from tests.support.exchange_client import LinkedClient
from tests.support.order_builder import command
from tests.support.process_desk import ROOT, Process, altered, playback, private_folder, short_day
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration


class RunningExchange:
    """An exchange in a process, over a market of the test's."""

    def __init__(self, folder: Path) -> None:
        self._clock = folder / "clock"
        self._clock.write_text("0", "utf-8")
        self.process = Process(["tests.support.live_exchange", str(self._clock)], folder / "x.log")
        wait_until(lambda: READY in self.process.output, "the exchange")
        self.address = address_in(self.process.output)

    def pass_time(self, seconds: int) -> None:
        """Let its clock be so many seconds further."""
        written = self._clock.with_suffix(".new")
        written.write_text(str(seconds), "utf-8")
        written.replace(self._clock)


def address_in(output: str) -> str:
    """The address in the line of a ready exchange."""
    return output.partition(READY)[2].partition(": ")[0]


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[RunningExchange]:
    """A running exchange whose price falls from 1000 to 940 in the middle of a minute."""
    running = RunningExchange(tmp_path)
    with running.process:
        yield running


@contextmanager
def linked(address: str, *, connection: int = 0) -> Iterator[LinkedClient]:
    """A client in this process that has been welcomed."""
    client = LinkedClient(address, connection=connection)
    try:
        client.until(lambda: client.session.is_up, "the exchange")
        yield client
    finally:
        client.close()


def _holding(exchange: RunningExchange, log: Path) -> Process:
    process = Process(["tests.support.exchange_client", exchange.address], log)
    wait_until(lambda: "protected" in process.output, "a protected position")
    return process


def test_a_stop_fills_while_its_client_is_stopped(
    exchange: RunningExchange, tmp_path: Path
) -> None:
    """The client stands still while the price falls through its stop; awake again it reports it."""
    with _holding(exchange, tmp_path / "client.log") as client:
        client.popen.send_signal(signal.SIGSTOP)
        exchange.pass_time(50)
        with linked(exchange.address, connection=10) as other:
            assert other.account.positions() == (), "the stop has filled without its client"
        client.popen.send_signal(signal.SIGCONT)
        assert client.wait() == 1, "a newer client has its account: it ends"
        assert "was replaced by 11" in client.output


def test_a_stopped_client_reports_what_it_has_not_seen(
    exchange: RunningExchange, tmp_path: Path
) -> None:
    """No other client came meanwhile: it finds the gap, asks for a view and reports the fill."""
    with _holding(exchange, tmp_path / "client.log") as client:
        client.popen.send_signal(signal.SIGSTOP)
        exchange.pass_time(50)
        client.popen.send_signal(signal.SIGCONT)
        wait_until(lambda: "STOP 939" in client.output, "the fill of the stop")


def test_the_next_client_sees_what_a_killed_one_has_left(
    exchange: RunningExchange, tmp_path: Path
) -> None:
    """Kill -9 with a position: its stop fills all the same, and the executions show both."""
    with _holding(exchange, tmp_path / "client.log") as client:
        client.popen.kill()
        client.popen.wait()
    with linked(exchange.address, connection=1) as second:
        assert [p.quantity for p in second.account.positions()] == [1]
        assert {o.name.split(":")[2] for o in second.account.working_orders()} == {
            "STOP1",
            "TARGET1",
        }
        exchange.pass_time(50)
        second.until(lambda: not second.account.positions(), "the stop to fill")
        second.until(lambda: len(second.fills()) == 2, "both fills")
        assert list(second.account.working_orders()) == [], "the pair ends at the exchange"


def test_a_command_inside_a_minute_fills_at_the_price_of_now(exchange: RunningExchange) -> None:
    """Half way down, 30 s into the minute, the fill is there, one tick against the order."""
    exchange.pass_time(29)
    with linked(exchange.address) as client:
        client.command(command("p", stop=Ticks(900), target=Ticks(2000)))
        client.until(lambda: bool(client.fills()), "a fill")
        ((role, price),) = client.fills()
        assert role == "ENTRY"
        assert 940 < price < 975, "the open, 1000, is long past"
        client.command(command("x", Action.EXIT, position_id="p"))
        client.until(lambda: len(client.fills()) == 2, "the exit")
        assert client.fills()[1][1] <= price, "the market falls"


def test_an_older_connection_cannot_trade(exchange: RunningExchange) -> None:
    """Its request changes nothing; it is informed which connection has replaced it."""
    with linked(exchange.address) as old, linked(exchange.address) as new:
        assert new.session.connection == 2, "the refusal of its first hello names the newest"
        old.command(command("p", stop=Ticks(900)))
        with pytest.raises(FeedRefusedError, match="connection 1 was replaced by 2"):
            old.until(lambda: bool(old.fills()), "an answer")
        new.until(lambda: not new.account.positions(), "the account")
        assert list(new.account.working_orders()) == []


def test_what_is_no_message_is_refused_and_ends_nothing(exchange: RunningExchange) -> None:
    """Random bytes, an empty frame, several parts: a sentence each; then a client trades."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket_:
        socket_.setsockopt(zmq.LINGER, 0)
        socket_.connect(exchange.address)
        for frames in ((b"\xff\x00",), (b"",), (b"a", b"b", b"c"), (os.urandom(1000),)):
            socket_.send_multipart(frames)
            assert socket_.poll(30_000), "an answer"
            answer = decode_exchange(socket_.recv())
            assert isinstance(answer, ClientRefusal)
            assert answer.kind is RefusalKind.FRAME
        socket_.send(bytes(CLIENT_FRAME_MAX + 1))  # never read: its connection is closed
    with linked(exchange.address) as client:
        client.command(command("p", stop=Ticks(900), target=Ticks(2000)))
        client.until(lambda: bool(client.fills()), "a fill")


def test_an_exchange_that_cannot_be_reached_takes_no_entry(
    exchange: RunningExchange, tmp_path: Path
) -> None:
    """Stopped: entries are refused within seconds; awake again: a view first, then a quiet time."""
    del tmp_path
    with linked(exchange.address) as client:
        exchange.process.popen.send_signal(signal.SIGSTOP)
        client.until(lambda: not client.session.is_up, "the silence to be noticed")
        assert "does not answer" in client.link.broken_text
        entry = command("p")
        assert client.account.refusal(entry) == "the exchange cannot be reached"
        exchange.process.popen.send_signal(signal.SIGCONT)
        client.until(lambda: client.session.is_up, "the exchange again")
        assert "less than 10 s ago" in client.account.refusal(entry)


def _started(folder: Path, log: Path, *arguments: str) -> Process:
    return Process(["services.venue", str(folder), *arguments], log)


def test_one_exchange_for_one_address(tmp_path: Path) -> None:
    """The second one is refused in words with exit 2, an address of elsewhere as well."""
    folder = private_folder(tmp_path, playback(short_day())).path
    with _started(folder, tmp_path / "a.log") as first:
        wait_until(lambda: READY in first.output, "the exchange")
        address = address_in(first.output)
        with _started(folder, tmp_path / "b.log", "--address", address) as second:
            assert second.wait() == 2
            assert f"address {address} is in use" in second.output
        with _started(folder, tmp_path / "c.log", "--address", "tcp://0.0.0.0:5700") as third:
            assert third.wait() == 2
            assert "expected a loopback address" in third.output
        assert first.signal(signal.SIGINT) == 0
        assert "0 malformed frames" in first.output


@pytest.fixture
def live_desk(tmp_path: Path) -> Iterator[Path]:
    """A live folder at whose addresses something listens that never answers."""
    months = tuple(name.replace("03-26", "12-35") for name in CONTRACTS)
    target = tmp_path / "config"
    folder = private_desk.write_private_folder(
        ROOT / "config", target, run="live", data_contracts=months
    )
    altered(target, "desk.toml", 'mode = "playback"', 'mode = "live"')
    with ExitStack() as stack:
        for name in ("ingest", "orders"):
            host, _, port = folder.desk.endpoints[name].edge.rpartition(":")
            stack.enter_context(socket.create_server((host, int(port))))
        yield folder.path


def _answers(address: str) -> bool:
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_an_exchange_of_the_twin_ends_with_it(
    live_desk: Path, tmp_path: Path, end: signal.Signals
) -> None:
    """However the client ends, kill -9 included, nothing listens at its exchange any more."""
    with Process(["services.nt_twin", str(live_desk), "--live"], tmp_path / "twin.log") as twin:
        wait_until(lambda: "exchange of its own at tcp://" in twin.output, "the exchange")
        address = twin.output.partition("exchange of its own at ")[2].split()[0]
        assert _answers(address)
        twin.popen.send_signal(end)
        twin.wait()
        wait_until(lambda: not _answers(address), "its exchange to end")


def test_an_exchange_by_itself_outlives_its_client(live_desk: Path, tmp_path: Path) -> None:
    """Kill -9 of a client that was given the address; the next one is welcomed."""
    with _started(live_desk, tmp_path / "x.log") as exchange:
        wait_until(lambda: READY in exchange.output, "the exchange")
        words = ["services.nt_twin", str(live_desk), "--live", "--exchange"]
        words.append(address_in(exchange.output))
        for name in ("one", "two"):
            with Process(words, tmp_path / f"{name}.log") as twin:
                wait_until(lambda: "exchange at tcp://" in twin.output, "the twin to connect")
                twin.popen.kill()
                twin.wait()
        with Process([*words, "--days", "2"], tmp_path / "other.log") as other:
            assert other.wait() == 2
            assert "expected the same options here" in other.output
        assert exchange.signal(signal.SIGINT) == 0


def test_an_exchange_that_is_not_there_is_waited_for(live_desk: Path, tmp_path: Path) -> None:
    """The client prints which address does not answer, and Ctrl-C ends it in order."""
    words = ["services.nt_twin", str(live_desk), "--live", "--exchange", "tcp://127.0.0.1:1"]
    with Process(words, tmp_path / "twin.log") as twin:
        text = "exchange at tcp://127.0.0.1:1 does not answer; waiting"
        wait_until(lambda: text in twin.output, "the twin to report it")
        assert twin.signal(signal.SIGINT) == 0
