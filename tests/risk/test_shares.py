"""The strategies' shares of the day's loss: a set in which they add up to more does not start."""

import shutil
from pathlib import Path

import pytest

from services.domain.calendar import Calendar
from services.domain.errors import ConfigError
from services.domain.units import UnixNanos
from services.risk.settings.config import StrategyLimits
from services.risk.settings.strategy_budgets import budgets_fault
from services.risk.shell import SPEC
from services.runtime.assembly import MachineContext, config_of
from services.runtime.config import ConfigFolder
from tests.support.risk_builder import config

CONFIG = Path(__file__).parents[2] / "config"
BOTH = ("fade", "trend")


def test_what_adds_up_to_the_accounts_loss_is_sane() -> None:
    """Two strategies of $200 on an account of $400; a cent more is too much, and is explained."""
    sane = config(daily_loss_usd=400.0, strategy_daily_loss_usd=200.0)
    assert budgets_fault(sane, BOTH) == ""
    own = {"trend": StrategyLimits(strategy_daily_loss_usd=200.01)}
    much = config(daily_loss_usd=400.0, strategy_daily_loss_usd=200.0, strategies=own)
    assert budgets_fault(much, BOTH) == (
        "the strategies' daily loss budgets add up to $400.01 (fade $200.00, trend $200.01), "
        "expected at most the account's daily_loss_usd $400.00"
    )
    assert budgets_fault(much, ("fade",)) == ""


def test_shares_add_up_exactly() -> None:
    """Three of $0.10 are the $0.30 the account may lose; what is shown adds up to what is shown."""
    names = ("fade", "trend", "bear")
    assert budgets_fault(config(daily_loss_usd=0.3, strategy_daily_loss_usd=0.1), names) == ""
    much = config(daily_loss_usd=0.3, strategy_daily_loss_usd=0.105)
    assert budgets_fault(much, names) == (
        "the strategies' daily loss budgets add up to $0.315 (fade $0.105, trend $0.105, bear "
        "$0.105), expected at most the account's daily_loss_usd $0.30"
    )


def started(folder: Path) -> object:
    """Risk's machine from a folder, as every way of starting builds it."""
    read = ConfigFolder(folder, UnixNanos(1_769_000_000_000_000_000))
    parts = MachineContext(name="risk", manifest=read.manifest(), calendar=Calendar(), epoch=1)
    return SPEC.build(config_of(SPEC, read), parts)


@pytest.mark.parametrize("profile", ["demo", "paper", "live"])
def test_every_shipped_set_starts_with_every_strategy_switched_on(
    tmp_path: Path, profile: str
) -> None:
    """Shares were chosen for the whole playbook, the strategy that ships switched off included."""
    folder = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    for name, old, new in (
        ("risk.toml", 'profile = "paper"', f'profile = "{profile}"'),
        ("strategies.toml", "enabled = false", "enabled = true"),
    ):
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))
    assert started(folder)


def test_budgets_above_the_accounts_loss_are_refused(tmp_path: Path) -> None:
    """The start ends with the set's file, each share, the sum and the account's own limit."""
    folder = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    limits = folder / "limits_paper.toml"
    old = "\nstrategy_daily_loss_usd = 520.0"
    assert old in limits.read_text()
    limits.write_text(limits.read_text().replace(old, "\nstrategy_daily_loss_usd = 1400.0"))
    with pytest.raises(ConfigError, match=r"limits_paper\.toml: .* budgets add up to .* \$2,500"):
        started(folder)
