"""Limits on identity."""

from collections.abc import Callable
from typing import Final

from services.domain.messages.orders import OrderRole
from tests.support.limit_rows.limit_case import LimitCase, Row
from tests.support.risk_builder import CLOSE, ES, MES, RiskDesk, at, candidate


def _decided_before(candidate_id: str) -> Callable[[RiskDesk], object]:
    refused = candidate("fade", at("10:00"), candidate_id=candidate_id, stop=CLOSE)
    return lambda desk: desk.minute("10:00", refused)


def _entered_and_closed(clock: str) -> Callable[[RiskDesk], object]:
    def run(desk: RiskDesk) -> None:
        entry = desk.enter("fade", clock)
        desk.send(desk.fill(entry, CLOSE, role=OrderRole.TARGET))

    return run


ROWS: Final[list[Row]] = [
    ("IDENTITY", LimitCase(candidate_fields={"contract": ES, "order_contract": MES}), LimitCase()),
    (
        "IDENTITY",
        LimitCase(candidate_fields={"close_ns": at("10:30")}),
        LimitCase(candidate_fields={"close_ns": at("10:31")}),
    ),
    (
        "DUPLICATE",
        LimitCase(prepare=_decided_before("c1"), candidate_fields={"candidate_id": "c1"}),
        LimitCase(prepare=_decided_before("c1"), candidate_fields={"candidate_id": "c2"}),
    ),
    (
        "REPEATED_ORDER",
        LimitCase(limits={"duplicate_window_ms": 60_000}, prepare=_entered_and_closed("10:30")),
        LimitCase(limits={"duplicate_window_ms": 59_999}, prepare=_entered_and_closed("10:30")),
    ),
    ("PAIR", LimitCase(candidate_fields={"order_contract": MES}), LimitCase()),
    ("PAIR", LimitCase(candidate_fields={"order_contract": "corn"}), LimitCase()),
    ("EXPIRED_CONTRACT", LimitCase(date="2026-03-20"), LimitCase(date="2026-03-19")),
]
