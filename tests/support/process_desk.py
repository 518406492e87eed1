"""Real desks for tests: private folders, synthetic days, one service as a process, a whole desk.

Waits are for conditions and bounded (waiting.py); nothing here sleeps for a fixed time.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self

import msgspec

from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import Playback
from services.composition.in_process import InProcessDesk
from services.domain import services
from services.domain.calendar import Calendar, et_text
from services.domain.instruments import to_points
from services.domain.messages.market import Bar
from services.domain.messages.union import Event
from services.domain.units import UnixNanos
from services.launch import private_desk
from services.launch.http_client import get
from services.launch.supervisor import Supervisor
from services.nt_twin.client import TwinClient
from services.nt_twin.link import TwinLink
from services.review.day.sources import outputs_of
from services.review.export.csv_export import Exporter
from services.runtime.config import ConfigFolder
from services.runtime.service_status import ServiceStatus
from services.synthetic.day_plans import DayKind
from services.synthetic.market import CONTRACTS, generate_days
from services.venue.played_market.minutes import MinuteBars
from tests.support.waiting import PATIENCE_S

ROOT: Final = Path(__file__).resolve().parents[2]
SERVICES: Final = tuple(row.name for row in services.SERVICES)
"""Of the shipped configuration, in the order of the flow."""
_NIGHT_STEP: Final = 15
"""Of the quiet hours every so many stamps stay."""


@cache
def thinned_days() -> tuple[MinuteBars, ...]:
    """Give a reversal day and a fade day: entry hours whole, nights and afternoons thinned.

    The stamps that make a night's extremes stay, so the strategies read the levels of whole days
    wherever the folder takes such a night for a whole one (`thin_nights`).
    """
    stamps = generate_days(
        "2026-03-03",
        2,
        seed=7,
        kinds=(DayKind.OR_REVERSAL, DayKind.EDGE_FADE),
        calendar=Calendar(),
    )
    return _thinned(tuple(stamps))


@cache
def short_day() -> tuple[MinuteBars, ...]:
    """Give the reversal day alone, thinned, up to the end of its trade."""
    return tuple(s for s in thinned_days() if et_text(s[0])[:16] <= "2026-03-03 10:30")


def _thinned(stamps: tuple[MinuteBars, ...]) -> tuple[MinuteBars, ...]:
    calendar = Calendar()
    extremes: dict[tuple[str, str, int], tuple[int, UnixNanos]] = {}
    for close_ns, bars in stamps:
        if _minute(close_ns) > "09:30" and _minute(close_ns) < "18:00":
            continue
        for sign, bar in itertools.product((1, -1), bars):
            key = (calendar.trade_date_of(close_ns), bar.contract, sign)
            price = sign * (bar.high if sign > 0 else bar.low)
            if key not in extremes or price > extremes[key][0]:
                extremes[key] = (price, close_ns)
    kept = {close_ns for _, close_ns in extremes.values()}
    return tuple(
        stamp
        for number, stamp in enumerate(stamps)
        if _wanted(_minute(stamp[0])) or stamp[0] in kept or number % _NIGHT_STEP == 0
    )


def _minute(close_ns: UnixNanos) -> str:
    return et_text(close_ns)[11:16]


def _wanted(minute: str) -> bool:
    return "09:20" <= minute <= "13:15" or "15:55" <= minute <= "16:02"


def playback(stamps: Sequence[MinuteBars], label: str = "it") -> Playback:
    """A play of these stamps; runs with the same label give the same ids."""
    return Playback(
        minutes=lambda: iter(stamps), contracts=CONTRACTS, total=len(stamps), label=label
    )


def private_folder(
    run_folder: Path, play: Playback, *, base: Path = ROOT / "config"
) -> ConfigFolder:
    """Write a playback desk on free ports into `run_folder`/config; thinned nights have levels."""
    folder = private_desk.write_private_folder(
        base, run_folder / "config", run=play.label, data_contracts=play.contracts
    )
    thin_nights(folder.path)
    return ConfigFolder(folder.path, UnixNanos(0))


def thin_nights(folder: Path) -> Path:
    """Let nights of `thinned_days` count as seen, in a copy of the repository's folder; gives it.

    One minute in fifteen is there, of the first quarter of an hour at least one.
    """
    key = "supplied_share_min = "
    return altered(folder, "state.toml", f"{key}0.95", f"{key}0.05")


def live_folder(target: Path) -> ConfigFolder:
    """Copy the repository's folder as it is shipped, live, with free ports and its own journals."""
    ports = private_folder(target / "ports", playback(short_day())).desk.endpoints
    for path in (ROOT / "config").glob("*.toml"):
        (target / path.name).write_bytes(path.read_bytes())
    thin_nights(target)
    shipped = ConfigFolder(ROOT / "config", UnixNanos(0)).desk
    desk = msgspec.structs.replace(shipped, endpoints=ports, data_dir="var")
    (target / "desk.toml").write_bytes(msgspec.toml.encode(desk))
    return ConfigFolder(target, UnixNanos(time.time_ns()))


