"""Limits on whether the market's figures can be believed."""

from collections.abc import Callable
from typing import Any, Final

from services.domain.units import NANOS_PER_MS, Ticks, UnixNanos
from tests.support.limit_rows.limit_case import LimitCase, Row, account_values, clock_at
from tests.support.risk_builder import CLOSE, NQ, RiskDesk


def _before(clock: str, close: int = CLOSE) -> Callable[[RiskDesk], object]:
    return lambda desk: desk.minute(clock, closes={NQ: close})


def _spike(clock: str) -> Callable[[RiskDesk], object]:
    def run(desk: RiskDesk) -> None:
        desk.minute("10:25")
        desk.minute(clock, closes={NQ: CLOSE - 400})

    return run


def _clock_offsets(*behind_ms: int) -> Callable[[RiskDesk], object]:
    def run(desk: RiskDesk) -> None:
        desk.minute("10:00")
        clock_at(desk, "10:30:59")
        for each in behind_ms:
            at_ns = UnixNanos(desk.now - each * NANOS_PER_MS)
            desk.send(account_values(desk, 50_000.0, at_ns=at_ns))

    return run


_TWO: dict[str, Any] = {"warmup_bars": 2}
_SIX: dict[str, Any] = {"cross_index_atr_max": 6.0}
_IB: dict[str, Any] = {"minute_of_rth": 61}

ROWS: Final[list[Row]] = [
    ("WARM_UP", LimitCase(limits=_TWO), LimitCase(limits=_TWO, prepare=_before("10:30"))),
    ("WARM_UP", LimitCase(reading=_IB), LimitCase(reading={**_IB, "ib_final": True})),
    (
        "PRICE_LIMIT",
        LimitCase(reading={"prior_close": Ticks(125_000)}),
        LimitCase(reading={"prior_close": Ticks(124_999)}),
    ),
    (
        "SUSPECT_MOVE",
        LimitCase(prepare=_before("10:30", CLOSE - 321)),
        LimitCase(prepare=_before("10:30", CLOSE - 320)),
    ),
    (
        "SUSPECT_MOVE",
        LimitCase(limits={"suspect_bars": 2}, prepare=_spike("10:30")),
        LimitCase(limits={"suspect_bars": 1}, prepare=_before("10:30")),
    ),
    (
        "CROSS_INDEX",
        LimitCase(limits=_SIX, prepare=_before("10:30", CLOSE - 241)),
        LimitCase(limits=_SIX, prepare=_before("10:30", CLOSE - 240)),
    ),
    (
        "CLOCK_SKEW",
        LimitCase(live=True, prepare=_clock_offsets(251)),
        LimitCase(live=True, prepare=_clock_offsets(250)),
    ),
    (
        "CLOCK_SKEW",
        LimitCase(live=True, prepare=_clock_offsets(-251, 0)),
        LimitCase(live=True, prepare=_clock_offsets(-250, 4_000)),
    ),
]
