"""A live desk of real processes that holds a position, and what its account says of it.

`pitwire up` on a folder of the shipped kind, live: minutes are those of the wall clock, which every
process of the desk reads shifted into a session (tests/support/shifted), so that the hour of the
test does not matter. The client plays in this process; the account and the exchange go on whatever
the desk does. One strategy of its own buys at the first bar, with a stop far from the market.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from services.domain.calendar import et_ns
from services.domain.errors import SystemFaultError
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import OrderRole
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.launch.http_client import read_status
from services.launch.status_detail import OrdersDetail, RiskDetail, detail_of
from services.nt_twin.client import TwinClient
from services.nt_twin.config import PaceMode, TwinConfig
from services.nt_twin.link import TwinLink
from services.nt_twin.pace import LivePace
from services.runtime.config import ConfigFolder
from services.synthetic.day_plans import DayKind
from services.synthetic.market import CONTRACTS, generate_days
from services.venue.played_market.minutes import live_offset, renamed_minutes
from tests.support.process_desk import SERVICES, Process, altered, live_folder
from tests.support.shifted.sitecustomize import SHIFT
from tests.support.waiting import wait_until

_DATE: Final = "2026-03-04"
_BEGIN: Final = et_ns(_DATE, "11:30") - 20 * NANOS_PER_SECOND
"""What the wall clock of the desk shows when it is started: the next minute is soon, the journals
hold as much as on any day at this hour, and until 13:00 nothing moves the stop."""
_SHIFTED: Final = Path(__file__).parents[1] / "support" / "shifted"
_CONTRACT: Final = "MNQ 03-26"
PLAYED: Final = (
    *("--days", "1", "--kind", DayKind.B_DAY.value, "--seed", "7", "--first-date", _DATE),
    *("--history-until", f"{_DATE} 11:30"),
)
"""The day as options of the client and the exchange."""
_STOP_TICKS: Final = 1400
"""350 points of NQ: the day never goes as far."""
_PACKAGE: Final = "held_strategies"
_SOURCE: Final = f'''
"""Buys on every bar; the desk lets one position in."""

from pitwire.strategies import Confidence, EntrySignal, Side, Strategy, StrategyConfig


class Config(StrategyConfig, frozen=True):
    """The shared parameters."""


class Holder(Strategy[Config]):
    """Holds."""

    WIRE_NAME = "Holder"
    MODELS = ("HOLD",)

    def on_update(self, update, peers):
        away = {_STOP_TICKS}
        if refused := self.outside_window(update):
            yield refused
            return
        yield EntrySignal(
            side=Side.LONG, entry=update.close, stop=update.close - away,
            target=update.close + away, model="HOLD", confidence=Confidence.NORMAL,
            score=0.5, reason="it holds",
        )
'''
_BLOCK: Final = f"""[holder]
signal = "NQ"
priority = 10
worker = "strategies"
package = "{_PACKAGE}"
"""


class Holding(msgspec.Struct, frozen=True):
    """What the account holds, and what protects it."""

    quantity: int = 0
    """Contracts, long > 0."""
    stopped: int = 0
    """Contracts that working stops would sell."""
    stop_prices: tuple[int, ...] = ()
    """Of these stops, ticks."""


class LiveClient:
    """The client and its exchange, in a thread of this process."""

    def __init__(self, folder: ConfigFolder, now: Callable[[], UnixNanos]) -> None:
        """Begin with the next minute of the clock `now`; what lies before it is history."""
        self._now, self._pace = now, LivePace()
        first_live = UnixNanos(_BEGIN // NANOS_PER_MINUTE * NANOS_PER_MINUTE + NANOS_PER_MINUTE)
        offset = live_offset(first_live, now())
        manifest, calendar = folder.manifest(), folder.calendar()
        days = generate_days(_DATE, 1, seed=7, kinds=(DayKind.B_DAY,), calendar=calendar)
        config = TwinConfig(
            account=manifest.account,
            mode=TimeMode.LIVE,
            contracts=CONTRACTS,
            prices={_CONTRACT: "NQ 03-26"},
            pace=PaceMode.FREE,
            historical_until_ns=UnixNanos(first_live - NANOS_PER_MINUTE + offset),
        )
        stamps = renamed_minutes(days, {name: name for name in CONTRACTS}, offset)
        self._client = TwinClient(config, stamps, calendar.trade_date_of)
        self._link = TwinLink(self._client, manifest, silence_s=float("inf"), tick=self._tick)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="client", daemon=True)
        self.holding = Holding()
        """As of its last step, at most a quarter of a second ago."""
        self.failure = ""
        """Why the client has ended by itself."""

    def start(self) -> None:
        """Connect, and play on until `close`."""
        self._thread.start()

    def close(self) -> None:
        """Disconnect."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._link.close()

    def _tick(self) -> float:
        return self._pace.step(self._client, self._now()) / NANOS_PER_SECOND

    def _run(self) -> None:
        try:
            self._link.run(self._look, self._stop.is_set)
        except SystemFaultError as error:
            self.failure = str(error)

    def _look(self) -> None:
        venue = self._client.client_orders.venue
        held = venue.account.position(_CONTRACT)
        stops = [
            order
            for order in venue.working_orders()
            if order.role is OrderRole.STOP and order.side is Side.SHORT and order.price is not None
        ]
        prices = tuple(sorted(order.price for order in stops if order.price is not None))
        self.holding = Holding(held, sum(order.quantity for order in stops), prices)


