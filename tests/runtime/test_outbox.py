"""The order in which a turn's outputs leave."""

import msgspec

from services.domain.messages.risk import BarSettled, Decision, OrderCommand, Position
from services.domain.messages.union import Message
from services.runtime.outbox import Outbox
from tests.support.sample_messages import sample
from tests.support.stream_builder import WALL, RecordingBus


def _released(*messages: Message) -> list[tuple[str, int, str]]:
    outlet, bus = Outbox("risk", 1, {}, None, urgent=OrderCommand), RecordingBus()
    outlet.add(messages, WALL, None)
    outlet.publish(bus, None)
    return [(e.stream, e.sequence, type(e.message).__name__) for e in bus.published]


def test_a_command_leaves_before_what_explains_it_and_the_settled_stamp_last() -> None:
    """Nothing that is read beside the order delays it; the stamp is settled when all is said."""
    decision, command = sample(Decision, 0), sample(OrderCommand, 0)
    position, settled = sample(Position, 0), sample(BarSettled, 0)
    assert _released(decision, command, settled, position) == [
        ("command", 1, "OrderCommand"),
        ("decision", 1, "Decision"),
        ("position", 1, "Position"),
        ("command", 2, "BarSettled"),
    ]


def test_a_stream_keeps_its_order_whatever_is_urgent() -> None:
    """Two stamps in one turn: the second's command waits for the first's settlement."""
    command, settled = sample(OrderCommand, 0), sample(BarSettled, 0)
    later = msgspec.structs.replace(command, command_id="later")
    turn = _released(command, settled, sample(Decision, 0), later, settled)
    assert [place for place in turn if place[0] == "command"] == [
        ("command", 1, "OrderCommand"),
        ("command", 2, "BarSettled"),
        ("command", 3, "OrderCommand"),
        ("command", 4, "BarSettled"),
    ]
    assert turn[-1] == ("command", 4, "BarSettled")


def test_without_commands_the_order_is_as_placed() -> None:
    """Other streams go in the order in which the machine said them."""
    decision, position = sample(Decision, 0), sample(Position, 0)
    assert _released(position, decision, position) == [
        ("position", 1, "Position"),
        ("decision", 1, "Decision"),
        ("position", 2, "Position"),
    ]
