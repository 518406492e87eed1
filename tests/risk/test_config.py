"""`risk.toml`: the shipped profile reads; nothing has a default; contradictions are refused."""

from pathlib import Path

import msgspec
import pytest

from services.risk.config import RiskConfig

SHIPPED = Path(__file__).parents[2] / "config" / "risk.toml"


def parse(text: str) -> RiskConfig:
    """Read a risk.toml."""
    return msgspec.toml.decode(text, type=RiskConfig)


def test_shipped_file_is_the_paper_profile() -> None:
    """The file of the repository parses and says what it is."""
    config = parse(SHIPPED.read_text())
    assert config.profile == "paper"
    assert config.daily_loss == round(config.daily_loss_usd * 1_000_000)


LINES = [line for line in SHIPPED.read_text().splitlines() if line and line[0] not in "#\n"]


@pytest.mark.parametrize("line", LINES, ids=[line.partition(" ")[0] for line in LINES])
def test_no_limit_has_a_default(line: str) -> None:
    """Leaving any one key out stops the start and names the key."""
    key = line.partition(" ")[0]
    with pytest.raises(msgspec.ValidationError, match=key):
        parse("\n".join(other for other in LINES if other != line))


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("daily_loss_usd", "0.0", "daily_loss_usd"),
        ("max_order_quantity", "101", "max_order_quantity"),
        ("sizing", '"lucky"', "sizing"),
        ("flat_by_et", '"4pm"', "flat_by_et"),
        ("trades_per_day", '"10"', "trades_per_day"),
        ("daily_los_usd", "1.0", "daily_los_usd"),
        ("first_entry_et", '"15:30"', "first_entry_et < last_entry_et"),
        ("last_entry_et", '"16:00"', "last_entry_et <= flat_by_et"),
        ("max_stop_ticks", "3", "min_stop_ticks <= max_stop_ticks"),
        ("max_order_quantity", "2", "max_order_quantity <= max_position_contracts"),
    ],
)
def test_bad_value_names_the_key(key: str, value: str, found: str) -> None:
    """Out of range, of a wrong type, unknown or against another limit: refused by name."""
    kept = [line for line in LINES if line.partition(" ")[0] != key]
    with pytest.raises(msgspec.ValidationError, match=found):
        parse("\n".join([*kept, f"{key} = {value}"]))


def test_rule_pack_may_be_absent_or_a_clock() -> None:
    """The one optional key: without it no firm's rule applies."""
    assert parse("\n".join(LINES)).rule_pack_flat_by_et is None
    with_pack = parse("\n".join([*LINES, 'rule_pack_flat_by_et = "15:55"']))
    assert with_pack.rule_pack_flat_by_et == "15:55"
