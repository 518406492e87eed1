"""Kill at every point of a day, in both layouts, and compare what each day says: `make kills`.

Beside it: `processes` (processes.py) and `live` (live.py) kill real processes.

The day is played once. At each point the journals are copied and a child of this process goes on
from there: one service ends and starts again beside the others, the host ends with its files as
they are, or with all cut back to their last sync. What has left for the client has arrived or not.
Each child plays on to the end, and its CSV files must be those of the undisturbed day, byte for
byte, without the trade of an entry that was on its way and did not arrive. Exit 1 when one is not.
`points once` tries each point in one of the ways it can end in, taken in turn; `points entry date`
does so for the minute of the entry, and in which a date begins, alone.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from services.backtest.play import twin_client
from services.domain.topics import BY_TYPE
from services.nt_twin.client import TwinClient, TwinConnection
from services.review.day.sources import outputs_of
from services.runtime.config import ConfigFolder
from services.runtime.journal import JournalWriter
from tests.kills import live, processes
from tests.kills.colocated import ColocatedPowerDesk
from tests.kills.day import DAY, NEXT_DATE_NS, entry_ns, minute_of
from tests.support import leash
from tests.support.lost_entry import without_entries
from tests.support.power_desk import Power, PowerDesk, cut_back
from tests.support.process_desk import export, in_process, playback, private_folder

_TRIAL_S: Final = 120
"""A day that goes on longer from a point than this many seconds does not end."""
LAYOUTS: Final[dict[str, type[PowerDesk] | type[ColocatedPowerDesk]]] = {
    "separate": PowerDesk,
    "co-located": ColocatedPowerDesk,
}


class _End(msgspec.Struct, frozen=True):
    # One way to end at a point.
    scope: str
    arrived: bool


class _EndedError(Exception):
    # Raised in the child that goes on from a point.
    def __init__(self, end: _End, name: str, data_dir: Path) -> None:
        super().__init__(f"{name} {end}")
        self.end, self.name, self.data_dir = end, name, data_dir


class Kills(Power):
    """The points of one layout's day, each of which children go on from."""

    def __init__(self, layout: str, work: Path, minutes: frozenset[int], *, once: bool) -> None:
        """`minutes`: the only ones whose points are tried, empty: all; `once`: each in one way."""
        super().__init__()
        self.layout = layout
        self.work = work
        self.desk: PowerDesk | ColocatedPowerDesk | None = None
        self.client: TwinClient | None = None
        self.tried: Counter[tuple[str, str]] = Counter()
        """Points by service and moment."""
        self.trials = 0
        self.failed: list[str] = []
        self._only = minutes
        self._once = once
        self._running: dict[int, tuple[str, Path]] = {}
        self._ended = False
        self._is_child = False

    @property
    def minute(self) -> int:
        """Minutes the client has sent."""
        return self.client.progress.minutes if self.client is not None else 0

    def point(self, journal: JournalWriter, moment: str) -> None:
        """One more point; a child leaves it by an exception."""
        if self._is_child:
            return
        name = journal.folder.name
        self.points += 1
        ends = self._ends(name)
        if self._once:
            ends = [ends[self.points % len(ends)]]
        if self._only and self.minute not in self._only:
            ends = []
        self.tried[name, moment] += bool(ends)
        for end in ends:
            self._branch(end, name, moment, journal.folder.parents[1])

    def _ends(self, name: str) -> list[_End]:
        replies = [] if self.desk is None else self.desk.replies
        scopes = ["host", "power"]
        if self.layout == "separate" and self.desk is not None:
            scopes.append("alone")
        found = []
        for scope in scopes:
            own = [r for r in replies if scope != "alone" or BY_TYPE[type(r)].publisher == name]
            found += [_End(scope, arrived) for arrived in ((True, False) if own else (False,))]
        return found

    def _branch(self, end: _End, name: str, moment: str, data_dir: Path) -> None:
        while len(self._running) >= (os.cpu_count() or 1):
            self._wait()
        self.trials += 1
        about = f"{self.layout}, point {self.points}, minute {self.minute}, {name} {moment}, {end}"
        place = self.work / str(self.trials)
        ignored = shutil.ignore_patterns("*-shm", "lock")
        shutil.copytree(data_dir, place / "journal", ignore=ignored)
        if (pid := os.fork()) == 0:
            self._is_child = True
            signal.signal(signal.SIGALRM, signal.default_int_handler)
            signal.alarm(_TRIAL_S)
            raise _EndedError(end, name, place / "journal")
        self._running[pid] = about, place

    def _wait(self) -> None:
        pid, status = os.wait()
        about, place = self._running.pop(pid)
        if status:
            text = (place / "failed").read_text("utf-8") if (place / "failed").exists() else ""
            self.failed.append(f"{about}: {text or f'status {status}'}")
            sys.stderr.write(f"{self.failed[-1]}\n")
        shutil.rmtree(place)

    def wait_all(self) -> None:
        """Wait for every child."""
        while self._running:
            self._wait()


