"""The client as a process, killed with a position open, beside an exchange that goes on.

Its memory is on its disk: the next one goes on with the same numbering, finds the account as it
is, and the desk is reconciled without a human.
"""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from services.domain.messages.risk import TradingState
from services.nt_twin.memory.memory_file import MemoryFile
from services.nt_twin.memory.records import Kind
from services.venue.shell import READY
from tests.kills.live_desk import PLAYED, LiveDesk
from tests.support.process_desk import Process, pitwire
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration


class _Link(msgspec.Struct):
    report_stream: str


class _Numbering(msgspec.Struct):
    last_sequence: int


class PlayedDesk:
    """A live desk, an exchange and a client, each in processes of their own."""

    def __init__(self, desk: LiveDesk, exchange: Process) -> None:
        self.desk = desk
        self.exchange = exchange
        self._clients = 0
        self.client = self.started()

    def started(self) -> Process:
        """Start a client on the disk of the last one."""
        address = self.exchange.output.partition(READY)[2].partition(": ")[0]
        self._clients += 1
        folder = str(self.desk.folder.path)
        arguments = ["services.nt_twin", folder, "--live", "--exchange", address, *PLAYED]
        return self.desk.process(arguments, f"client{self._clients}.log")

    def faults(self) -> list[str]:
        """What is not as it must be while a position is held."""
        orders, risk = self.desk.status_of_orders(), self.desk.status_of_risk()
        if orders is None or risk is None:
            return ["no status"]
        held = [(p.side, p.quantity, p.state) for p in risk.positions]
        found = {
            f"link {orders.link}": orders.link == "RECONCILED",
            f"positions {held}": [each[::2] for each in held] == [("LONG", "OPEN")],
            f"risk {risk.state}: {risk.reason}": risk.state == TradingState.ACTIVE.name,
        }
        return [text for text, right in found.items() if not right]

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition; the client's words where it does not come."""
        try:
            wait_until(condition, what)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.faults()}; {self.client.output}") from error

    def numbering(self) -> tuple[str, int]:
        """Report stream and last report number, as they are on the client's disk."""
        (file,) = self.desk.folder.path.rglob("client-twin/*.sqlite")
        memory = MemoryFile(file)
        try:
            ((_, link),) = memory.load(Kind.LINK, _Link)
            ((_, numbering),) = memory.load(Kind.NUMBERING, _Numbering)
        finally:
            memory.close()
        return link.report_stream, numbering.last_sequence


@pytest.fixture
def played(tmp_path: Path) -> Iterator[PlayedDesk]:
    """A desk whose position is open and protected."""
    with LiveDesk(tmp_path, plays=False) as desk:
        arguments = ["services.venue", str(desk.folder.path), *PLAYED]
        with desk.process(arguments, "exchange.log") as exchange:
            wait_until(lambda: READY in exchange.output, "the exchange")
            one = PlayedDesk(desk, exchange)
            try:
                one.wait(lambda: not one.faults(), "a position")
                yield one
            finally:
                with one.client:
                    pass


def test_a_client_killed_with_a_position_goes_on_from_its_disk(played: PlayedDesk) -> None:
    """Twice: the link is reconciled, the position is the same, nothing was traded meanwhile."""
    (before,) = _positions(played)
    for _ in range(2):
        played.client.signal(signal.SIGKILL)
        stream, number = played.numbering()
        played.wait(lambda: "link DOWN" in played.faults(), "the link to be down")
        played.client = played.started()
        played.wait(lambda: not played.faults(), "the desk to be as before")
        assert _positions(played) == [before]
        went_on = played.numbering()
        assert (went_on[0], went_on[1] > number) == (stream, True)


def test_a_kill_at_the_client_closes_alone_and_halts_the_desk(
    played: PlayedDesk, tmp_path: Path
) -> None:
    """`python -m services.nt_twin kill`: flat without a command of the desk, which is told why."""
    folder = played.desk.folder.path
    killer = played.desk.process(
        ["services.nt_twin", "kill", str(folder), "--reason", "enough"], "kill.log"
    )
    assert killer.wait() == 0, killer.output
    assert "it runs, and closes what it holds now" in killer.output
    played.wait(lambda: not _positions(played), "the position to be closed")
    risk = played.desk.status_of_risk()
    assert risk is not None
    assert (risk.state, "killed at the client by" in risk.reason) == ("HALTED", True)
    orders = played.desk.status_of_orders()
    assert orders is not None
    assert orders.link == "RECONCILED", "the close of the client's own is no mismatch"
    code, printed = pitwire(tmp_path, "resume", "--yes", "--reason", "look", "-c", folder)
    assert code == 0, printed
    assert any("the client is killed by" in text for text in _blocked(played))


def _positions(played: PlayedDesk) -> list[tuple[str, int]]:
    risk = played.desk.status_of_risk()
    return [] if risk is None else [(p.order_contract, p.quantity) for p in risk.positions]


def _blocked(played: PlayedDesk) -> tuple[str, ...]:
    risk = played.desk.status_of_risk()
    return () if risk is None else tuple(risk.entries_blocked)
