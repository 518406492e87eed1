"""Processes that end by SIGKILL at named points, one each day: `python -m tests.kills processes`.

A trial plays the day in lock-step through five processes, one of which is armed (armed.py) and is
started again by the supervisor. The day's CSV files must be those of the undisturbed day, byte for
byte; of an entry that was on its way when the router ended, and did not arrive, without its trade.
Which five times of a point are tried is drawn from those that the undisturbed day has. Exit 1 when
one trial is not equal.
"""

import itertools
import os
import queue
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Final

import msgspec
from rich.console import Console

from services.domain.calendar import et_text
from services.domain.errors import SystemFaultError
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.nt_twin.client import TwinClient
from services.runtime.config import ConfigFolder
from tests.kills.armed import Plan, Point, RollMoment
from tests.kills.day import DAY, LAST_NS, NEXT_DATE_NS, entry_ns
from tests.support.lost_entry import without_entries
from tests.support.process_desk import (
    SERVICES,
    ProcessDesk,
    export,
    in_process,
    journalled,
    playback,
    private_folder,
)

TIMES: Final = 5
"""Trials of each service at each point."""


class Trial(msgspec.Struct, frozen=True):
    """One kill."""

    service: str
    plan: Plan

    @property
    def text(self) -> str:
        """In words."""
        plan = self.plan
        when = et_text(UnixNanos(plan.at_ns))
        which = plan.moment or f"time {plan.passes}"
        return f"{self.service} {plan.point} {which} from {when}"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a trial."""

    failure: str = ""
    """Why its day is not the undisturbed one; empty: it is."""
    given_up: int = 0
    """Entries that were on their way and did not arrive."""


class Undisturbed:
    """The day without a kill."""

    def __init__(self, folder: Path) -> None:
        events = in_process(private_folder(folder, playback(DAY)), playback(DAY))
        self.entry_ns = entry_ns(events)
        self.files = export(events, folder / "csv")
        assert len(self.files["orders.csv"].splitlines()) > 1, "the day has no order"


def outcome(trial: Trial, day: Undisturbed, config: ConfigFolder) -> Outcome:
    """Play a trial to its end and compare its day with the undisturbed one."""
    desk = _desk(config, {trial.service: trial.plan})
    burnt: tuple[str, ...] = ()

    def step(client: TwinClient) -> None:
        nonlocal burnt
        burnt = client.client_orders.burnt_ids

    try:
        with desk:
            desk.play(playback(DAY), step)
            notes = list(desk.supervisor.notes)
    except SystemFaultError as error:
        return Outcome(failure=str(error))
    if notes != [f"{trial.service} ended with -9, started again"]:
        return Outcome(failure=f"expected one kill, found {notes}")
    if burnt and (trial.service, trial.plan.at_ns) != ("orders", day.entry_ns):
        return Outcome(failure=f"entries {burnt} were given up, none was on its way")
    wanted = without_entries(day.files, burnt)
    found = export(journalled(config), config.path.parent / "csv")
    names = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
    failure = f"differs in {', '.join(names)}" if names else ""
    return Outcome(failure=failure, given_up=len(burnt))


def _desk(config: ConfigFolder, plans: Mapping[str, Plan]) -> ProcessDesk:
    # A desk some of whose services are armed.
    folder = config.path.parent
    desk = ProcessDesk(config, folder)
    for child in desk.supervisor.children:
        if (plan := plans.get(child.name)) is not None:
            path = folder / f"{child.name}.plan"
            path.write_bytes(msgspec.json.encode(plan))
            child.arguments = ["tests.kills.armed", str(path), *child.arguments]
    return desk


class _Places:
    # Desks of one job use the same ports in turn: after an end the kernel keeps a port for a minute
    # from whoever looks for a free one, and a quick host would run out of them.
    def __init__(self, folder: Path, jobs: int) -> None:
        self._folder = folder
        self._bases: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self._numbers = itertools.count(1)
        for job in range(jobs):
            self._bases.put(private_folder(folder / f"job {job}", playback(DAY)).path)

    def outcome(self, trial: Trial, day: Undisturbed) -> Outcome:
        base = self._bases.get()
        try:
            path = self._folder / str(next(self._numbers)) / "config"
            shutil.copytree(base, path)
            return outcome(trial, day, ConfigFolder(path, UnixNanos(0)))
        finally:
            self._bases.put(base)


def rolling(service: str, moment: RollMoment) -> Trial:
    """End a service where it begins the next date: some do with the minute, some at its open."""
    at_ns = NEXT_DATE_NS - NANOS_PER_MINUTE
    return Trial(service, Plan(point=Point.ROLL, at_ns=at_ns, moment=moment))


def drawn(day: Undisturbed, folder: Path) -> Iterator[Trial]:
    """Draw the trials of every service at every point."""
    for point in Point:
        if point is Point.ROLL:
            for service in SERVICES:
                for moment in RollMoment:
                    yield rolling(service, moment)
            continue
        for service, passes in _passes(folder / point, point).items():
            random = Random(f"{service} {point}")
            for at_ns, number in _chosen(passes, day.entry_ns, random):
                yield Trial(service, Plan(point=point, at_ns=at_ns, passes=number))


def _passes(folder: Path, point: Point) -> dict[str, list[tuple[int, int]]]:
    # When each service gets to a point in an undisturbed day: event time, how manyth of that time.
    config = private_folder(folder, playback(DAY))
    with _desk(config, dict.fromkeys(SERVICES, Plan(point=point, passes=0))) as desk:
        desk.play(playback(DAY))
    found: dict[str, list[tuple[int, int]]] = {}
    for name in SERVICES:
        seen: Counter[int] = Counter()
        for line in (folder / f"{name}.passes").read_text("utf-8").splitlines():
            seen[int(line)] += 1
            found.setdefault(name, []).append((int(line), seen[int(line)]))
    return found


def _chosen(
    passes: list[tuple[int, int]], entry: UnixNanos, random: Random
) -> list[tuple[int, int]]:
    # The first and the last of the entry's minute, the first of the next date, others as drawn.
    at_entry = [each for each in passes if each[0] == entry]
    next_date = [each for each in passes if NEXT_DATE_NS <= each[0] < LAST_NS]
    named = dict.fromkeys((*at_entry[:1], *at_entry[-1:], *next_date[:1]))
    rest = [each for each in passes if 0 < each[0] < LAST_NS and each not in named]
    return sorted((*named, *random.sample(rest, TIMES - len(named))))


def main(jobs: int) -> int:
    """Try every service at every point; give the exit code."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pitwire-kills-") as temporary:
        work = Path(temporary)
        day = Undisturbed(work / "memory")
        trials = list(drawn(day, work))
        places = _Places(work / "desks", jobs)
        with ThreadPoolExecutor(jobs) as pool:
            found = list(pool.map(lambda trial: places.outcome(trial, day), trials))
    outcomes = list(zip(trials, found, strict=True))
    tried = Counter((trial.service, trial.plan.point) for trial in trials)
    equal = Counter((t.service, t.plan.point) for t, each in outcomes if not each.failure)
    for (service, point), count in tried.items():
        console.print(f"{service:10}  {point:13}  {equal[service, point]} equal of {count}")
    for trial, each in outcomes:
        if each.failure:
            console.print(f"{trial.text}: {each.failure}")
    given_up, took_s = sum(each.given_up for each in found), time.monotonic() - began
    console.print(
        f"processes: {equal.total()} equal of {len(trials)}, {given_up} of them without an entry"
        f" that did not arrive, {took_s:.0f} s, {jobs} jobs"
    )
    return int(equal.total() < len(trials))


def default_jobs() -> int:
    """Days that are played at a time."""
    return os.cpu_count() or 1
