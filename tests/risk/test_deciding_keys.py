"""Every key of the sets decides alone on some constructed day; a new one is asked for its day."""

import msgspec
import pytest

from services.risk.settings.config import RiskConfig, StrategyLimits
from tests.support.deciding_keys import account, entry, portfolio
from tests.support.deciding_keys.key_case import KeyCase
from tests.support.risk_builder import SIGNALS

CASES = [*entry.CASES, *account.CASES, *portfolio.CASES]


def test_every_key_has_its_day() -> None:
    """Of the configuration's type: a key that no day is made for would decide nothing."""
    assert sorted(case.key for case in CASES) == sorted(RiskConfig.__struct_fields__)


@pytest.mark.parametrize("case", CASES, ids=[case.key for case in CASES])
def test_a_key_decides_alone(case: KeyCase) -> None:
    """With its value the desk refuses, latches, sizes or acts; with another of it alone, not so."""
    assert case.results() == (case.found, case.otherwise)


@pytest.mark.parametrize("key", StrategyLimits.__struct_fields__)
def test_a_strategy_s_own_value_decides_for_it(key: str) -> None:
    """In its table the other value has the effect that it has as the general one."""
    (case,) = (case for case in CASES if case.key == key)
    own = msgspec.convert({key: case.other}, StrategyLimits)
    table = msgspec.structs.replace(
        case, key="strategies", value={}, other=dict.fromkeys(SIGNALS, own)
    )
    assert table.results() == (case.found, case.otherwise)
