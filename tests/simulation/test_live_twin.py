"""A live morning by a wall clock of our own: the twin and every machine, in one process.

No session need be open while the test runs: the clock that all of them are given says that one is.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.composition import in_process
from services.domain.calendar import Calendar, et_ns, et_text
from services.domain.messages.control import Upstreams
from services.domain.messages.link import Instruction
from services.domain.messages.market import Bar, TimeMode
from services.domain.messages.orders import AckStatus, CommandAck, Execution
from services.domain.messages.risk import OrderCommand
from services.domain.messages.session import SessionUpdate
from services.domain.messages.union import Event
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.launch import private_desk
from services.nt_twin.client import TwinClient
from services.nt_twin.commands.client_orders import ClientOrders
from services.nt_twin.config import PaceMode, TwinConfig
from services.nt_twin.exchange.exchange_session import ExchangeSession
from services.nt_twin.pace import LivePace
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.remote_account import RemoteAccount
from services.runtime.config import ConfigFolder
from services.synthetic.day_plans import DayKind
from services.synthetic.market import CONTRACTS, generate_days
from services.venue.config import VenueConfig
from services.venue.exchange import Exchange
from services.venue.exchange_messages import LiveStamps
from services.venue.live_market import LiveMarket
from services.venue.played_market.minutes import MinuteBars, live_offset, renamed_minutes
from services.venue.served_account import ServedAccount
from services.venue.wire import decode_exchange, encode
from tests.support.set_clock import SetClock

pytestmark = pytest.mark.simulation

_PLAYED = "2026-02-04"
"""A fade day that asks for a trade at 11:37."""
_TODAY = "2026-02-11"
"""The day the wall clock shows: a week later at the same hours."""
_FIRST_LIVE = UnixNanos(et_ns(_PLAYED, "11:00") + NANOS_PER_MINUTE)
_BEAT_NS = NANOS_PER_SECOND // 2


def _stamps() -> Iterator[MinuteBars]:
    kinds = (DayKind.OR_REVERSAL, DayKind.EDGE_FADE)
    days = generate_days("2026-02-03", 2, seed=7, kinds=kinds, calendar=Calendar())
    return (stamp for stamp in days if stamp[0] <= et_ns(_PLAYED, "12:45"))


def _desk(tmp_path: Path) -> in_process.InProcessDesk:
    base, target = Path(__file__).resolve().parents[2] / "config", tmp_path / "config"
    private_desk.write_private_folder(base, target, run="live", data_contracts=CONTRACTS)
    file = target / "desk.toml"
    text = file.read_text("utf-8").replace('mode = "playback"', 'mode = "live"')
    file.write_text(text, "utf-8")
    return in_process.InProcessDesk(ConfigFolder(target, UnixNanos(0)))


class Served:
    """The exchange and the client's link to it, as two processes have them, in this one."""

    def __init__(self, desk: in_process.InProcessDesk, now: UnixNanos) -> None:
        offset = live_offset(_FIRST_LIVE, now)
        prices, name = {"MNQ 03-26": "NQ 03-26"}, desk.manifest.account
        exchange = Exchange(VenueConfig(), name, prices, Calendar().trade_date_of)
        stamps = LiveStamps(
            exchange="x1", text="", offset_ns=offset, first_live=_FIRST_LIVE, minutes_total=0
        )
        minutes = renamed_minutes(_stamps(), {name: name for name in CONTRACTS}, offset)
        first = _FIRST_LIVE + offset
        market = LiveMarket(exchange, (minute for minute in minutes if minute[0] >= first))
        self.account = RemoteAccount()
        self._exchange = ServedAccount(market, name, stamps)
        self._session = ExchangeSession(name, self.account)
        self.turn(now)

    def turn(self, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Let pass what each has for the other; gives what the desk is to know."""
        for message in self._session.due(now):
            self._exchange.on_frame(b"c", encode(message), now)
        self._exchange.on_clock(now)
        for _, frame in self._exchange.pop_frames():
            self._session.on_message(decode_exchange(frame), now)
        return self._session.pop_reports()


def _client(
    desk: in_process.InProcessDesk, now: UnixNanos, account: RemoteAccount | None
) -> TwinClient:
    history_until = et_ns(_PLAYED, "11:00")
    offset = live_offset(_FIRST_LIVE, now)
    config = TwinConfig(
        account=desk.manifest.account,
        mode=TimeMode.LIVE,
        contracts=CONTRACTS,
        prices={"MNQ 03-26": "NQ 03-26"},
        pace=PaceMode.FREE,
        historical_until_ns=UnixNanos(history_until + offset),
    )
    stamps = renamed_minutes(_stamps(), {name: name for name in CONTRACTS}, offset)
    orders = ClientOrders(config, Calendar().trade_date_of, account)
    return TwinClient(config, stamps, Calendar().trade_date_of, orders)


def _play(
    desk: in_process.InProcessDesk, client: TwinClient, wall: SetClock, served: Served | None
) -> None:
    # What shells do: turn, hear, let due timers fire; the wall moves only where all of them wait.
    pace, beat = LivePace(), wall.current
    while not client.done:
        wait_ns = pace.step(client, wall.current)
        if served is not None:
            client.client_orders.report(*served.turn(wall.current))
        output = client.next_output()
        if output is not None:
            desk.handle_client_message(output)
        else:
            wall.current = UnixNanos(wall.current + wait_ns)
            for node in desk.nodes.values():
                node.fire_due()
            desk.run_until_idle()
        if wall.current >= beat + _BEAT_NS:
            beat = wall.current
            desk.replies.append(Instruction(epoch=1, client="twin", connection=1))
        while desk.replies:
            client.on_reply(desk.replies.popleft())


@pytest.mark.parametrize("elsewhere", [False, True], ids=["in process", "elsewhere"])
def test_a_live_morning_trades_by_the_wall_clock(tmp_path: Path, *, elsewhere: bool) -> None:
    """Each bar arrives on its minute; what it asks for is answered before the next one closes."""
    desk = _desk(tmp_path)
    wall = SetClock(UnixNanos(et_ns(_TODAY, "11:00") + 20 * NANOS_PER_SECOND))
    said: list[tuple[UnixNanos, Event]] = []
    desk.on_published(lambda message: said.append((wall.current, message)))
    for node in desk.nodes.values():
        node.clock = wall
    desk.nodes["risk"].handle_call(Upstreams(ready=True, reasons=(), at_ns=wall.current), None)
    served = Served(desk, wall.current) if elsewhere else None
    account = None if served is None else served.account
    _play(desk, _client(desk, wall.current, account), wall, served)
    bars = [(at, m) for at, m in said if isinstance(m, Bar) and not m.historical]
    assert et_text(bars[0][1].close_ns) == f"{_TODAY} 11:01 ET"
    assert all(0 <= at - bar.close_ns < NANOS_PER_SECOND for at, bar in bars)
    (command,) = (m for _, m in said if isinstance(m, OrderCommand))
    assert et_text(command.created_ns) == f"{_TODAY} 11:37 ET"
    acks = [m for _, m in said if isinstance(m, CommandAck)]
    assert [ack.status for ack in acks] == [AckStatus.ACCEPTED]
    fills = [(et_text(at), m.role.name) for at, m in said if isinstance(m, Execution)]
    assert fills == [(f"{_TODAY} 11:37 ET", "ENTRY"), (f"{_TODAY} 12:38 ET", "TARGET")]
    assert not any(isinstance(m, SessionUpdate) and m.close_ns > at for at, m in said)
