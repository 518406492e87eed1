"""A live desk with a position open, paused and killed: `python -m tests.kills live --rounds N`.

A round stops each service for three seconds (SIGSTOP), kills each, kills all of them under their
supervisor, and kills them with it, after which `pitwire up` is given again. Each time the position,
its stop at the exchange and the link must be right again; printed is how long that took from the
SIGCONT or the kill, p50 and p99. Exit 1 when something was not right, or a target is missed.
"""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from services.domain.errors import SystemFaultError
from tests.kills.live_desk import LiveDesk
from tests.support.process_desk import SERVICES
from tests.support.waiting import wait_until

P50_S_MAX: Final = 3.0
P99_S_MAX: Final = 10.0
_STOPPED_S: Final = 3.0
_HOLDS_S: Final = 1.0
"""What is right stays right for this long: an answer from before the kill may lie for four
heartbeats."""
_READY_S_MAX: Final = 60.0
_LOOK_S: Final = 0.02


class Disturbance(msgspec.Struct, frozen=True):
    """What is done to the desk."""

    kind: str
    name: str
    do: Callable[[LiveDesk], float]
    """Gives the monotonic seconds from which the desk is to come back."""


class NotReadyError(SystemFaultError):
    """The desk did not come back as it was."""


def stopped(name: str) -> Disturbance:
    """A service that does not run for three seconds."""

    def do(desk: LiveDesk) -> float:
        goes_on = time.monotonic() + _STOPPED_S
        desk.signal(signal.SIGSTOP, name)
        wait_until(lambda: desk.is_missed(name), f"the others to miss {name}")
        time.sleep(max(0.0, goes_on - time.monotonic()))
        desk.signal(signal.SIGCONT, name)
        return time.monotonic()

    return Disturbance("SIGSTOP 3 s", name, do)


def killed(*names: str) -> Disturbance:
    """Services that end at once; their supervisor starts them again."""

    def do(desk: LiveDesk) -> float:
        began = time.monotonic()
        desk.signal(signal.SIGKILL, *names)
        return began

    return Disturbance("kill -9", names[0] if len(names) == 1 else "all", do)


def killed_with_supervisor() -> Disturbance:
    """The whole desk ends at once, and is started again by hand."""

    def do(desk: LiveDesk) -> float:
        began = time.monotonic()
        desk.kill_with_supervisor()
        desk.up()
        return began

    return Disturbance("kill -9, up", "all and the supervisor", do)


def a_round() -> Iterator[Disturbance]:
    """Everything once."""
    yield from map(stopped, SERVICES)
    yield from map(killed, SERVICES)
    yield killed(*SERVICES)
    yield killed_with_supervisor()


def ready_after_s(desk: LiveDesk, disturbance: Disturbance) -> float:
    """Disturb the desk; seconds until everything is as it was, and stays so.

    Raises: NotReadyError naming what is not.
    """
    before = desk.holding
    since = began = disturbance.do(desk)
    while (now := time.monotonic()) - since < _HOLDS_S:
        if faults := desk.faults(before):
            since = time.monotonic()
            if now - began > _READY_S_MAX:
                text = f"{disturbance.kind} of {disturbance.name}: {'; '.join(faults)}"
                raise NotReadyError(f"not ready after {_READY_S_MAX:.0f} s: {text}")
        time.sleep(_LOOK_S)
    return since - began


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed."""
    return sorted(values)[ceil(share * len(values)) - 1]


def main(rounds: int) -> int:
    """Run rounds; give the exit code."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    took: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="pitwire-kills-") as place:
        try:
            with LiveDesk(Path(place)) as desk:
                for number in range(1, rounds + 1):
                    for each in a_round():
                        seconds = ready_after_s(desk, each)
                        took.setdefault(f"{each.kind} of {each.name}", []).append(seconds)
                        console.print(f"{number:3}  {each.kind:12} {each.name:22} {seconds:6.2f} s")
        except (AssertionError, NotReadyError) as error:
            console.print(str(error))
            return 1
    for name, values in took.items():
        console.print(f"{name:36} p50 {quantile(values, 0.5):5.2f} s  max {max(values):5.2f} s")
    console.print(
        f"READY: position, stop and link as before; load of the host"
        f" {os.getloadavg()[2]:.1f} on {os.cpu_count()} cores"
    )
    kinds = {
        "after a pause": [v for name, found in took.items() if "STOP" in name for v in found],
        "after a kill": [v for name, found in took.items() if "kill" in name for v in found],
    }
    return max(_judged(console, kind, values) for kind, values in kinds.items())


def _judged(console: Console, kind: str, values: Sequence[float]) -> int:
    p50, p99 = quantile(values, 0.5), quantile(values, 0.99)
    console.print(
        f"{kind:13}  {len(values)} of {len(values)}  p50 {p50:.2f} s (at most {P50_S_MAX:g}),"
        f" p99 {p99:.2f} s (at most {P99_S_MAX:g})"
    )
    return int(p50 > P50_S_MAX or p99 > P99_S_MAX)