class LiveDesk:
    """A desk that is up, its client, and the position it holds."""

    def __init__(self, place: Path, *, plays: bool = True) -> None:
        """`plays`: with a client in this process; otherwise a test brings its own."""
        self._plays = plays
        self._place = place
        self._shift_ns = _BEGIN - time.time_ns()
        self.folder = _folder(place, self.now())
        self._up: Process | None = None
        self._client: LiveClient | None = None

    def now(self) -> UnixNanos:
        """The wall clock of the desk's host."""
        return UnixNanos(time.time_ns() + self._shift_ns)

    def __enter__(self) -> Self:
        try:
            self.up()
            wait_until(self._listens, "the desk to start")
            if self._plays:
                self._client = LiveClient(self.folder, self.now)
                self._client.start()
                wait_until(lambda: not self.faults(None), "a position with its stop")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the desk in its order, then the client."""
        if self._up is not None:
            self._up.__exit__(None, None, None)
        if self._client is not None:
            self._client.close()

    # -- what is done to it -------------------------------------------------------------------

    def up(self) -> None:
        """`pitwire up`."""
        arguments = ["services.cli", "up", "-c", str(self.folder.path)]
        self._up = self.process(arguments, "up.log")

    def process(self, arguments: list[str], log: str) -> Process:
        """Start a process whose wall clock is the desk's."""
        paths = [str(_SHIFTED), str(self._place / "mine"), os.environ.get("PYTHONPATH", "")]
        environment = {SHIFT: str(self._shift_ns), "PYTHONPATH": os.pathsep.join(paths)}
        return Process(arguments, self._place / log, environment=environment)

    def signal(self, number: int, *names: str) -> None:
        """Send a signal to services."""
        pids = self._pids()
        for name in names:
            os.kill(pids[name], number)

    def kill_with_supervisor(self) -> None:
        """SIGKILL everything of the desk at once."""
        assert self._up is not None
        self._up.popen.kill()
        self.signal(signal.SIGKILL, *SERVICES)
        self._up.wait()

    def _pids(self) -> dict[str, int]:
        (file,) = self._place.rglob("logs/pids.json")
        found: dict[str, int] = msgspec.json.decode(file.read_bytes())
        return found

    # -- what is seen of it -------------------------------------------------------------------

    @property
    def holding(self) -> Holding:
        """What the account holds."""
        return Holding() if self._client is None else self._client.holding

    def faults(self, expected: Holding | None) -> list[str]:
        """Everything that is not right; `expected`: what the account must hold, None: anything."""
        statuses = {name: read_status(self.folder.desk.endpoints[name].http) for name in SERVICES}
        found = [
            f"{name}: {'no answer' if status is None else '; '.join(status.reasons)}"
            for name, status in statuses.items()
            if status is None or not status.ready
        ]
        holding = self.holding
        if not holding.quantity or holding.stopped != holding.quantity:
            found.append(f"account: {holding}, expected a position and a stop over all of it")
        if expected is not None and holding != expected:
            found.append(f"account: {holding}, expected {expected}")
        found += _order_faults(detail_of(statuses["orders"], OrdersDetail), holding)
        found += _risk_faults(detail_of(statuses["risk"], RiskDetail), holding)
        if self._client is not None and self._client.failure:
            found.append(f"client: {self._client.failure}")
        return found

    def status_of_orders(self) -> OrdersDetail | None:
        """What `orders` shows of itself."""
        return detail_of(read_status(self.folder.desk.endpoints["orders"].http), OrdersDetail)

    def status_of_risk(self) -> RiskDetail | None:
        """What `risk` shows of itself."""
        return detail_of(read_status(self.folder.desk.endpoints["risk"].http), RiskDetail)

    def is_missed(self, name: str) -> bool:
        """Whether another service is not ready without this one."""
        others = (read_status(self.folder.desk.endpoints[n].http) for n in SERVICES if n != name)
        return any(status is not None and not status.ready for status in others)

    def _listens(self) -> bool:
        assert self._up is not None
        return "is up, account" in self._up.output


def _order_faults(orders: OrdersDetail | None, holding: Holding) -> list[str]:
    if orders is None:
        return ["orders: no status"]
    found = [] if orders.link == "RECONCILED" else [f"link {orders.link}"]
    if [(each.contract, each.quantity) for each in orders.holdings if each.quantity] != [
        (_CONTRACT, holding.quantity)
    ]:
        found.append(f"orders: holdings {orders.holdings}")
    return found


def _risk_faults(risk: RiskDetail | None, holding: Holding) -> list[str]:
    if risk is None:
        return ["risk: no status"]
    found = [] if risk.state == "ACTIVE" else [f"risk: {risk.state} {risk.reason}"]
    held = [(p.order_contract, p.side, p.quantity, p.state) for p in risk.positions]
    if held != [(_CONTRACT, "LONG", holding.quantity, "OPEN")]:
        found.append(f"risk: positions {held}")
    return found


def _folder(place: Path, now: UnixNanos) -> ConfigFolder:
    # The shipped folder, live, with one strategy and the widest limits.
    path = live_folder(place / "config").path
    (path / "strategies.toml").write_text(_BLOCK, "utf-8")
    altered(path, "risk.toml", 'profile = "paper"', 'profile = "demo"')
    altered(path, "limits_demo.toml", "warmup_bars = 3", "warmup_bars = 1")
    package = place / "mine" / _PACKAGE
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    (package / "holder.py").write_text(_SOURCE, "utf-8")
    return ConfigFolder(path, now)
