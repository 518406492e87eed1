"""The pages of the strategies say what the code does: parameters, defaults, codes, pictures."""

import re
import runpy
from enum import Enum
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from services.strategies.authoring.parameters import StrategyConfig
from services.strategies.catalog_index import CATALOG, load, names

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "strategies"
_ROW = re.compile(r"^\| `(\w+)` \| ([^|]*?) \|", re.MULTILINE)
_CODES = re.compile(r"^\| \d \|.*\| ((?:`\w+`(?:, )?)+) \|$", re.MULTILINE)
_BYTES_MAX = 150_000


def written(value: object) -> str:
    """Write a default as the pages do."""
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case Enum():
            return str(value.value)
        case tuple():
            return ", ".join(map(written, value))
        case _:
            return str(value)


def page(name: str) -> str:
    """A page as written."""
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def test_the_shared_parameters_are_those_of_the_code() -> None:
    """Every one with its default, in the order of the code."""
    fields = msgspec.structs.asdict(StrategyConfig())
    assert _ROW.findall(page("README")) == [(n, written(v)) for n, v in fields.items()]


@pytest.mark.parametrize("name", names())
def test_a_page_has_every_parameter_with_its_default(name: str) -> None:
    """Its own ones, and the shared ones it sets differently."""
    shared, own = StrategyConfig(), load(CATALOG, name)[0]()
    expected = [
        (field, written(value))
        for field, value in msgspec.structs.asdict(own).items()
        if getattr(shared, field, ...) != value
    ]
    assert _ROW.findall(page(name)) == expected


@pytest.mark.parametrize("name", names())
def test_a_page_names_codes_that_exist(name: str) -> None:
    """A reason a reader looks up is one the strategy may give; its models and names are there."""
    sources = (
        "authoring/guards.py",
        "authoring/pullback.py",
        "authoring/retest.py",
        "authoring/scale.py",
        "authoring/entry_signal.py",
        "authoring/strategy.py",
        f"catalog/{name}.py",
    )
    text = "".join((ROOT / "services/strategies" / each).read_text("utf-8") for each in sources)
    codes = {code for cell in _CODES.findall(page(name)) for code in re.findall(r"\w+", cell)}
    assert codes
    assert not {code for code in codes if f'"{code}"' not in text}
    _, strategy = load(CATALOG, name)
    for word in (strategy.WIRE_NAME, *strategy.MODELS):
        assert f"`{word}`" in page(name)


@pytest.mark.parametrize("name", names())
def test_a_page_has_its_picture_and_is_linked(name: str) -> None:
    """A small drawing with a trade in it, and a line in the index."""
    assert f"({name}.svg)" in page(name)
    assert f"({name}.md)" in page("README")
    picture = (PAGES / f"{name}.svg").read_text(encoding="utf-8")
    assert len(picture.encode()) <= _BYTES_MAX
    groups = ET.fromstring(picture).iter()  # noqa: S314 - we made it
    assert any(group.get("class") == "trade" for group in groups)


def test_the_pictures_are_made_by_the_example() -> None:
    """The script of the repository draws the day made for a strategy, with its trade."""
    script = runpy.run_path(str(ROOT / "docs" / "tools" / "strategy_pictures.py"))
    assert set(script["DAYS"]) == set(names())
    assert 'class="trade"' in script["picture"]("ibh_sweep_fail")


@pytest.mark.parametrize("name", names())
def test_a_page_says_what_failed(name: str) -> None:
    """Published figures never stand without the word that they are unverified, and the verdict."""
    text = page(name)
    assert "## Published, unverified" in text
    assert "out of sample" in text
