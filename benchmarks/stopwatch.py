"""The stopwatch: calls at their times, answers by key; one for the limit and the desk."""

import time
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import msgspec

Key: TypeAlias = tuple[str, int]
"""What identifies an answer: order contract and stamp at the desk, a number at the bare limit."""
_LOOK_S: Final = 0.002
_TAIL_S: Final = 3.0
"""How long answers are waited for after the last call."""


class MeasurementError(Exception):
    """What was to be measured did not behave as the measurement needs."""


class TimedCall(msgspec.Struct, frozen=True):
    """One unary call and the answers it should bring."""

    due_s: float
    """When it is due, seconds after the start."""
    keys: tuple[Key, ...]


class Arrivals:
    """When each answer came; written by the stream's reader thread only."""

    def __init__(self) -> None:
        self.at: dict[Key, float] = {}
        """`time.perf_counter` of the first arrival of each key."""

    def record(self, key: Key, arrived: float) -> None:
        """An answer came at this `time.perf_counter`; the first one counts."""
        self.at.setdefault(key, arrived)

    def wait(self, keys: Sequence[Key], timeout_s: float) -> bool:
        """Wait until every key is here; False when that takes too long."""
        end = time.monotonic() + timeout_s
        while not all(key in self.at for key in keys):
            if time.monotonic() > end:
                return False
            time.sleep(_LOOK_S)
        return True


class Timing(msgspec.Struct, frozen=True):
    """What one run of shots gave."""

    seconds: tuple[float, ...]
    """From just before the call to the arrival of each answer."""
    missing: int
    """Answers that did not come."""
    acknowledged: tuple[float, ...]
    """Length of each unary call, seconds."""


def run_calls(
    prepare: Callable[[TimedCall], Callable[[], None]],
    calls: Sequence[TimedCall],
    arrivals: Arrivals,
) -> Timing:
    """Fire every shot at its time; a late one goes at once, none is left out.

    `prepare` writes the request's bytes and gives the call: the client's own codec is not timed.
    """
    begun = time.perf_counter()
    started: list[tuple[TimedCall, float, float]] = []
    for shot in calls:
        _sleep_until(begun + shot.due_s)
        call = prepare(shot)
        at = time.perf_counter()
        call()
        started.append((shot, at, time.perf_counter()))
    arrivals.wait([key for shot in calls for key in shot.keys], _TAIL_S)
    seconds = [
        arrivals.at[key] - at for shot, at, _ in started for key in shot.keys if key in arrivals.at
    ]
    expected = sum(len(shot.keys) for shot in calls)
    acknowledged = tuple(end - at for _, at, end in started)
    return Timing(tuple(seconds), expected - len(seconds), acknowledged)


def _sleep_until(moment: float) -> None:
    # The operating system's own precision is enough: shots are 100 ms apart.
    rest = moment - time.perf_counter()
    if rest > 0:
        time.sleep(rest)
