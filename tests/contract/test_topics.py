"""The wiring table is sound: whoever reads it may believe it."""

import ast
from collections import Counter
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, get_args, get_origin

import msgspec
import pytest

from services.domain import messages, services
from services.domain.event_time import event_time_of
from services.domain.messages import control, market, risk
from services.domain.messages.union import Message
from services.domain.topics import (
    BY_ID,
    BY_TYPE,
    TOPICS,
    Row,
    TopicClass,
    publisher_of,
    subscriptions,
)
from tests.support.message_shapes import structs
from tests.support.sample_messages import sample
from tests.support.tidy import LAYERS, ROOT

SERVICES = tuple(row.name for row in services.SERVICES)
"""Those that run a machine; `strategies` once per worker."""
WORKERS = ("alpha", "beta")
OUTSIDE = frozenset({"client", "operator"})
"""Peers beyond the bus: NinjaTrader's side and a human."""
READERS = frozenset({"recorder"})
"""Services that decide nothing."""
SHELL_READS = {
    control.Heartbeat: "the shell judges liveness; risk gets Upstreams, a journalled sample",
    control.Halt: "the shell hands it to risk as a journalled call; all it can do is stop entries",
}
"""Live messages that services take: why this breaks no replay."""
NO_EVENT_TIME = {
    market.FeedFault: "its stamp is the offending data's: a stray one must not move the clock",
    market.SuppliedLevels: "they may be told before their session; their date is in them",
    risk.Position: "it tells a state; the LedgerMark or Decision beside it carries the time",
}
"""Durable messages that move no clock."""

DURABLE = tuple(row for row in TOPICS if row.topic_class is TopicClass.DURABLE)
LIVE = tuple(row for row in TOPICS if row.topic_class is TopicClass.LIVE)


def _of(rows: tuple[Row, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=lambda row: row.message.__name__)


def _declared() -> set[type[Any]]:
    # Every struct class written in a module of domain/messages.
    modules = [
        import_module(f"{messages.__name__}.{m.name}") for m in iter_modules(messages.__path__)
    ]
    return {
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, msgspec.Struct)
        and each.__module__ == module.__name__
    }


def _parts(hint: Any) -> set[type[Any]]:
    # Every class inside an annotation.
    arms = {part for arm in get_args(hint) for part in _parts(arm)}
    return arms | ({hint} if isinstance(hint, type) and get_origin(hint) is None else set())


def test_each_message_and_each_id_stands_in_the_table_once() -> None:
    """A lookup by type or by id finds the row, never one of two."""
    assert [name for name, rows in Counter(row.message for row in TOPICS).items() if rows > 1] == []
    assert [
        number for number, rows in Counter(row.type_id for row in TOPICS).items() if rows > 1
    ] == []
    assert tuple(BY_TYPE.values()) == tuple(BY_ID.values()) == TOPICS


def test_ids_fit_the_frame_header_and_rise() -> None:
    """An unsigned 16-bit number; in order, so that a row in the wrong place shows."""
    numbers = [row.type_id for row in TOPICS]
    assert numbers == sorted(numbers)
    assert all(0 < number < 1 << 16 for number in numbers)


def test_every_struct_is_in_the_table_or_part_of_one_that_is() -> None:
    """A struct that no other holds is a message and has a row; none is left over."""
    assert sorted(each.__name__ for each in _declared() - set(structs())) == []


def test_the_union_of_messages_is_the_table() -> None:
    """What a machine may take or give is what can be sent."""
    assert _parts(Message) == BY_TYPE.keys()


@_of(DURABLE)
def test_a_durable_message_has_one_publisher(row: Row) -> None:
    """A named service: the stream's sequence is its own."""
    assert row.publisher in SERVICES
    assert {other.publisher for other in TOPICS if other.stream == row.stream} == {row.publisher}


@_of(DURABLE)
def test_a_stream_is_one_class_and_one_audience(row: Row) -> None:
    """Whoever takes a stream takes all of it: an unsubscribed part would look like a gap."""
    same = [other for other in TOPICS if other.stream == row.stream]
    assert {other.topic_class for other in same} == {TopicClass.DURABLE}
    assert {other.subscribers for other in same} == {row.subscribers}


@_of(DURABLE)
def test_the_publisher_of_a_stream_is_known(row: Row) -> None:
    """A service by its name, a worker by its stream."""
    if row.stream == "candidate":
        assert [publisher_of(f"candidate.{worker}") for worker in WORKERS] == list(WORKERS)
    else:
        assert publisher_of(row.stream) == row.publisher


@_of(TOPICS)
def test_both_ends_of_a_row_are_known(row: Row) -> None:
    """The bus joins services; an edge has one end outside; what is local stays in its service."""
    ends = {row.publisher, *row.subscribers}
    match row.topic_class:
        case TopicClass.DURABLE:
            assert ends <= {*SERVICES, *READERS}
            assert row.publisher not in row.subscribers
        case TopicClass.LIVE:
            assert ends <= {*SERVICES, *READERS, "*"}
        case TopicClass.EDGE:
            assert len(ends & OUTSIDE) == len(ends & set(SERVICES)) == 1
            assert len(ends) == 2
        case TopicClass.LOCAL:
            assert row.subscribers == (row.publisher,)
            assert row.publisher in SERVICES


def test_the_services_are_the_folders() -> None:
    """Each service of the table has a shell of its own, and each shell its service in the table."""
    shells = {path.parent.name for path in (ROOT / "services").glob("*/shell.py")}
    assert shells - {name for layer in LAYERS for name in layer} - {"runtime"} == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_machine_subscribes_to_durable_streams_only(service: str) -> None:
    """Every stream it names is durable, named once, and all of its durable rows are covered."""
    streams = subscriptions(service, WORKERS)
    families = [stream.partition(".")[0] for stream in streams]
    durable = {row.stream for row in DURABLE if service in row.subscribers}
    assert set(families) == durable
    assert len(streams) == len(set(streams))
    assert not durable & {row.stream for row in LIVE}


@_of(LIVE)
def test_a_live_message_reaches_no_machine(row: Row) -> None:
    """Only readers take it, or the shell does, for a reason written above."""
    taken_by = set(row.subscribers) - READERS
    assert not taken_by or row.message in SHELL_READS


@pytest.mark.parametrize("service", SERVICES)
def test_logic_names_no_live_message_of_others(service: str) -> None:
    """What a machine's own modules import says what it reads; Halt is risk's, see above."""
    allowed = {row.message.__name__ for row in LIVE if row.publisher == service}
    if service == "risk":
        allowed.add(control.Halt.__name__)
    live = {row.message.__name__ for row in LIVE} - allowed
    for path in (ROOT / "services" / service).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        froms = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
        named = {alias.name for node in froms for alias in node.names}
        assert not named & live, path


@_of(DURABLE)
def test_a_durable_message_has_an_event_time(row: Row) -> None:
    """The clock and the journal's date go by one of its own stamps; exceptions are named above."""
    message: Any = sample(row.message, 0)
    stamp = event_time_of(message)
    if row.message in NO_EVENT_TIME:
        assert stamp is None
    else:
        dated = message.settled if row.message is risk.RiskMinute else message
        own = {f: getattr(dated, f) for f in dated.__struct_fields__ if f.endswith("_ns")}
        assert stamp is not None
        assert stamp in own.values()


def test_every_exception_is_still_one() -> None:
    """A message that is gone, or that changed its class, leaves no excuse behind."""
    assert NO_EVENT_TIME.keys() <= {row.message for row in DURABLE}
    assert SHELL_READS.keys() <= {row.message for row in LIVE}
