"""Which direction tightens a limit: what a running desk accepts, and what a start compares."""

from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest

from services.domain.errors import ConfigError
from services.risk.settings.config import RiskConfig
from services.risk.settings.tightening import loosened_limits, tighten, to_json
from tests.support.risk_builder import config

WITHOUT_DIRECTION = {
    "sizing",
    "start_equity_usd",
    "peak_equity_usd",
    "strategies",
    "account_simulated",
    "allowed_accounts",
    "approved_strategies",
    "news",
    "approved_clients",
    "approved_builds",
}
"""Keys without a direction: any change counts as looser; a table is judged entry by entry."""


def test_every_key_has_a_tighter_direction() -> None:
    """A new limit is not forgotten: it has a direction, is free, or is listed here on purpose."""
    hints = get_type_hints(RiskConfig, include_extras=True)
    silent = {key for key, hint in hints.items() if "'tighter'" not in repr(hint)}
    assert silent == WITHOUT_DIRECTION


@pytest.mark.parametrize(
    ("key", "old", "looser", "tighter"),
    [
        ("daily_loss_usd", 400.0, 401.0, 399.0),
        ("trades_per_day", 10, 11, 9),
        ("min_stop_ticks", 4, 3, 5),
        ("last_entry_et", "15:00", "15:01", "14:59"),
        ("first_entry_et", "09:45", "09:44", "09:46"),
        ("no_entry_before_close_minutes", 15, 14, 16),
        ("slippage_reserve_ticks", 10, 9, 11),
    ],
)
def test_a_limit_is_looser_one_way_and_tighter_the_other(
    key: str, old: object, looser: object, tighter: object
) -> None:
    """The start names key, old and new of what is looser, and says nothing of the other side."""
    kept = to_json(config(**{key: old}))
    (change,) = loosened_limits(kept, config(**{key: looser}))
    assert change == f"{key} {old} -> {looser}"
    assert not loosened_limits(kept, config(**{key: tighter}))
    assert not loosened_limits(kept, config(**{key: old}))


def test_a_removed_limit_is_looser() -> None:
    """A rule pack's flat-by time taken out of the file does not pass as no change."""
    kept = to_json(config(rule_pack_flat_by_et="15:10"))
    (change,) = loosened_limits(kept, config())
    assert change == "rule_pack_flat_by_et 15:10 -> None"
    assert not loosened_limits(to_json(config()), config(rule_pack_flat_by_et="15:10"))


def test_a_key_of_another_version_is_ignored() -> None:
    """A limit that was not there yet, or is not any more, is no loosening of an upgrade."""
    kept = msgspec.json.decode(to_json(config()))
    del kept["daily_loss_usd"]
    assert not loosened_limits(msgspec.json.encode(kept | {"old_limit": 1}).decode(), config())


def test_a_change_of_the_sizing_counts_as_looser() -> None:
    """What has no direction that tightens is never changed under an open position."""
    kept = msgspec.json.decode(to_json(config())) | {"sizing": "fixed"}
    (change,) = loosened_limits(msgspec.json.encode(kept).decode(), config())
    assert change.startswith("sizing ")


@pytest.mark.parametrize(
    ("key", "text", "found"),
    [
        ("daily_loss_usd", "250", 250.0),
        ("trades_per_day", "3", 3),
        ("last_entry_et", "14:00", None),
    ],
)
def test_a_tighter_value_is_accepted(key: str, text: str, found: object) -> None:
    """Numbers and clocks as a person types them; everything else stays as it was."""
    before = config()
    after = tighten(before, key, text)
    assert getattr(after, key) == (found if found is not None else text)
    same = {k: getattr(after, k) for k in RiskConfig.__struct_fields__ if k != key}
    assert same == {k: getattr(before, k) for k in same}


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("daily_loss_usd", "401", "daily_loss_usd is 400.0, 401 is not tighter"),
        ("daily_loss_usd", "400", "is not tighter"),
        ("daily_loss_usd", "-1", "daily_loss_usd -1 is refused"),
        ("daily_loss_usd", "low", "expected the same kind of value"),
        ("daily_loss", "1", "daily_loss is not a limit"),
        ("sizing", "fixed", "sizing cannot be tightened while running"),
        ("profile", "live", "profile cannot be tightened while running"),
        ("trades_per_day", "2.5", "trades_per_day 2.5 is refused"),
        ("max_stop_ticks", "3", "min_stop_ticks <= max_stop_ticks"),
    ],
)
def test_everything_else_is_refused_by_name(key: str, text: str, said: str) -> None:
    """Looser, equal, out of range, of a wrong kind, unknown or without a direction."""
    with pytest.raises(ConfigError, match=said):
        tighten(config(), key, text)


@pytest.mark.parametrize("name", ["demo", "paper", "live"])
def test_the_same_set_is_never_looser_than_itself(name: str) -> None:
    """Started again with the same files nothing has changed, lists and tables included."""
    folder = Path(__file__).parents[2] / "config"
    text = (folder / f"limits_{name}.toml").read_text()
    own = (folder / "risk.toml").read_text()
    shipped = msgspec.toml.decode(f"{own}\n{text}", type=RiskConfig)
    assert not loosened_limits(to_json(shipped), shipped)


@pytest.mark.parametrize(
    "key", ["weekly_loss_usd", "drawdown_static_usd", "strategy_daily_loss_usd", "loss_velocity_r"]
)
def test_a_limit_is_not_tightened_to_what_counts_as_none(key: str) -> None:
    """Less than a micro-dollar rounds to 0: the limit would be off where it was to be strictest."""
    limits = config(**{key: 50.0})
    with pytest.raises(ConfigError, match=f"{key} 1e-9 would count as 0"):
        tighten(limits, key, "1e-9")
    assert getattr(tighten(limits, key, "0.001"), key) == 0.001


def test_a_number_of_thousands_of_digits_is_refused_by_name() -> None:
    """More than Python reads: the operator is answered, risk goes on."""
    with pytest.raises(ConfigError, match="trades_per_day"):
        tighten(config(), "trades_per_day", "1" * 5000)
