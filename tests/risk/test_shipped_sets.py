"""What the shipped sets let through: an index above 30,000, sizes that fit a strategy's share."""

from typing import Any

import pytest

from services.domain.units import Contracts, Ticks
from services.risk.settings.config import StrategyLimits
from tests.support.deciding_keys.key_case import TEST_DESK, all_of, candidate_on
from tests.support.limit_rows.limit_case import LimitCase, decide
from tests.support.risk_builder import CLOSE
from tests.support.shipped_sets import shipped

SETS = pytest.mark.parametrize("name", ["demo", "paper", "live"])


@SETS
def test_an_index_above_30000_can_be_traded(name: str) -> None:
    """Today `max_order_value_usd` refuses every MNQ entry above NQ 30,000; now up to 50,000."""
    values = ("max_order_value_usd", "group_notional_usd")
    limits = shipped(name, **{k: v for k, v in TEST_DESK.items() if k not in values})
    for close, code in (
        (30_001 * 4, "APPROVED"),
        (50_000 * 4, "APPROVED"),
        (200_001, "ORDER_VALUE"),
    ):
        prices = {"entry": Ticks(close), "stop": Ticks(close - 40), "target": Ticks(close + 80)}
        day = candidate_on(candidate_fields=prices, reading={"close": Ticks(close)})
        assert day(limits) == code


@pytest.mark.parametrize(
    ("stop_ticks", "quantity", "code"),
    [(40, 3, "APPROVED"), (120, 2, "APPROVED"), (320, 1, "APPROVED"), (330, 1, "STRATEGY_RISK")],
)
def test_a_size_fits_the_strategy_s_share(stop_ticks: int, quantity: int, code: str) -> None:
    """$170 pay for three stops of $26.24, two of $66.24, one of $166.24; of $171.24 for none."""
    three: dict[str, Any] = dict.fromkeys(
        ("size_max", "max_order_quantity", "max_position_contracts", "strategy_contracts"),
        Contracts(3),
    )
    own = StrategyLimits(strategy_open_risk_usd=170.0)
    limits = shipped("paper", **(TEST_DESK | three | {"strategies": {"fade": own}}))
    fields = {"stop": Ticks(CLOSE - stop_ticks)}
    decision = decide(LimitCase(limits=all_of(limits), candidate_fields=fields))
    assert decision.code == code
    assert decision.quantity == (quantity if code == "APPROVED" else 0)
