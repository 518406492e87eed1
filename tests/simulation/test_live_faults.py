"""A live desk when something is late, missing or silent: every machine, a wall clock of the test.

The morning's history is sent, then the one stamp that asks for a trade arrives live, in each case
with another thing wrong. No session need be open while the test runs.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from services.backtest.play import twin_client
from services.composition import in_process
from services.domain.calendar import et_ns
from services.domain.messages.control import Upstreams
from services.domain.messages.link import Report, ReportBatch
from services.domain.messages.market import Bar, FeedBatch, FeedHello, TimeMode, Watermark
from services.domain.messages.orders import AccountValues, Holdings
from services.domain.messages.risk import (
    BarSettled,
    Decision,
    OrderCommand,
    Position,
    PositionState,
    Verdict,
)
from services.domain.messages.session import SessionUpdate
from services.domain.messages.union import Event
from services.domain.units import MICROS_PER_USD, NANOS_PER_MS, MicroUsd, UnixNanos
from services.runtime.config import ConfigFolder
from services.synthetic.market import CONTRACTS
from tests.support.order_builder import commands_request, hello, platform_state, snapshot
from tests.support.process_desk import altered, playback, private_folder, short_day
from tests.support.set_clock import SetClock

pytestmark = pytest.mark.simulation
CLOSE = et_ns("2026-03-03", "09:46")
"""The stamp at which the reversal asks for an entry."""
PER_BATCH = 300
WARM = 3
"""Live bars before the one: a desk that has only seen history does not enter."""


class LiveMorning:
    """A live desk that has its history and stands a moment before the stamp."""

    def __init__(self, tmp_path: Path) -> None:
        folder = _live_folder(tmp_path)
        self.wall = SetClock(UnixNanos(CLOSE - 30_000 * NANOS_PER_MS))
        self.desk = in_process.InProcessDesk(folder)
        self.said: list[Event] = []
        self._sequence = 0
        self._reports = 0
        self.desk.on_published(self.said.append)
        for node in self.desk.nodes.values():
            node.clock = self.wall
        self.upstreams()
        self._greet(folder)
        before = [bars for at, bars in short_day() if at < CLOSE]
        history = [b for bars in before[:-WARM] for b in bars]
        for first in range(0, len(history), PER_BATCH):
            self.send(
                msgspec.structs.replace(b, historical=True) for b in history[first:][:PER_BATCH]
            )
        for bars in before[-WARM:]:
            self.send(bars)
        self.said.clear()

    def _greet(self, folder: ConfigFolder) -> None:
        word = twin_client(folder, playback(short_day())).next_output()
        assert isinstance(word, FeedHello)
        self.desk.handle_client_message(msgspec.structs.replace(word, mode=TimeMode.LIVE))
        now = self.wall.current
        self.desk.handle_client_message(
            hello(client="twin", mode=TimeMode.LIVE, now_ns=now, simulated=True)
        )
        self.desk.handle_client_message(commands_request(client="twin"))
        self.desk.handle_client_message(snapshot(client="twin", at_ns=now))
        self._report(Report(state=platform_state(report_sequence=1, at_ns=now)))

    def upstreams(self, *reasons: str) -> None:
        """Sample what risk's shell sees of the others."""
        sample = Upstreams(ready=not reasons, reasons=reasons, at_ns=self.wall.current)
        self.desk.nodes["risk"].handle_call(sample, None)
        self.desk.run_until_idle()

    def send(self, bars: Iterable[Bar]) -> None:
        """Publish one batch, with the newest stamp as the client's watermark."""
        self._sequence += 1
        held = tuple(bars)
        clock = Watermark(now_ns=max(bar.close_ns for bar in held))
        self.desk.handle_client_message(
            FeedBatch(client="twin", sequence=self._sequence, bars=held, watermark=clock)
        )

    def stamp(self, *contracts: str, after_ms: int = 100) -> None:
        """Let the stamp's bars of some contracts arrive so long after its close."""
        self.pass_until(after_ms)
        self.account()
        bars = next(bars for at, bars in short_day() if at == CLOSE)
        self.send(bar for bar in bars if bar.contract in (contracts or CONTRACTS))

    def account(self) -> None:
        """Show the account, as a live client does on every stamp."""
        values = AccountValues(
            report_sequence=self._reports + 1,
            account=self.desk.manifest.account,
            cash=MicroUsd(50_000 * MICROS_PER_USD),
            realised=MicroUsd(0),
            unrealised=MicroUsd(0),
            at_ns=self.wall.current,
            excess_margin=MicroUsd(50_000 * MICROS_PER_USD),
            holdings=Holdings(),
        )
        self._report(Report(account=values))

    def _report(self, report: Report) -> None:
        self._reports += 1
        self.desk.handle_client_message(
            ReportBatch(
                client="twin",
                reports=(report,),
                now_ns=self.wall.current,
                connection=1,
                report_stream="s1",
            )
        )

    def pass_until(self, after_ms: int) -> None:
        """Let the wall go on to so long after the close, and fire what is due."""
        self.wall.current = UnixNanos(CLOSE + after_ms * NANOS_PER_MS)
        for node in self.desk.nodes.values():
            node.fire_due()
        self.desk.run_until_idle()

    def entries(self) -> list[OrderCommand]:
        """Entry commands so far."""
        return [m for m in self.said if isinstance(m, OrderCommand) and m.quantity]

    def decision(self) -> Decision:
        """The one decision."""
        (found,) = (m for m in self.said if isinstance(m, Decision))
        return found


