"""The operator's door: a human's word arrives, is journalled, is answered; junk is counted."""

import threading
from collections.abc import Iterator

import msgspec
import pytest
import zmq

from services.domain.desk_identity import DeskIdentity
from services.domain.errors import ConfigError
from services.domain.messages.control import (
    ControlAck,
    Heartbeat,
    Kill,
    PreflightResult,
    Resume,
    Tighten,
)
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.launch.private_desk import free_ports
from services.runtime.bus import live
from services.runtime.frame import pack, unpack
from services.runtime.operator_edge import OperatorCommand, OperatorEdge, send_command
from tests.support.sample_messages import sample

DESK = DeskIdentity("paper", "Sim101", "0123456789-abcdef")
KILL = Kill(
    operator="ann",
    reason="test",
    flatten=True,
    at_ns=UnixNanos(1),
    run="paper",
    account="Sim101",
)
RESUME = Resume(operator="ann", reason="test", at_ns=UnixNanos(2), run="paper", account="Sim101")
CHECKUP = PreflightResult(
    operator="ann",
    failures=("disk 1 GB free",),
    at_ns=UnixNanos(3),
    run="paper",
    account="Sim101",
)
TIGHTEN = Tighten(
    operator="ann",
    key="trades_per_day",
    value="1",
    at_ns=UnixNanos(4),
    run="paper",
    account="Sim101",
)
WORDS: tuple[OperatorCommand, ...] = (KILL, RESUME, CHECKUP, TIGHTEN)
EVERY_WORD = pytest.mark.parametrize("word", WORDS, ids=["kill", "resume", "checkup", "tighten"])
ACK = ControlAck(accepted=True, text="halted by ann")
PATIENCE_MS = 10_000


class OperatorClient:
    """A bound edge; the test's thread is the loop."""

    def __init__(self) -> None:
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.refused: list[str] = []
        self.address = f"tcp://127.0.0.1:{free_ports(1)[0]}"
        self.misdirected: list[str] = []
        self.edge = OperatorEdge(
            self.context,
            self.address,
            self.refused.append,
            desk=DESK,
            on_misdirected=self.misdirected.append,
        )

    def receive(self) -> list[tuple[Message, bytes]]:
        """Wait for something and take it."""
        assert self.edge.socket.poll(PATIENCE_MS), "nothing came"
        return self.edge.receive()


@pytest.fixture
def operator_client() -> Iterator[OperatorClient]:
    """An edge on a free port."""
    made = OperatorClient()
    yield made
    made.edge.close()
    made.context.destroy(linger=0)


def _frame(message: Message) -> tuple[bytes, bytes, bytes]:
    return pack(live(message, 0, UnixNanos(0)))


@EVERY_WORD
def test_a_word_arrives_and_is_answered(
    operator_client: OperatorClient, word: OperatorCommand
) -> None:
    """The sender gets the answer that the loop gave to its own request, and whose desk gave it."""
    answers: list[ControlAck | None] = []
    human = threading.Thread(
        target=lambda: answers.append(send_command(operator_client.address, word, 10.0))
    )
    human.start()
    ((message, identity),) = operator_client.receive()
    assert message == word
    operator_client.edge.send(ACK, identity)
    human.join(10.0)
    (answer,) = answers
    assert answer == msgspec.structs.replace(
        ACK, run="paper", account="Sim101", config_hash="0123456789-abcdef"
    )


_NAMES = {
    "own": ({}, ""),
    "other configuration": ({"config_hash": "ffffffffff-ffffff"}, ""),
    "other run": ({"run": "live"}, "run live of account Sim101"),
    "other account": ({"account": "Sim102"}, "run paper of account Sim102"),
    "both": ({"run": "live", "account": "U77"}, "run live of account U77"),
    "no run": ({"run": ""}, "the command names none"),
    "no account": ({"account": ""}, "the command names none"),
    "no name": ({"run": "", "account": ""}, "the command names none"),
    "no run, other account": ({"run": "", "account": "Sim102"}, "this desk is"),
}
"""How a command is addressed, and why it is refused; empty: it is taken."""


