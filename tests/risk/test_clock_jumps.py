"""A deadline of risk under a clock that is set: flat-by comes at its time, never at another."""

from pathlib import Path
from typing import Final

import pytest

from services.domain.messages.risk import OrderCommand
from services.domain.services import ServiceRow
from services.domain.topics import subscriptions
from services.domain.units import NANOS_PER_SECOND, UnixNanos
from services.risk.gate import Gate
from services.runtime.journal import Journal
from services.runtime.memory_bus import MemoryHub
from services.runtime.node import Node, NodeConfig
from tests.support.host_clock import HostClock
from tests.support.risk_builder import at, calendar, config, manifest, ready_desk

_DUE: Final = at("15:59") + 2 * NANOS_PER_SECOND
"""Flat-by, and as long as a bar may be old."""


def _holding(folder: Path, host: HostClock) -> Node:
    """Risk live on a host, with a position since 10:00."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    clock = host.clock()
    node = NodeConfig(
        name="risk",
        row=ServiceRow(name="risk", package=""),
        streams=subscriptions("risk", manifest().workers),
        fires_early=False,
        date_of=calendar().trade_date_of,
        wall=clock.now,
    )
    gate = Gate(config(), manifest(), calendar())
    made = Node(node, gate, MemoryHub().connect(()), clock, Journal(folder))
    made.restore()
    for kind, message, when in desk.journal:
        if kind == "in" and message is not None:
            host.pass_by(max(0.0, (when - clock.now()) / NANOS_PER_SECOND))
            made.handle_call(message, None)
            made.flush()
    return made


@pytest.mark.parametrize("back_after_s", [None, 5, 1_000], ids=["stays", "5 s", "1000 s"])
@pytest.mark.parametrize("jump_s", [3_600.0, -3_600.0, 2.0, -2.0])
def test_flat_by_fires_at_its_time_whatever_is_done_to_the_clock(
    tmp_path: Path, jump_s: float, back_after_s: int | None
) -> None:
    """Today an hour forward flattens an hour early, and one taken back stops the timer for it."""
    host = HostClock(UnixNanos(at("09:29")))
    node = _holding(tmp_path, host)
    true_ns = int(node.clock.now())
    host.pass_by((at("15:40") - true_ns) / NANOS_PER_SECOND)
    true_ns = at("15:40")
    host.set_by(jump_s)
    fired: list[int] = []
    for second in range(20 * 60):
        if second == back_after_s:
            host.set_by(-jump_s)
        host.pass_by(1.0)
        true_ns = UnixNanos(true_ns + NANOS_PER_SECOND)
        node.clock.disagreement()
        node.fire_due()
        sent = [envelope.message for envelope in node.flush()]
        fired += [true_ns for m in sent if isinstance(m, OrderCommand) and m.code == "FLAT_BY"]
    assert fired
    assert _DUE <= fired[0] <= _DUE + NANOS_PER_SECOND
    assert node.journal is not None
    node.journal.close()