def _live_folder(tmp_path: Path) -> ConfigFolder:
    folder = private_folder(tmp_path, playback(short_day()))
    target = folder.path
    altered(target, "desk.toml", 'mode = "playback"', 'mode = "live"')
    return ConfigFolder(target, UnixNanos(0))


@pytest.fixture
def morning(tmp_path: Path) -> LiveMorning:
    """A desk, ready."""
    return LiveMorning(tmp_path)


def test_in_time_it_trades(morning: LiveMorning) -> None:
    """Nothing is wrong: one entry, made on the wall clock, good for three seconds from then."""
    morning.stamp()
    (entry,) = morning.entries()
    assert entry.created_ns == morning.wall.current
    assert entry.expires_ns - entry.created_ns == 3_000 * NANOS_PER_MS
    assert morning.decision().verdict is Verdict.APPROVED


def test_a_missing_peer_is_waited_for_and_named(morning: LiveMorning) -> None:
    """Without YM the stamp stays open until the alignment deadline, then closes without it."""
    morning.stamp("NQ 03-26", "ES 03-26")
    assert not any(isinstance(m, SessionUpdate) for m in morning.said)
    morning.pass_until(1_599)
    assert not any(isinstance(m, SessionUpdate) for m in morning.said)
    morning.pass_until(1_600)
    read = [m.contract for m in morning.said if isinstance(m, SessionUpdate)]
    assert read == ["NQ 03-26", "ES 03-26"]
    assert len(morning.entries()) == 1


def test_old_data_is_not_traded(morning: LiveMorning) -> None:
    """A bar that arrives five seconds after its close is read, and refused as too old."""
    morning.stamp(after_ms=5_000)
    assert (morning.decision().verdict, morning.decision().code) == (Verdict.REFUSED, "STALE_DATA")
    assert morning.entries() == []


def test_a_silent_worker_does_not_hold_the_desk(morning: LiveMorning) -> None:
    """At the decision deadline the stamp is settled without it; its late word buys nothing."""
    worker = morning.desk.nodes.pop("strategies")
    morning.stamp()
    morning.pass_until(349)
    assert not any(isinstance(m, BarSettled) for m in morning.said)
    morning.pass_until(350)
    (settled,) = (m for m in morning.said if isinstance(m, BarSettled))
    assert set(settled.late) == {slot.name for slot in morning.desk.manifest.slots}
    morning.desk.nodes["strategies"] = worker
    morning.desk.run_until_idle()
    assert (morning.decision().verdict, morning.decision().code) == (Verdict.REFUSED, "LATE")
    assert morning.entries() == []


def test_an_upstream_in_doubt_stops_entries(morning: LiveMorning) -> None:
    """What risk's shell sees of the others is an input like any other, and is the reason given."""
    morning.upstreams("state: no heartbeat for more than 1000 ms")
    morning.stamp()
    assert (morning.decision().verdict, morning.decision().code) == (Verdict.REFUSED, "NOT_READY")
    assert "state: no heartbeat for more than 1000 ms" in morning.decision().text


def test_an_unanswered_entry_is_unknown(morning: LiveMorning) -> None:
    """A client that takes the entry and says nothing: UNKNOWN, never rejected."""
    morning.stamp()
    morning.pass_until(2_099)
    assert _last(morning).state is PositionState.OPENING
    morning.pass_until(2_100)
    assert _last(morning).state is PositionState.UNKNOWN


def _last(morning: LiveMorning) -> Position:
    return [m for m in morning.said if isinstance(m, Position)][-1]
