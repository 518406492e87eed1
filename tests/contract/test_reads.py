"""What strategies read of the optional families is what they and their blocks declare."""

import ast
from pathlib import Path

import msgspec
import pytest

from services.domain.indicator_families import FIELDS, IndicatorFamily
from services.domain.messages.session import SessionUpdate
from services.strategies.catalog_index import CATALOG, load, names

ROOT = Path(__file__).resolve().parents[2]
STRATEGIES = ROOT / "services" / "strategies"
OWN = ROOT / "examples" / "own_strategy"
SHARED = sorted([*STRATEGIES.glob("*.py"), *(STRATEGIES / "authoring").glob("*.py")])
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
def test_the_shipped_block_of_a_strategy_declares_what_its_class_reads(name: str) -> None:
    """Services that know the configuration alone and the worker that imports the file agree."""
    blocks = msgspec.toml.decode((ROOT / "config" / "strategies.toml").read_bytes())
    _, strategy = load(CATALOG, name)
    declared = blocks[name].get("reads", [])
    assert {IndicatorFamily(family) for family in declared} == strategy.READS
    assert len(set(declared)) == len(declared)


@pytest.mark.parametrize("name", names())
def test_a_strategy_reads_what_it_declares(name: str) -> None:
    """A field of a family that is not declared would be None on every desk of its own."""
    reads = load(CATALOG, name)[1].READS
    allowed = {field for feature in reads for field in FIELDS[feature]}
    assert _optional_fields_read(STRATEGIES / "catalog" / f"{name}.py") <= allowed


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_shared_rules_read_no_optional_family(path: Path) -> None:
    """Exits hold for every strategy, whatever it declares."""
    assert not _optional_fields_read(path)


def test_the_example_reads_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the catalog does."""
    monkeypatch.syspath_prepend(str(OWN))
    _, strategy = load("my_strategies", "ib_breakdown")
    fields = {field for feature in strategy.READS for field in FIELDS[feature]}
    assert _optional_fields_read(OWN / "my_strategies" / "ib_breakdown.py") <= fields
