"""The sets of limits: what ships reads; nothing has a default; contradictions are refused."""

import shutil
from pathlib import Path

import msgspec
import pytest

from services.domain.errors import ConfigError
from services.domain.units import UnixNanos
from services.risk.settings.config import RiskConfig
from services.risk.settings.limits_in_units import limits_in_units
from services.risk.shell import SPEC
from services.runtime.assembly import config_of
from services.runtime.config import ConfigFolder

CONFIG = Path(__file__).parents[2] / "config"
SHIPPED = CONFIG / "limits_paper.toml"
PROFILES = ("demo", "paper", "live")


def parse(text: str) -> RiskConfig:
    """Read a set of limits with the desk's own keys before it."""
    return msgspec.toml.decode(f"{OWN}\n{text}", type=RiskConfig)


def folder_with(tmp_path: Path, own: str, limits: str = "") -> ConfigFolder:
    """The repository's folder with another risk.toml, and a set `mine` if given."""
    target = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    (target / "risk.toml").write_text(own)
    if limits:
        (target / "limits_mine.toml").write_text(limits)
    return ConfigFolder(target, UnixNanos(0))


OWN = (CONFIG / "risk.toml").read_text()


@pytest.mark.parametrize("name", PROFILES)
def test_every_shipped_set_reads_by_its_name(tmp_path: Path, name: str) -> None:
    """Writing another name into risk.toml is all it takes to change the limits."""
    own = OWN.replace('profile = "paper"', f'profile = "{name}"')
    config = config_of(SPEC, folder_with(tmp_path, own))
    assert config.profile == name
    daily_loss = limits_in_units(config, ()).daily_loss
    assert daily_loss == round(config.daily_loss_usd * 1_000_000)


def test_a_name_without_a_set_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    """A wrong name stops the start and says which sets the folder holds."""
    with pytest.raises(ConfigError, match=r"risk\.toml: profile is 'liv', .* demo, live, paper"):
        config_of(SPEC, folder_with(tmp_path, OWN.replace("paper", "liv")))


def test_a_key_in_both_files_is_refused(tmp_path: Path) -> None:
    """There is one place for a value: no set can be loosened beside itself."""
    with pytest.raises(ConfigError, match=r"limits_paper\.toml: daily_loss_usd stands in risk"):
        config_of(SPEC, folder_with(tmp_path, f"daily_loss_usd = 9.0\n{OWN}"))


@pytest.mark.parametrize(
    ("own", "change", "said"),
    [
        (
            "",
            ("\ndaily_loss_usd = 2500.0", "\ndaily_loss_usd = 0.0"),
            r"limits_mine\.toml: daily_loss",
        ),
        ("", ("\ndaily_loss_usd = 2500.0", ""), r"limits_mine\.toml: .*missing.*daily_loss_usd"),
        (
            "",
            ("\ndaily_loss_usd = 2500.0", "\ndaily_los = 1.0"),
            r"limits_mine\.toml: .*`daily_los`",
        ),
        ("daily_los = 1.0", ("", ""), r"risk\.toml: .*unknown field `daily_los`"),
    ],
    ids=["range", "missing", "unknown", "unknown in risk.toml"],
)
def test_an_error_names_the_file_that_has_it(
    tmp_path: Path, own: str, change: tuple[str, str], said: str
) -> None:
    """Whoever wrote the value finds it: the set for limits, risk.toml for the desk's own keys."""
    limits = SHIPPED.read_text().replace(*change)
    text = OWN.replace('"paper"', '"mine"')
    with pytest.raises(ConfigError, match=said):
        config_of(SPEC, folder_with(tmp_path, f"{own}\n{text}", limits))


GENERAL = SHIPPED.read_text().partition("\n[strategies.")[0]
LINES = [line for line in GENERAL.splitlines() if line and line[0] not in "#\n"]
LINES.append("strategies = {}")


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
        parse("\n".join([f"{key} = {value}", *kept]))


def test_rule_pack_may_be_absent_or_a_clock() -> None:
    """The one optional key: without it no firm's rule applies."""
    assert parse("\n".join(LINES)).rule_pack_flat_by_et is None
    with_pack = parse("\n".join(['rule_pack_flat_by_et = "15:55"', *LINES]))
    assert with_pack.rule_pack_flat_by_et == "15:55"


def test_the_list_of_releases_is_part_of_the_limits(tmp_path: Path) -> None:
    """The shipped news.toml is read; without the file there is no list, and that is no error."""
    folder = folder_with(tmp_path, OWN)
    listed = config_of(SPEC, folder).news
    assert listed is not None
    assert "Federal Reserve decision" in {release.name for release in listed.release}
    (folder.path / "news.toml").unlink()
    assert config_of(SPEC, ConfigFolder(folder.path, UnixNanos(0))).news is None


def test_an_error_in_the_list_names_its_file(tmp_path: Path) -> None:
    """A wrong clock in news.toml stops the start with the file and the place."""
    folder = folder_with(tmp_path, OWN)
    wrong = 'as_of = "2026-11-20"\n[[release]]\nname = "payrolls"\nat_et = "2026-12-04 8:30"\n'
    (folder.path / "news.toml").write_text(wrong)
    with pytest.raises(ConfigError, match=r"news\.toml: .*release.*at_et"):
        config_of(SPEC, ConfigFolder(folder.path, UnixNanos(0)))
