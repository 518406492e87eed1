"""Limits on identity."""

from collections.abc import Callable
from typing import Final

from tests.support.limit_rows.world import Row, World
from tests.support.risk_builder import CLOSE, ES, MES, Desk, at, candidate


def _decided_before(candidate_id: str) -> Callable[[Desk], object]:
    refused = candidate("fade", at("10:00"), candidate_id=candidate_id, stop=CLOSE)
    return lambda desk: desk.minute("10:00", refused)


ROWS: Final[list[Row]] = [
    ("IDENTITY", World(asks={"contract": ES, "order_contract": MES}), World()),
    ("IDENTITY", World(asks={"close_ns": at("10:30")}), World(asks={"close_ns": at("10:31")})),
    (
        "DUPLICATE",
        World(before=_decided_before("c1"), asks={"candidate_id": "c1"}),
        World(before=_decided_before("c1"), asks={"candidate_id": "c2"}),
    ),
    ("PAIR", World(asks={"order_contract": MES}), World()),
    ("PAIR", World(asks={"order_contract": "corn"}), World()),
    ("EXPIRED_CONTRACT", World(date="2026-03-20"), World(date="2026-03-19")),
]
