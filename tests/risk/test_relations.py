"""How the limits of a set fit together: what never trades does not start, what is odd is said."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.domain.calendar import Calendar
from services.domain.errors import ConfigError
from services.domain.units import UnixNanos
from services.risk.settings.config import Sizing, StrategyLimits
from services.risk.settings.relations import contradictions, oddities
from services.risk.shell import SPEC
from services.runtime.assembly import MachineContext, config_of
from services.runtime.config import ConfigFolder
from tests.support.process_desk import ROOT
from tests.support.shipped_sets import shipped

MICRO = ("MNQ 03-26",)
NAMES = ("edge_fade", "p_day")
NARROWEST = 8.24
"""What the narrowest stop of `paper` costs in MNQ: 4 ticks, 10 of reserve, $1.24 of fees."""
_STATED: dict[str, Any] = {"start_equity_usd": 50_000.0}
"""What is measured against the account is judged before a start only where its start is stated."""


@pytest.mark.parametrize("name", ["demo", "paper", "live"])
def test_a_shipped_set_neither_contradicts_itself_nor_is_odd(name: str) -> None:
    """For the whole playbook, on the contract it ships with."""
    config = shipped(name)
    every = (*config.strategies, "one_of_my_own")
    assert not list(contradictions(config, MICRO, every))
    assert not list(oddities(config, every))


@pytest.mark.parametrize(
    ("key", "never", "just"),
    [
        ("risk_per_trade_usd", NARROWEST - 0.01, NARROWEST),
        ("risk_per_trade_pct", 0.016, 0.017),
        ("daily_loss_usd", NARROWEST - 0.01, NARROWEST),
        ("weekly_loss_usd", NARROWEST - 0.01, NARROWEST),
        ("drawdown_static_usd", 9.1, 9.2),
        ("min_equity_usd", 50_000.0, 49_999.0),
        ("margin_share", 0.069, 0.07),
        ("first_entry_et", "15:29", "15:28"),
        ("no_entry_before_close_minutes", 180, 15),
    ],
)
def test_a_set_that_never_trades_is_named_by_its_key(key: str, never: Any, just: Any) -> None:
    """One step to the side something could trade, and nothing is found."""
    early = {"first_entry_et": "13:00"} if key == "no_entry_before_close_minutes" else {}
    config = shipped("paper", **_STATED, **early)
    (found,) = contradictions(msgspec.structs.replace(config, **{key: never}), MICRO, NAMES)
    assert key in found
    fine = msgspec.structs.replace(config, **{key: just})
    assert not list(contradictions(fine, MICRO, NAMES))


def test_every_strategy_s_share_must_be_too_small() -> None:
    """One strategy that may pay for its stop is enough; so is one contract that is cheap enough."""
    poor = StrategyLimits(strategy_open_risk_usd=5.0)
    config = shipped("paper", strategies=dict.fromkeys(NAMES, poor))
    (found,) = contradictions(config, MICRO, NAMES)
    assert "every strategy_open_risk_usd allows $5.00" in found
    assert not list(contradictions(config, MICRO, (*NAMES, "another")))
    dear = shipped("paper", risk_per_trade_usd=20.0)
    assert list(contradictions(dear, ("NQ 03-26",), NAMES))
    assert not list(contradictions(dear, ("NQ 03-26", *MICRO), NAMES))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"fixed_quantity": 2, "strategy_contracts": 2}, "max_order_quantity"),
        (
            {"fixed_quantity": 2, "max_order_quantity": 2, "max_position_contracts": 2},
            "every strategy_contracts",
        ),
    ],
)
def test_a_fixed_size_above_its_limits_never_trades(changes: dict[str, Any], key: str) -> None:
    """A fixed size is not cut: the limit would refuse every entry."""
    config = shipped("paper", sizing=Sizing.FIXED, strategies={}, **changes)
    (found,) = contradictions(config, MICRO, NAMES)
    assert f"fixed_quantity 2 is above {key} 1" in found
    by_risk = msgspec.structs.replace(config, sizing=Sizing.BY_RISK)
    assert not list(contradictions(by_risk, MICRO, NAMES))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"strategies": {}, "strategy_daily_loss_usd": 57.0, "strategy_open_risk_usd": 120.0},
         "edge_fade may lose $57.00 on a date and $120.00 in one trade"),
        ({"daily_loss_usd": 1200.0}, "daily loss $1,200.00 pays for one trade of $625.00, not"),
        ({"drawdown_intraday_usd": 2000.0, "drawdown_end_of_day_usd": 2000.0},
         "drawdown_intraday_usd and drawdown_end_of_day_usd and drawdown_static_usd are on"),
        ({"fills_before_review": 10}, "fills_before_review 10 is never reached"),
        ({"fills_before_review": 3}, "losses_in_row_of_strategy 3 is never reached: fills_before"),
        ({"unfilled_per_day": 10}, "unfilled_per_day 10 is never reached: trades_per_day is 10"),
        ({"entries_per_minute": 1}, "entries_per_two_seconds 1 is never reached"),
        ({"weekly_loss_usd": 2500.0}, "daily_loss_usd 2500 is never reached: weekly_loss_usd"),
        ({"min_equity_usd": 25_000.0}, "min_equity_usd 25000 is never reached: the desk stops at"),
        ({"max_holding_minutes": 390}, "max_holding_minutes 390 is never reached: 388 minutes"),
        ({"group_notional_usd": 90_000.0}, "max_order_value_usd 100000 is never reached"),
    ],
)  # fmt: skip
def test_what_is_odd_is_found(changes: dict[str, Any], said: str) -> None:
    """Today's sets had each of these; nothing of it stops a start."""
    config = shipped("paper", **_STATED, **changes)
    found = list(oddities(config, NAMES))
    assert any(text.startswith(said) for text in found), found
    assert not list(contradictions(config, MICRO, NAMES))


def test_a_set_that_never_trades_does_not_start(tmp_path: Path) -> None:
    """The start ends with the set's file, the key and both figures; an odd set starts."""
    folder = Path(shutil.copytree(ROOT / "config", tmp_path / "config"))
    limits = folder / "limits_paper.toml"
    text = limits.read_text()
    for new, starts in (("9.0", False), ("1200.0", True)):
        limits.write_text(
            text.replace("\nrisk_per_trade_usd = 625.0", f"\nrisk_per_trade_usd = {new}")
        )
        if not starts:
            more = limits.read_text().replace("min_stop_ticks = 4", "min_stop_ticks = 8")
            limits.write_text(more)
            expected = r"limits_paper\.toml: the narrowest stop risks \$10\.24, risk_per_trade_usd"
            with pytest.raises(ConfigError, match=expected):
                started(folder)
        else:
            assert started(folder)


def started(folder: Path) -> object:
    """Risk's machine from a folder, as every way of starting builds it."""
    read = ConfigFolder(folder, UnixNanos(1_769_000_000_000_000_000))
    parts = MachineContext(name="risk", manifest=read.manifest(), calendar=Calendar(), epoch=1)
    return SPEC.build(config_of(SPEC, read), parts)
