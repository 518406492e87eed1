"""A key that was renamed: refused, in the file that has it, with its new name."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from services.composition.services import spec_of
from services.domain.errors import ConfigError
from services.domain.units import UnixNanos
from services.runtime.assembly import config_of
from services.runtime.config import ConfigFolder
from services.runtime.config_error import RENAMED
from services.strategies import config as strategies
from services.strategies.catalog_index import CATALOG, load, names

CONFIG = Path(__file__).resolve().parents[2] / "config"
KEYS = (
    ("desk.toml", "watched"),
    ("state.toml", "indicator_families"),
    ("limits_paper.toml", "entry_expiry_ms"),
    ("limits_paper.toml", "approved_strategies"),
    ("limits_paper.toml", "news_list_age_max_days"),
    ("limits_paper.toml", "stop_confirmation_ms_max"),
    ("limits_paper.toml", "account_values_age_max_seconds"),
    ("limits_paper.toml", "rate_refusals_to_halt"),
)
OLD = {new: old for old, new in RENAMED.items()}


def _read(path: Path) -> None:
    folder = ConfigFolder(path, UnixNanos(0))
    for row in folder.services:
        config_of(spec_of(row), folder)


@pytest.mark.parametrize(("file", "key"), KEYS)
def test_an_old_key_is_refused_with_its_new_name(tmp_path: Path, file: str, key: str) -> None:
    """Written as it was: the file, the old key, the new one."""
    folder = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    text = (folder / file).read_text("utf-8")
    old = re.sub(rf"(?m)^(\[*)({key})\b", rf"\g<1>{OLD[key]}", text)
    if old == text:  # shipped as its default
        old = f"{OLD[key]} = []\n{text}"
    (folder / file).write_text(old, "utf-8")
    with pytest.raises(ConfigError) as caught:
        _read(folder)
    assert str(folder / file) in str(caught.value)
    assert f"`{OLD[key]}`" in str(caught.value)
    assert str(caught.value).endswith(f"it was renamed, expected {key}")


def test_an_old_parameter_is_refused_with_its_new_name() -> None:
    """By the worker, in the block that has it."""
    block = strategies.StrategyBlock(strategy="p_day", params={"asks_max": 2})
    expected = r"\[mine\.params\] asks_max: found a key that was renamed, expected signals_max"
    with pytest.raises(ConfigError, match=expected):
        strategies.build_params(block, "mine")


def test_every_new_name_is_a_key() -> None:
    """And no old one is: a second rename, or a key that is gone, changes the tables."""
    assert {key for _, key in KEYS} == set(RENAMED.values())
    params = set(_fields(load(CATALOG, name)[0] for name in names()))
    assert set(strategies.RENAMED.values()) <= params
    assert not strategies.RENAMED.keys() & params


def _fields(kinds: Iterable[type[msgspec.Struct]]) -> list[str]:
    return [field for kind in kinds for field in kind.__struct_fields__]
