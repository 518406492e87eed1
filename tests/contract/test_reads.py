"""What strategies read of the optional families is what they declare, and the text says it."""

import ast
from pathlib import Path

import msgspec
import pytest

from services.domain.indicator_families import FIELDS, IndicatorFamily
from services.domain.messages.session import SessionUpdate
from services.runtime.declared_features import declared_families
from services.strategies.catalog_index import CATALOG, load, names

ROOT = Path(__file__).resolve().parents[2]
STRATEGIES = ROOT / "services" / "strategies"
OWN = ROOT / "examples" / "own_strategy"
OPTIONAL = {name for fields in FIELDS.values() for name in fields}


def _optional_fields_read(path: Path) -> set[str]:
    # By family and field, whatever the update or its family is called.
    nodes = ast.walk(ast.parse(path.read_bytes()))
    reads = [ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)]
    return {".".join(read.split(".")[-2:]) for read in reads} & OPTIONAL


def test_every_family_has_its_fields() -> None:
    """Each feature names fields of an update that are absent unless it is computed."""
    assert set(FIELDS) == set(IndicatorFamily)
    families = {field.name: field.default for field in msgspec.structs.fields(SessionUpdate)}
    defaults = {
        f"{family}.{name}": getattr(default, name)
        for family, default in families.items()
        if isinstance(default, msgspec.Struct)
        for name in default.__struct_fields__
    }
    assert {defaults[path] for path in OPTIONAL} == {None, ()}


@pytest.mark.parametrize("name", names())
def test_the_text_of_a_strategy_says_what_its_class_declares(name: str) -> None:
    """Services that only read the file and the worker that imports it agree."""
    _, strategy = load(CATALOG, name)
    assert declared_families(CATALOG, name) == strategy.READS


@pytest.mark.parametrize("name", names())
def test_a_strategy_reads_what_it_declares(name: str) -> None:
    """A field of a family that is not declared would be None on every desk of its own."""
    reads = declared_families(CATALOG, name)
    allowed = {field for feature in reads for field in FIELDS[feature]}
    assert _optional_fields_read(STRATEGIES / "catalog" / f"{name}.py") <= allowed


@pytest.mark.parametrize("path", sorted(STRATEGIES.glob("*.py")), ids=lambda path: path.name)
def test_shared_rules_read_no_optional_family(path: Path) -> None:
    """Exits hold for every strategy, whatever it declares."""
    assert not _optional_fields_read(path)


def test_the_example_declares_like_the_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of one's own is read the same way."""
    monkeypatch.syspath_prepend(str(OWN))
    _, strategy = load("my_strategies", "ib_breakdown")
    reads = declared_families("my_strategies", "ib_breakdown")
    assert reads == strategy.READS
    fields = {field for feature in reads for field in FIELDS[feature]}
    assert _optional_fields_read(OWN / "my_strategies" / "ib_breakdown.py") <= fields
