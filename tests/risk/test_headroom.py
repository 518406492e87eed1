"""How much of the limits on what is held together is used."""

import pytest

from tests.support.risk_builder import RiskDesk, at, candidate, config, ready_desk


def used(desk: RiskDesk) -> dict[str, tuple[float, float]]:
    """Used and limit by code."""
    return {row.code: (row.used, row.limit) for row in desk.gate.status().limits}


def test_nothing_held_uses_nothing() -> None:
    """A flat desk shows the limits empty."""
    found = used(ready_desk(config(open_entries_max=1)))
    assert found["OPEN_ORDERS"] == (0, 1)
    assert found["GROUP_NOTIONAL"][0] == found["GROUP_RISK"][0] == found["CONCENTRATION"][0] == 0


def test_what_is_held_fills_the_limits_of_the_group() -> None:
    """One MES at 25,000 points is $125,000; 40 ticks a minute are $987.42 on an average day."""
    desk = ready_desk(config(slippage_collar_ticks=1, slippage_breaches_max=3))
    desk.enter("es_fade", "10:00")
    desk.minute("10:01")
    found = used(desk)
    assert found["GROUP_NOTIONAL"] == (125_000.0, 10_000_000.0)
    assert found["GROUP_RISK"][0] == pytest.approx(987.42, abs=0.01)
    assert found["CONCENTRATION"] == (1, 4)
    assert found["SLIPPAGE"] == (0, 3)


def test_an_entry_that_works_counts() -> None:
    """In flight it is an order at work, and already worth what it will be."""
    desk = ready_desk()
    desk.minute("10:00", candidate("fade", at("10:00")))
    found = used(desk)
    assert found["OPEN_ORDERS"] == (1, 4)
    assert found["GROUP_NOTIONAL"][0] == 50_000.0
