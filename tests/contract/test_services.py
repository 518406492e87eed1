"""The table of services: a row and the spec of its shell agree; a desk is made of the rows."""

import msgspec
import pytest

from services.composition.services import spec_of
from services.domain.messages.control import ControlAck
from services.domain.messages.risk import (
    Alert,
    Decision,
    LedgerMark,
    OrderCommand,
    Position,
    StateChanged,
)
from services.domain.messages.union import Message
from services.domain.services import (
    SERVICES,
    AddedService,
    EdgeKind,
    ServiceRow,
    processes,
    with_added,
)
from services.domain.topics import TOPICS, TopicClass, publisher_of
from services.domain.units import Contracts, MicroUsd
from tests.support.order_builder import command, risk_minute
from tests.support.sample_messages import sample
from tests.support.worker_builder import position


@pytest.mark.parametrize("row", SERVICES, ids=lambda row: row.name)
def test_a_row_and_its_spec_agree(row: ServiceRow) -> None:
    """One name, one edge; what leaves first is published by it."""
    spec = spec_of(row)
    assert spec.name == row.name
    assert (spec.grpc is not None) == (row.edge is EdgeKind.GRPC)
    assert row.client is None or row.edge is EdgeKind.GRPC
    assert not row.urgent_stream or publisher_of(row.urgent_stream) == row.name


def test_processes_are_the_rows_with_workers_spelled_out() -> None:
    """In the order of the flow; a row of desk.toml stands where it says."""
    own = AddedService(name="toy", package="toys", after="strategies")
    names = processes(with_added([own]), ("early", "late"))
    assert names == ("ingest", "state", "early", "late", "toy", "risk", "orders")


def test_what_is_synced_is_the_truth_of_its_maker() -> None:
    """What leaves ingest and orders, commands and answers of risk, and a change of its state."""
    feed, risk, orders = (
        next(row.must_be_on_disk for row in SERVICES if row.name == name)
        for name in ("ingest", "risk", "orders")
    )
    assert feed is not None
    assert risk is not None
    assert orders is not None
    for row in TOPICS:
        if row.publisher in {"ingest", "orders"} and row.topic_class is TopicClass.DURABLE:
            owner = feed if row.publisher == "ingest" else orders
            assert owner(_sample(row.message)), row.message
    assert risk(command("c1"))
    assert risk(risk_minute(1, command("c1")))
    assert not risk(risk_minute(1))
    synced = {
        row.message for row in TOPICS if row.publisher == "risk" and risk(_sample(row.message))
    }
    assert {ControlAck, StateChanged, OrderCommand} <= synced
    assert not {Position, LedgerMark, Decision, Alert} & synced


@pytest.mark.parametrize("name", ["state", "strategies"])
def test_who_recomputes_never_syncs(name: str) -> None:
    """Nothing of it is the truth: it follows from what others have on disk."""
    (row,) = (row for row in SERVICES if row.name == name)
    assert row.must_be_on_disk is None
    assert row.published_again is not None


def _sample(kind: type[Message]) -> Message:
    return sample(kind, 0)


def test_risk_may_publish_again_otherwise_what_is_no_command_and_no_position() -> None:
    """A quiet minute is like any other; a command must be there, the same, and no other."""
    (risk,) = (row for row in SERVICES if row.name == "risk")
    must_equal = risk.published_again
    assert must_equal is not None
    assert must_equal(risk_minute(1)) == must_equal(risk_minute(2))
    assert must_equal(risk_minute(1, command("c1"))) != must_equal(risk_minute(1))
    assert must_equal(risk_minute(1, command("c1"))) != must_equal(risk_minute(1, command("c2")))
    held = position("fade", quantity=1)
    assert must_equal(held) == must_equal(msgspec.structs.replace(held, realised=MicroUsd(5)))
    assert must_equal(held) != must_equal(msgspec.structs.replace(held, quantity=Contracts(2)))