def _go_on(ended: _EndedError, kills: Kills, folder: ConfigFolder) -> dict[str, bytes]:
    # In the child: what ends, ends; the day is played to its end.
    end, desk, client = ended.end, kills.desk, kills.client
    assert client is not None
    if end.scope == "alone":
        assert isinstance(desk, PowerDesk)
        desk.move(ended.data_dir)
        desk.end_service(ended.name, client, arrived=end.arrived)
    else:
        if desk is not None:
            while end.arrived and desk.replies:
                client.on_reply(desk.replies.popleft())
            for name, journal in desk.journals.items() if end.scope == "power" else ():
                cut_back(ended.data_dir / folder.manifest().run / name, journal.synced)
        for link in TwinConnection:
            client.on_broken(link)
        desk = LAYOUTS[kills.layout](folder, kills, ended.data_dir)
        desk.start()
    desk.play(client)
    return _files(folder, ended.data_dir, ended.data_dir.parent / "csv")


def _expected(kills: Kills, undisturbed: dict[str, bytes]) -> dict[str, bytes]:
    # An entry that was on its way and did not arrive is never sent again.
    assert kills.client is not None
    return without_entries(undisturbed, kills.client.client_orders.burnt_ids)


def _files(folder: ConfigFolder, data_dir: Path, out: Path) -> dict[str, bytes]:
    manifest = msgspec.structs.replace(folder.manifest(), data_dir=str(data_dir))
    return export(outputs_of(manifest), out)


def run(
    layout: str, work: Path, minutes: frozenset[int], expected: dict[str, bytes], *, once: bool
) -> Kills:
    """Play the day in a layout and go on from the points of these minutes, of all when empty."""
    folder = private_folder(work, playback(DAY))
    kills = Kills(layout, work, minutes, once=once)
    kills.client = twin_client(folder, playback(DAY))
    try:
        kills.desk = desk = LAYOUTS[layout](folder, kills)
        desk.start()
        desk.play(kills.client)
    except _EndedError as ended:
        code = 1
        try:
            found = _go_on(ended, kills, folder)
            wanted = _expected(kills, expected)
            differs = [name for name in wanted if found.get(name) != wanted[name]]
            code = int(found != wanted)
            if code:
                (ended.data_dir.parent / "failed").write_text(f"differs in {differs}", "utf-8")
        except BaseException:  # noqa: BLE001 - whatever it is, the parent says it
            (ended.data_dir.parent / "failed").write_text(traceback.format_exc(), "utf-8")
        finally:
            os._exit(code)  # the files open before the point are the parent's
    kills.wait_all()
    return kills


def main(arguments: list[str]) -> int:
    """Try the points of both layouts; give the exit code."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    with tempfile.TemporaryDirectory(prefix="pitwire-kills-") as temporary:
        work = Path(temporary)
        play = playback(DAY)
        events = in_process(private_folder(work / "memory", play), play)
        expected = export(events, work / "expected")
        assert len(expected["orders.csv"].splitlines()) > 1, "the day has no order"
        named = {"entry": minute_of(entry_ns(events)), "date": minute_of(NEXT_DATE_NS)}
        minutes = frozenset(named[each] for each in arguments if each in named)
        failed: list[str] = []
        for layout in LAYOUTS:
            kills = run(layout, work / layout, minutes, expected, once=bool(arguments))
            assert kills.desk is not None
            kills.desk.close()
            undisturbed = _files(
                private_folder(work / layout, play),
                work / layout / "journal",
                work / "csv" / layout,
            )
            if undisturbed != expected:
                failed.append(f"{layout}: the day without an end differs")
            for (name, moment), count in sorted(kills.tried.items()):
                console.print(f"{layout:10}  {name:10}  {moment:6}  {count:5} points")
            points = sum(kills.tried.values())
            console.print(
                f"{layout}: {points} of {kills.points} points tried in {kills.trials} ways,"
                f" {kills.trials - len(kills.failed)} equal"
            )
            failed += kills.failed
        for each in failed:
            console.print(each)
    return 1 if failed else 0


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.kills")
    parser.set_defaults(tool="points", only=[])
    tools = parser.add_subparsers(dest="tool")
    points = tools.add_parser("points", help="every point, in this process, in both layouts")
    points.add_argument("only", nargs="*", choices=["once", "entry", "date"])
    trials = tools.add_parser("processes", help="each service at each named point, as processes")
    trials.add_argument("--jobs", type=int, default=processes.default_jobs())
    rounds = tools.add_parser("live", help="a live desk with a position open")
    rounds.add_argument("--rounds", type=int, default=10)
    return parser.parse_args(words)


def _run(words: list[str]) -> int:
    arguments = _arguments(words)
    if arguments.tool == "points":
        return main(arguments.only)
    leash.hold()
    if arguments.tool == "processes":
        return processes.main(arguments.jobs)
    return live.main(arguments.rounds)


if __name__ == "__main__":
    sys.exit(_run(sys.argv[1:]))
