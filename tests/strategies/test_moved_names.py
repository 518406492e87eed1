"""A strategy written before `pitwire.strategies` is refused with the names it needs now."""

import importlib
import re
from pathlib import Path

import pytest

from pitwire import strategies
from services.domain.errors import ConfigError
from services.strategies.catalog_index import load
from services.strategies.moved_names import MOVED


def package(folder: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> str:
    """A package with one strategy file, `mine`."""
    name = re.sub(r"\W", "_", f"moved_{folder.name}")
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text('"""Strategies of a user."""\n')
    (folder / name / "mine.py").write_text(source)
    monkeypatch.syspath_prepend(str(folder))
    return name


@pytest.mark.parametrize("old", MOVED)
def test_what_moved_is_gone_and_its_new_names_are_there(old: str) -> None:
    """No shim stays behind, and the refusal sends nobody to a name that does not exist."""
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(old)
    named = [each.partition(" ")[0] for each in MOVED[old].split(", ")]
    assert set(named) <= set(strategies.__all__)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from services.strategies.ask import Ask", r"strategies\.ask, .*EntrySignal \(was Ask\)"),
        ("from services.strategies import guards", r"services\.strategies\.guards, .*: guards"),
        ("import services.domain.features", r"features, which is gone: .*IndicatorFamily"),
    ],
)
def test_an_old_import_is_refused_with_the_new_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, expected: str
) -> None:
    """The worker does not start, and says file, what it imports and what it is called now."""
    home = package(tmp_path, monkeypatch, line)
    with pytest.raises(ConfigError, match=rf"strategy {home}\.mine imports .*{expected}"):
        load(home, "mine")


def test_another_import_that_fails_keeps_its_own_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package the user has not installed is no business of ours."""
    home = package(tmp_path, monkeypatch, "import no_such_module_of_mine")
    with pytest.raises(ModuleNotFoundError, match="no_such_module_of_mine"):
        load(home, "mine")
