"""One market through separate processes, through one process and through MemoryBus: equal.

Compared are the CSV files of a run, byte for byte: every id, price, reason and state value.
"""

import csv
import signal
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from services.backtest.playback_input import PlaybackRequest
from services.backtest.shell import play_in_process, prepare_run
from services.domain.messages.risk import OrderCommand, Position, PositionState
from services.domain.messages.union import Event
from services.domain.units import UnixNanos
from services.nt_twin.client import TwinClient
from services.runtime.config import ConfigFolder
from tests.support.process_desk import (
    Process,
    ProcessDesk,
    drive,
    export,
    in_process,
    journalled,
    playback,
    private_folder,
    snapshot,
    thin_nights,
    thinned_days,
)
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.simulation, pytest.mark.integration]
FILES = {
    "bars.csv",
    "candidates.csv",
    "decisions.csv",
    "orders.csv",
    "sessions.csv",
    "trades.csv",
}


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Event], dict[str, bytes]]:
    """The run on MemoryBus: its messages and its files."""
    folder = tmp_path_factory.mktemp("memory")
    play = playback(thinned_days())
    said = in_process(private_folder(folder, play), play)
    return said, export(said, folder / "csv")


def test_the_market_trades_each_strategy(memory: tuple[list[Event], dict[str, bytes]]) -> None:
    """The comparison compares something: the strategies of these days trade, files are full."""
    files = memory[1]
    assert set(files) == FILES
    trades = list(csv.DictReader(files["trades.csv"].decode().splitlines()))
    assert {"edge_fade", "opening_range_reversal"} <= {row["strategy"] for row in trades}
    rows = len(files["bars.csv"].splitlines()) - 1
    assert rows == sum(len(bars) for _, bars in thinned_days())


def test_processes_give_the_same_files(
    memory: tuple[list[Event], dict[str, bytes]], tmp_path: Path
) -> None:
    """Separate processes over ZeroMQ and gRPC, in lock-step."""
    play = playback(thinned_days())
    folder = private_folder(tmp_path, play)
    with ProcessDesk(folder, tmp_path) as desk:
        desk.play(play)
        assert desk.supervisor.notes == []
    _same(export(journalled(folder), tmp_path / "csv"), memory[1])


def test_a_replay_in_one_process_journals_the_same_files(
    memory: tuple[list[Event], dict[str, bytes]], tmp_path: Path
) -> None:
    """`replay` as it is without options: what its one journal holds is the run on MemoryBus."""
    play = playback(thinned_days())
    request = PlaybackRequest(config=thin_nights(tmp_path / "config"), runs=tmp_path / "runs")
    run = prepare_run(request, play)
    play_in_process(run, lambda _: None, lambda _: None, lambda _: None)
    _same(export(journalled(run.config), tmp_path / "csv"), memory[1])


def test_all_in_one_process_gives_the_same_files(
    memory: tuple[list[Event], dict[str, bytes]], tmp_path: Path
) -> None:
    """`up --colocate`, with journals, gRPC doors and ports."""
    play = playback(thinned_days())
    folder = private_folder(tmp_path, play)
    arguments = ["services.cli", "up", "--colocate", "--config", str(folder.path)]
    with Process(arguments, tmp_path / "desk.log") as desk:
        wait_until(partial(_answers, folder), "the desk to start")
        drive(folder, play)
        assert desk.signal(signal.SIGTERM) == 0, desk.output
    _same(export(journalled(folder), tmp_path / "csv"), memory[1])


def test_one_process_killed_in_a_position_goes_on(
    memory: tuple[list[Event], dict[str, bytes]], tmp_path: Path
) -> None:
    """SIGKILL of the whole desk while a position is open: the twin meets the next one."""
    play = playback(thinned_days())
    folder = private_folder(tmp_path, play)
    arguments = ["services.cli", "up", "--colocate", "--config", str(folder.path)]
    open_ns = max(_plan(memory[0], [close_ns for close_ns, _ in play.minutes()]))
    with ExitStack() as desks:
        first = desks.enter_context(Process(arguments, tmp_path / "first.log"))

        def step(client: TwinClient) -> None:
            if client.progress.now_ns >= open_ns and first.popen.poll() is None:
                first.signal(signal.SIGKILL)
                desks.enter_context(Process(arguments, tmp_path / "second.log"))

        wait_until(partial(_answers, folder), "the desk to start")
        drive(folder, play, step)
        assert first.popen.returncode == -signal.SIGKILL
    _same(export(journalled(folder), tmp_path / "csv"), memory[1])


def _answers(folder: ConfigFolder) -> bool:
    return snapshot(folder, "orders") is not None


def test_each_service_killed_once_changes_nothing(
    memory: tuple[list[Event], dict[str, bytes]], tmp_path: Path
) -> None:
    """SIGKILL of every service: in the night, right after a command, while a position is open."""
    play = playback(thinned_days())
    folder = private_folder(tmp_path, play)
    stamps = [close_ns for close_ns, _ in play.minutes()]
    plan = _plan(memory[0], stamps)
    workers = sorted({slot.worker for slot in folder.manifest().slots})
    killed = [name for names in plan.values() for name in names]
    assert set(killed) == {
        "ingest",
        "state",
        *workers,
        "risk",
        "orders",
    }
    with ProcessDesk(folder, tmp_path) as desk:
        desk.play(play, _killer(plan, desk.kill))
        assert len(desk.supervisor.notes) == len(killed)
    assert plan == {}
    _same(export(journalled(folder), tmp_path / "csv"), memory[1])


def _plan(said: list[Event], stamps: list[UnixNanos]) -> dict[UnixNanos, tuple[str, ...]]:
    first, second = (m.created_ns for m in said if isinstance(m, OrderCommand) and m.quantity)
    at = {close_ns: number for number, close_ns in enumerate(stamps)}
    open_ns = stamps[at[second] + 5]
    trades = [m for m in said if isinstance(m, Position) and m.state is PositionState.CLOSED]
    left_ns = trades[-1].exit_ns
    assert left_ns is not None
    assert second < open_ns < left_ns
    return {
        stamps[10]: ("state",),
        first: ("risk",),
        stamps[at[first] + 1]: ("orders",),
        stamps[at[second] - 200]: ("ingest",),
        open_ns: ("strategies",),
    }


def _killer(
    plan: dict[UnixNanos, tuple[str, ...]], kill: Callable[[str], None]
) -> Callable[[TwinClient], None]:
    def step(client: TwinClient) -> None:
        for stamp in [stamp for stamp in plan if stamp <= client.progress.now_ns]:
            for name in plan.pop(stamp):
                kill(name)

    return step


def _same(found: dict[str, bytes], expected: dict[str, bytes]) -> None:
    assert set(found) == FILES
    for name in sorted(FILES):
        rows = zip(found[name].splitlines(), expected[name].splitlines(), strict=False)
        different = [(a, b) for a, b in rows if a != b]
        assert different[:1] == [], name
        assert found[name] == expected[name], name
