"""What a minute costs in things that can be counted: `python -m benchmarks counters`.

Times lie on a busy machine; counts do not. A generated day with one entry is played through a
counted desk (counted_desk.py), and each stretch of work is of a kind:

    quiet     a minute outside regular hours, from the client's batch until nothing is left to do
    regular   a minute of regular hours without an entry
    entry     a minute in which the client was told to enter
    answers   what the client reports of that entry before its next minute

The desk finds every cache empty at its start, as a new process does. Per kind and service the
median of its stretches stands in counters.toml, with the reason of its latest change. The gate
(tests/contract/test_counters.py): nothing rises by more than 5 % above what stands there. What
falls is welcome; `counters --write` writes it down.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median_low
from typing import Final, TypeAlias

import msgspec

from benchmarks.counted_desk import CountedDesk, Tally, counted_connections
from benchmarks.throughput import every_strategy, twin_of
from services.composition.in_process import StalledError
from services.domain.calendar import Calendar
from services.domain.messages.link import Instruction
from services.domain.messages.market import FeedBatch
from services.domain.messages.risk import Action
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.nt_twin.client import TwinClient
from services.synthetic.day_plans import DayKind
from services.synthetic.market import generate

FILE: Final = Path(__file__).with_name("counters.toml")
"""Where the counts stand that nothing may rise above."""
_HEADER: Final = """\
# What a minute costs, by kind of minute and service; what each counter is: counters.py.
# Written by `python -m benchmarks counters --write`; a rise wants its reason: `--why "…"`.

"""
_RISE_MAX: Final = 0.05
_DATE: Final = "2026-03-02"
_SEED: Final = 1
_EVERY: Final = 10
"""Of the quiet minutes one in so many is counted: they are many and alike."""
_ENTRIES: Final = (Action.ENTER_LONG, Action.ENTER_SHORT)


class Counters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a service does in a stretch of one kind: medians."""

    why: str = ""
    """The reason of the latest change."""
    functions: int
    """Distinct Python functions of ours that run."""
    calls: int
    """Calls of them."""
    rows: int
    """Journal rows."""
    bytes: int
    """Of their payloads."""
    commits: int
    """Journal transactions."""
    syncs: int
    """Of them, those that wait for the disk."""
    messages: dict[str, int]
    """Published, by stream."""

    def named(self) -> dict[str, int]:
        """Every number by its name."""
        numbers = msgspec.structs.asdict(self)
        del numbers["why"]
        messages = numbers.pop("messages")
        return numbers | {f"messages on {stream}": count for stream, count in messages.items()}


CountersByKind: TypeAlias = dict[str, dict[str, Counters]]
"""By kind of stretch and service."""
_Stretches: TypeAlias = dict[str, list[dict[str, Tally]]]


def count(folder: Path) -> CountersByKind:
    """Play the day and give the medians."""
    stretches: _Stretches = {}
    with counted_connections(), closing(CountedDesk(every_strategy(folder))) as desk:
        for kind, counted in _played(desk):
            stretches.setdefault(kind, []).append(counted)
    return {
        kind: {name: _median([each[name] for each in found]) for name in found[0]}
        for kind, found in sorted(stretches.items())
    }


def _played(desk: CountedDesk) -> Iterator[tuple[str, dict[str, Tally]]]:
    calendar = Calendar(())
    day = generate(_DATE, seed=_SEED, kind=DayKind.EDGE_FADE, calendar=calendar)
    client = twin_of(desk.manifest, day)
    kind = ""
    for number in itertools.count():
        while not isinstance(output := client.next_output(), FeedBatch):
            if output is None and not desk.replies:
                if client.done:
                    return
                raise StalledError(f"the client waits: {client.waiting_for()}")
            if output is not None:
                desk.handle_client_message(output)
            _answer(client, desk)
        answers = desk.end_stretch()
        if kind == "entry":
            yield "answers", answers
        kind = _kind_of(output.bars[0].close_ns, calendar)
        desk.traced = kind == "regular" or not number % _EVERY
        desk.handle_client_message(output)
        if any(map(_is_entry, desk.replies)):
            kind = "entry"
        counted = desk.end_stretch()
        if desk.traced:
            yield kind, counted
        _answer(client, desk)


def _answer(client: TwinClient, desk: CountedDesk) -> None:
    while desk.replies:
        client.on_reply(desk.replies.popleft())


def _kind_of(close_ns: UnixNanos, calendar: Calendar) -> str:
    session = calendar.session_at(close_ns)
    regular = session is not None and (
        (session.rth_open_ns or 0) < close_ns <= (session.rth_close_ns or 0)
    )
    return "regular" if regular else "quiet"


def _is_entry(reply: Message) -> bool:
    return (
        isinstance(reply, Instruction)
        and reply.command is not None
        and reply.command.action in _ENTRIES
    )


def _median(tallies: Sequence[Tally]) -> Counters:
    streams = sorted({stream for tally in tallies for stream in tally.messages})
    return Counters(
        functions=median_low(len(set(tally.calls)) for tally in tallies),
        calls=median_low(len(tally.calls) for tally in tallies),
        rows=median_low(tally.rows for tally in tallies),
        bytes=median_low(tally.bytes for tally in tallies),
        commits=median_low(tally.commits for tally in tallies),
        syncs=median_low(tally.syncs for tally in tallies),
        messages={s: median_low(tally.messages[s] for tally in tallies) for s in streams},
    )


# -- the file -------------------------------------------------------------------------------


def read(path: Path = FILE) -> CountersByKind:
    """The counters nothing may rise above."""
    return msgspec.toml.decode(path.read_bytes(), type=CountersByKind)


def rises(found: CountersByKind, held: CountersByKind) -> list[str]:
    """Every counter more than 5 % above what is held, in words; a new one rises from 0."""
    texts = []
    for kind, services in found.items():
        for service, counters in services.items():
            of = held.get(kind, {}).get(service)
            before = of.named() if of is not None else {}
            texts += [
                f"{service}, {kind} minute: {value} {name}, expected at most"
                f" {before.get(name, 0)} and {_RISE_MAX:.0%}"
                for name, value in counters.named().items()
                if value > before.get(name, 0) * (1 + _RISE_MAX)
            ]
    return texts


def write(found: CountersByKind, why: str, path: Path = FILE) -> list[str]:
    """Write the counters down; rises without a reason are given back, and nothing is written.

    The reason stands with every service and kind whose numbers changed; the others keep theirs.
    """
    held = read(path) if path.exists() else {}
    risen = rises(found, held)
    if risen and not why:
        return risen
    written = {
        kind: {
            name: msgspec.structs.replace(counters, why=_reason(counters, before.get(name), why))
            for name, counters in services.items()
        }
        for kind, services in found.items()
        for before in (held.get(kind, {}),)
    }
    path.write_bytes(_HEADER.encode() + msgspec.toml.encode(written))
    return []


def _reason(counters: Counters, before: Counters | None, why: str) -> str:
    if before is not None and before.named() == counters.named():
        return before.why
    return why or "fell"