def write_csv(folder: Path, stamps: Sequence[MinuteBars], *, zone: str = "Z") -> list[Path]:
    """Write stamps as plain OHLCV files, one per contract, their UTC stamps with `zone` behind."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[str]] = {}
    for bar in bars_of(stamps):
        prices = (to_points(bar.contract, p) for p in (bar.open, bar.high, bar.low, bar.close))
        at = datetime.fromtimestamp(bar.close_ns / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        counts = (bar.volume, bar.bid_volume, bar.ask_volume)
        cells = (f"{at}{zone}", *map(str, prices), *map(str, counts))
        rows.setdefault(bar.contract, []).append(",".join(cells))
    header = "timestamp,open,high,low,close,volume,bid_volume,ask_volume"
    paths = [folder / f"{contract}.csv" for contract in rows]
    for path, lines in zip(paths, rows.values(), strict=True):
        path.write_text("\n".join((header, *lines, "")), "utf-8")
    return paths


def altered(target: Path, file: str, old: str, new: str) -> Path:
    """Copy the repository's configuration folder with one passage changed; gives the copy."""
    if not target.exists():
        target.mkdir(parents=True)
        for path in (ROOT / "config").glob("*.toml"):
            (target / path.name).write_bytes(path.read_bytes())
    text = (target / file).read_text("utf-8")
    assert old in text, f"{file} holds no {old!r}"
    (target / file).write_text(text.replace(old, new, 1), "utf-8")
    return target


def in_process(folder: ConfigFolder, play: Playback) -> list[Event]:
    """Play on MemoryBus; gives everything published, minutes taken apart, in order."""
    printed: list[Event] = []
    desk = InProcessDesk(folder)
    desk.on_published(printed.append)
    run_to_end(desk, twin_client(folder, play))
    return printed


def export(messages: Iterator[Event] | list[Event], out: Path) -> dict[str, bytes]:
    """Write a run as CSV files; gives their bytes by name."""
    with Exporter(out) as exporter:
        for message in messages:
            exporter.add(message)
    return {path.name: path.read_bytes() for path in sorted(out.glob("*.csv"))}


def journalled(folder: ConfigFolder) -> Iterator[Event]:
    """Every durable output the services of a run have journalled."""
    return outputs_of(folder.manifest())


class Process:
    """A command of ours in its own process, its words in a file."""

    def __init__(
        self,
        arguments: Sequence[str],
        log: Path,
        *,
        path: Path | None = None,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`path`: a further folder to import from; `environment`: variables it has besides ours."""
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**_environment(path), **environment},
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self._log.read_text("utf-8", "replace")

    def wait(self, wait_s: float = PATIENCE_S) -> int:
        """Wait for its end; gives the exit code."""
        return self.popen.wait(wait_s)

    def signal(self, number: int, wait_s: float = PATIENCE_S) -> int:
        """Send a signal and wait for the end; gives the exit code."""
        self.popen.send_signal(number)
        return self.wait(wait_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self.popen.poll() is not None:
            return
        self.popen.terminate()  # asked, a desk stops its services; killed, it would leave them
        try:
            self.popen.wait(20.0)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait(10.0)


def _environment(path: Path | None) -> dict[str, str]:
    # Tables must not be cut at the width of a terminal that is not there.
    extra = {"COLUMNS": "200"}
    if path is not None:
        extra["PYTHONPATH"] = os.pathsep.join([str(path), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, **extra}


def pitwire(
    tmp_path: Path, *arguments: str | Path, path: Path | None = None, wait_s: float = PATIENCE_S
) -> tuple[int, str]:
    """Run a `pitwire` command to its end; gives exit code and words."""
    log = tmp_path / f"pitwire-{arguments[0]}-{time.monotonic_ns()}.log"
    with Process(["services.cli", *map(str, arguments)], log, path=path) as process:
        return process.wait(wait_s), process.output


def snapshot(folder: ConfigFolder, name: str) -> ServiceStatus | None:
    """Ask /status of a service; None when nobody answers."""
    answer = get(folder.desk.endpoints[name].http, "/status")
    return msgspec.json.decode(answer.body, type=ServiceStatus) if answer.status == 200 else None


def service_pids(folder: Path) -> list[int]:
    """Process numbers of the one desk that is started somewhere below a folder.

    Empty until each of its services has been started, and when they have been stopped.
    """
    found = [path.read_text("utf-8") for path in folder.rglob("logs/pids.json")]
    pids = json.loads(found[0]) if found and found[0].endswith("}") else {}
    return list(pids.values()) if len(pids) == len(SERVICES) else []


class ProcessDesk:
    """A private desk of separate processes, supervised, that a twin plays against."""

    def __init__(self, folder: ConfigFolder, run_folder: Path) -> None:
        self.folder = folder
        self.supervisor = Supervisor(folder.path, folder.manifest(), run_folder / "logs")

    def __enter__(self) -> Self:
        try:
            self.supervisor.start()
            self.supervisor.wait_live()
        except BaseException:
            self.supervisor.stop()  # a start that fails leaves no process behind
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.supervisor.stop()

    def kill(self, name: str) -> None:
        """SIGKILL a service; the supervisor starts it again when it next looks."""
        child = next(child for child in self.supervisor.children if child.name == name)
        assert child.process is not None
        child.process.kill()
        child.process.wait(10.0)

    def play(
        self, play: Playback, on_step: Callable[[TwinClient], None] | None = None
    ) -> TwinClient:
        """Play to the end in lock-step; `on_step` after every word of the client."""
        watched = 0.0

        def step(client: TwinClient) -> None:
            nonlocal watched
            if on_step is not None:
                on_step(client)
            if time.monotonic() - watched > 0.05:
                self.supervisor.watch()
                watched = time.monotonic()

        return drive(self.folder, play, step)


def drive(
    folder: ConfigFolder, play: Playback, on_step: Callable[[TwinClient], None] | None = None
) -> TwinClient:
    """Let a twin play over gRPC against a desk that is up; gives the twin."""
    client = twin_client(folder, play)
    link = TwinLink(client, folder.manifest(), silence_s=PATIENCE_S)
    try:
        link.run(lambda: None if on_step is None else on_step(client), lambda: False)
    finally:
        link.close()
    return client


def bars_of(stamps: Sequence[MinuteBars]) -> tuple[Bar, ...]:
    """Every bar, in order."""
    return tuple(bar for _, bars in stamps for bar in bars)