@EVERY_WORD
@pytest.mark.parametrize("names", _NAMES.values(), ids=_NAMES)
def test_a_desk_hears_only_its_own(
    operator_client: OperatorClient, word: OperatorCommand, names: tuple[dict[str, str], str]
) -> None:
    """Another run or account is answered with whose desk this is and reaches nobody.

    A kill that names none (an older command line's) is taken, what frees or changes is not.
    """
    changes, expected = names
    command = msgspec.structs.replace(word, **changes)
    taken_all_the_same = isinstance(word, Kill) and "names none" in expected
    with operator_client.context.socket(zmq.DEALER) as operator:
        operator.connect(operator_client.address)
        operator.send_multipart(_frame(command))
        taken = [message for message, _ in operator_client.receive()]
        if not expected or taken_all_the_same:
            assert (taken, operator_client.misdirected) == ([command], [])
            return
        assert taken == []
        assert operator.poll(PATIENCE_MS), "nobody answered"
        reply = unpack(operator.recv_multipart()).message
    assert isinstance(reply, ControlAck)
    assert (reply.accepted, reply.run, reply.account) == (False, "paper", "Sim101")
    assert "this desk is run paper of account Sim101" in reply.text
    assert expected in reply.text
    (noted,) = operator_client.misdirected
    assert noted.startswith(f"{type(word).__name__} by ann: ")


def test_nobody_answers_in_time() -> None:
    """A desk that is down gives None, never a false yes."""
    assert send_command("tcp://127.0.0.1:1", KILL, 0.05) is None


def test_an_answer_to_nobody_is_dropped(operator_client: OperatorClient) -> None:
    """A kill that was left for the next start has no caller: its answer must not end the start."""
    operator_client.edge.send(ACK, None)
    assert operator_client.edge.receive() == []


def test_foreign_bytes_are_counted_and_the_next_word_is_heard(
    operator_client: OperatorClient,
) -> None:
    """Junk, a cut frame, a flipped bit: counted, not answered; then a kill comes through."""
    whole = _frame(KILL)
    flipped = bytes([whole[2][0] ^ 1]) + whole[2][1:]
    junk: list[tuple[bytes, ...]] = [
        (b"",),
        (b"", b"kill"),
        whole[:2],
        (whole[0], whole[1], flipped),
        _frame(sample(Heartbeat, 0)),
    ]
    with operator_client.context.socket(zmq.DEALER) as stranger:
        stranger.setsockopt(zmq.LINGER, 1_000)
        stranger.connect(operator_client.address)
        for parts in junk:
            stranger.send_multipart(parts)
        stranger.send_multipart(whole)
        got: list[Message] = []
        while not got:
            got += [message for message, _ in operator_client.receive()]
    assert got == [KILL]
    assert len(operator_client.refused) == len(junk)
    assert operator_client.refused[-1] == "operator sent Heartbeat"


def test_a_turn_takes_a_bounded_number(operator_client: OperatorClient) -> None:
    """A flood does not starve the loop; nothing of it is lost."""
    with operator_client.context.socket(zmq.DEALER) as stranger:
        stranger.setsockopt(zmq.LINGER, 1_000)
        stranger.connect(operator_client.address)
        for _ in range(100):
            stranger.send_multipart(_frame(KILL))
        sizes: list[int] = []
        while sum(sizes) < 100:
            sizes.append(len(operator_client.receive()))
    assert max(sizes) <= 16


def test_a_taken_port_is_named(operator_client: OperatorClient) -> None:
    """Starting a second risk on the port is a configuration error that says which."""
    with pytest.raises(ConfigError, match=operator_client.address):
        OperatorEdge(
            operator_client.context,
            operator_client.address,
            operator_client.refused.append,
            desk=DESK,
            on_misdirected=operator_client.misdirected.append,
        )
