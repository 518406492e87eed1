"""The table of services: a row and the spec of its shell agree; a desk is made of the rows."""

import pytest

from services.composition.services import spec_of
from services.domain.services import (
    SERVICES,
    AddedService,
    EdgeKind,
    ServiceRow,
    processes,
    with_added,
)
from services.domain.topics import publisher_of


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
