"""The order in which a turn's outputs leave."""

from services.domain.messages.risk import Decision, OrderCommand, Position, RiskMinute
from services.domain.messages.union import Message
from services.runtime.outbox import Outbox
from tests.support.sample_messages import sample
from tests.support.stream_builder import WALL, RecordingBus


def _released(*messages: Message) -> list[tuple[str, int, str]]:
    outlet, bus = Outbox("risk", 1, {}, None, urgent_stream="command"), RecordingBus()
    outlet.add(messages, WALL, None)
    outlet.publish(bus)
    return [(e.stream, e.sequence, type(e.message).__name__) for e in bus.published]


def test_the_urgent_stream_leaves_before_what_explains_it() -> None:
    """Nothing that is read beside the orders delays them."""
    decision, position = sample(Decision, 0), sample(Position, 0)
    command, minute = sample(OrderCommand, 0), sample(RiskMinute, 0)
    assert _released(decision, command, position, minute) == [
        ("command", 1, "OrderCommand"),
        ("command", 2, "RiskMinute"),
        ("decision", 1, "Decision"),
        ("position", 1, "Position"),
    ]


def test_without_commands_the_order_is_as_placed() -> None:
    """Other streams go in the order in which the machine said them."""
    decision, position = sample(Decision, 0), sample(Position, 0)
    assert _released(position, decision, position) == [
        ("position", 1, "Position"),
        ("decision", 1, "Decision"),
        ("position", 2, "Position"),
    ]
