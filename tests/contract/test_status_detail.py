"""What commands read of a status is there: in the struct its service writes, in its form."""

from typing import Any

import msgspec
import pytest

from services.ingest.counts import GatewayCounts
from services.launch.status_detail import (
    FeedDetail,
    OrdersDetail,
    RiskDetail,
    detail_of,
)
from services.orders.router import RouterStatus
from services.risk.status import RiskStatus
from services.runtime.service_status import ServiceStatus, plain
from tests.support.sample_messages import sample


@pytest.mark.parametrize(
    ("written", "read"),
    [(GatewayCounts, FeedDetail), (RiskStatus, RiskDetail), (RouterStatus, OrdersDetail)],
)
def test_a_status_is_read_as_written(
    written: type[msgspec.Struct], read: type[msgspec.Struct]
) -> None:
    """Every field that is read has its value, those of limits, positions and holdings too."""
    status = plain(sample(written, 1))
    detail = msgspec.Raw(msgspec.json.encode(status))
    found = detail_of(ServiceStatus(service="x", detail=detail), read)
    assert found is not None
    assert _within(msgspec.to_builtins(found), status)


def test_a_status_of_another_build_is_not_read() -> None:
    """Without an answer, or with other fields, there is nothing."""
    assert detail_of(None, FeedDetail) is None
    assert detail_of(ServiceStatus(service="x"), FeedDetail) is None


def _within(found: Any, status: Any) -> bool:
    # What was read is part of what was written.
    if isinstance(found, dict):
        return all(_within(value, status[key]) for key, value in found.items())
    if isinstance(found, list | tuple):
        return len(found) == len(status) > 0 and all(map(_within, found, status))
    return bool(found == status)
