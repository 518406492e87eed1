"""Write the tables of docs/strategies/reference.md from the code they describe.

Usage: python docs/tools/strategy_reference.py

Rule 1: prose stands in the page; what is between `<!-- table: NAME -->` and `<!-- end -->` is made
        here, from the annotations and docstrings of what `pitwire.strategies` holds.
Rule 2: a docstring says what a field is, its unit, and when it is absent: a sentence, or what
        follows a semicolon, that begins with `None` or `empty`. `lacking` names those that do not.
Rule 3: what can be read of an update is whatever its annotations lead to: a part that is added
        there gets its table without a line here.
"""

import ast
import importlib
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple, get_args, get_type_hints

import msgspec

from pitwire import strategies
from services.domain.indicator_families import FIELDS, IndicatorFamily
from services.strategies.config import StrategyBlock

PAGE: Final = Path(__file__).resolve().parents[1] / "strategies" / "reference.md"
_BLOCK: Final = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_CLAUSE: Final = re.compile(r"(?<=[.;])\s+")
_ABSENT: Final = re.compile(r"^(None|empty)\b:?\s*", re.IGNORECASE)
_NOT_COMPUTED: Final = "where not computed"

_UNIT_OF_TYPE: Final = {
    "Ticks": "ticks",
    "Contracts": "contracts",
    "UnixNanos": "ns UTC",
    "MicroUsd": "micro-dollars",
}
_UNITS: Final = (
    "float ticks", "ticks", "contracts", "points", "minutes", "bars", "closes", "rows", "periods",
    "IB ranges", "0–100", "0–1", "0–3", "(0, 100]", "−1 to 1", "standard deviations", "ratio",
    "number", "unit of its name",
)  # fmt: skip
"""Units of bare numbers as docstrings write them: after a comma, else the first that is named."""
_ANY_UNIT: Final = f"({'|'.join(map(re.escape, _UNITS))})"

_ANSWERS: Final = ("EntrySignal", "NoTrade", "Adjustment", "Feature")
_GROUPS: Final = {
    "The strategy": ("Strategy", "AfterInitialBalance", "SessionContext", "Session"),
    "Its answers": (*_ANSWERS, "AdjustmentKind", "Side", "Confidence"),
    "Its parameters": (
        "StrategyConfig", "EtClock", "Count", "Points", "Share", "VwapAnchor", "Bounds",
    ),
    "Its positions": ("Position", "PositionState"),
    "Units": (
        "Ticks", "Contracts", "UnixNanos", "MicroUsd", "NANOS_PER_MINUTE", "MICROS_PER_USD", "usd",
    ),
    "Prices": ("tick_down", "tick_up", "round_bracket_price", "exact"),
    "Shared rules": (
        "guards", "exits", "Scale", "MEDIAN_MISSING", "P90_MISSING", "Pullback", "PullbackConfig",
        "Retest",
    ),
    "For its tests": ("Calendar",),
}  # fmt: skip
"""Names by what an author looks for; those of the reading follow from `SessionUpdate`."""


class Field(NamedTuple):
    """One field as the tables write it."""

    name: str
    type: str
    unit: str
    absent: str
    """When it is None or empty; nothing for what is always there."""
    text: str
    doc: str
    """The docstring as it stands."""
    bare: bool
    """A number whose type says no unit."""
    optional: bool


class _Part(NamedTuple):
    kind: type
    paths: tuple[str, ...]
    """Where it is found, from the update: `update.tpo.value`."""


def page(written: str) -> str:
    """Give a page with its tables made anew."""
    return _BLOCK.sub(lambda m: f"{m[1]}\n{_TABLES[m[2]]().strip()}\n\n{m[3]}", written)


def parts(root: type, path: str) -> tuple[_Part, ...]:
    """Give every struct and enum the annotations of a struct lead to, itself first."""
    found: dict[type, list[str]] = {}
    _walk(root, path, found)
    return tuple(_Part(kind, tuple(paths)) for kind, paths in found.items())


def fields(kind: type, path: str = "") -> tuple[Field, ...]:
    """Give the fields of a struct and its properties, in order."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)
    found = [
        _field(node.target.id, node.annotation, text, f"{path}.{node.target.id}")
        for node, text in _documented(body.body)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]
    found += [
        _field(node.name, node.returns, _doc(node), f"{path}.{node.name}")
        for node in body.body
        if isinstance(node, ast.FunctionDef) and _is_property(node) and node.returns is not None
    ]
    return tuple(found)


def lacking() -> Iterator[str]:
    """Name every field an author meets whose docstring leaves a question open."""
    kinds = [part for root, path in _roots() for part in parts(root, path)]
    for kind, paths in kinds:
        name = kind.__name__
        if issubclass(kind, Enum):
            yield from (f"{name}.{m}: what it means" for m, text in _members(kind) if not text)
            continue
        for field in fields(kind, paths[0].removeprefix("update")):
            where = f"{name}.{field.name}"
            if not field.text:
                yield f"{where}: what it is"
            if field.bare and not field.unit:
                yield f"{where}: its unit, one of {', '.join(_UNITS)}"
            if field.optional and not field.absent:
                yield f"{where}: when it is None"


def unnamed() -> Iterator[str]:
    """Name every type an author meets that the module does not hold."""
    for root, path in _roots():
        for kind, paths in parts(root, path):
            if getattr(strategies, kind.__name__, None) is not kind:
                yield f"{kind.__name__} ({paths[0]})"


def _roots() -> tuple[tuple[type, str], ...]:
    answers = tuple((getattr(strategies, name), name) for name in _ANSWERS)
    return (
        (strategies.SessionUpdate, "update"),
        (strategies.Position, "position"),
        (strategies.SessionContext, "context"),
        *answers,
    )


def _walk(kind: type, path: str, found: dict[type, list[str]]) -> None:
    found.setdefault(kind, []).append(path)
    if len(found[kind]) > 1 or not issubclass(kind, msgspec.Struct):
        return
    hints = get_type_hints(kind)
    for name in kind.__struct_fields__:
        for inner in _types(hints[name]):
            _walk(inner, f"{path}.{name}", found)
    for name, value in vars(kind).items():
        if isinstance(value, property):
            for inner in _types(get_type_hints(value.fget)["return"]):
                _walk(inner, f"{path}.{name}", found)


def _types(hint: object) -> Iterator[type]:
    # The structs and enums in an annotation; NewTypes and built-in types have no table.
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct | Enum):
        yield hint
    for inner in get_args(hint):
        yield from _types(inner)


def _documented(body: Iterable[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    # Every statement with the string under it.
    statements = list(body)
    for node, after in zip(statements, [*statements[1:], None], strict=True):
        match after:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield node, " ".join(inspect.cleandoc(text).split())
            case _:
                yield node, ""


def _doc(node: ast.FunctionDef) -> str:
    return " ".join((ast.get_docstring(node) or "").split())


def _is_property(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(each) == "property" for each in node.decorator_list)


def _field(name: str, annotation: ast.expr, text: str, path: str) -> Field:
    written = ast.unparse(annotation)
    optional = written.endswith("| None")
    kind = written.removesuffix("| None").strip()
    clauses = [clause.rstrip(".;") for clause in _CLAUSE.split(text) if clause]
    absent = [_ABSENT.sub("", each) for each in clauses if _ABSENT.match(each)]
    said = [each for each in clauses if not _ABSENT.match(each)]
    bare = kind in {"int", "float"}
    unit = _unit(text) if bare else _UNIT_OF_TYPE.get(kind, "")
    return Field(
        name=name,
        type=kind,
        unit=unit,
        absent=_absence("; ".join(absent), path.removeprefix(".")),
        text="; ".join(said),
        doc=text,
        bare=bare,
        optional=optional,
    )


def _absence(text: str, path: str) -> str:
    # "not computed" is the state service's view; an author wants to know what to declare.
    families = [f"`{family.value}`" for family, names in FIELDS.items() if path in names]
    if not families:
        return text
    one = f"where {families[0]} is not read"
    several = f"where none of {', '.join(families)} is read"
    return text.replace(_NOT_COMPUTED, one if len(families) == 1 else several)


def _unit(text: str) -> str:
    for before in (r", (?:an? |in )?", ""):
        for found in re.finditer(before + _ANY_UNIT, text, re.IGNORECASE):
            return next(unit for unit in _UNITS if unit.lower() == found[1].lower())
    return ""


def _members(kind: type[Enum]) -> Iterator[tuple[str, str]]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)
    for node, text in _documented(body.body):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, text


def _origins() -> dict[str, ModuleType]:
    # The module each name comes from: its docstring stands there.
    tree = ast.parse(inspect.getsource(strategies))
    return {
        alias.name: importlib.import_module(node.module)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _about(name: str) -> str:
    # First sentence of what a name is.
    value, module = getattr(strategies, name), _origins()[name]
    if isinstance(value, type | ModuleType) or inspect.isfunction(value):
        return (inspect.getdoc(value) or "").partition("\n")[0].rstrip(".")
    for node, text in _documented(ast.parse(inspect.getsource(module)).body):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == name:
            return text.rstrip(".") or f"`{ast.unparse(_value_of(node))}`"
    raise AssertionError(f"{module.__name__} defines no {name}")


def _value_of(node: ast.stmt) -> ast.expr:
    assert isinstance(node, ast.Assign | ast.AnnAssign)
    assert node.value is not None
    return node.value


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    cells = (" | ".join(cell.replace("|", "\\|") for cell in line) for line in lines)
    return "\n".join(f"| {line} |" for line in cells) + "\n"


def _names() -> str:
    reading = tuple(part.kind.__name__ for part in parts(strategies.SessionUpdate, "update"))
    groups = {**_GROUPS, "What it reads": (*reading, "IndicatorFamily")}
    listed = [name for names in groups.values() for name in names]
    missing, twice = set(strategies.__all__) - set(listed), len(listed) - len(set(listed))
    assert not missing, f"names without a group: {sorted(missing)}"
    assert not twice, "a name stands in two groups"
    rows = [(f"**{title}**", "") if not name else (f"`{name}`", _about(name))
            for title, names in groups.items() for name in ("", *names)]  # fmt: skip
    return _table(("name", "what it is"), rows)


def _struct(kind: type, path: str = "") -> str:
    rows = [
        (f"`{f.name}`", f"`{f.type}`", f.unit, f.absent or ("–" if not f.optional else ""), f.text)
        for f in fields(kind, path)
    ]
    return _table(("field", "type", "unit", "absent", "what it is"), rows)


def _enum(kind: type[Enum]) -> str:
    return _table(("member", "meaning"), [(f"`{m}`", text) for m, text in _members(kind)])


def _made(kind: type) -> str:
    # What an author fills in: what may be left out matters, not what may be absent.
    defaults = {field.name: field for field in msgspec.structs.fields(kind)}
    rows = [
        (f"`{f.name}`", f"`{f.type}`", f.unit, _default(defaults[f.name]), f.doc)
        for f in fields(kind)
    ]
    return _table(("field", "type", "unit", "default", "what it is"), rows)


def _default(field: Any) -> str:  # noqa: ANN401 msgspec gives no name to its type
    if field.default is msgspec.NODEFAULT and field.default_factory is msgspec.NODEFAULT:
        return ""
    made = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    return f"`{made}`"


def _sections(
    roots: Iterable[tuple[type, str]], seen: Iterable[type] = (), made: Iterable[type] = ()
) -> str:
    found: dict[type, list[str]] = {}
    for root, path in roots:
        for part in parts(root, path):
            found.setdefault(part.kind, []).extend(part.paths)
    lines = []
    for kind, paths in found.items():
        if kind in set(seen):
            continue
        name, where = kind.__name__, ", ".join(f"`{path}`" for path in paths)
        lines.append(f"### {name}\n\n{inspect.getdoc(kind)}\n\n")
        if "." in where:
            lines.append(f"Found at {where}.\n\n")
        if issubclass(kind, Enum):
            lines.append(_enum(kind))
        else:
            path = paths[0].partition(".")[2]
            lines.append(_made(kind) if kind in set(made) else _struct(kind, path))
        lines.append("\n")
    return "".join(lines)


def _reading() -> str:
    return _sections([(strategies.SessionUpdate, "update")])


def _families() -> str:
    rows = [
        (f"`{family.value}`", f"`{family.name}`", ", ".join(f"`{name}`" for name in FIELDS[family]))
        for family in IndicatorFamily
    ]
    return _table(("in files", "member of IndicatorFamily", "fields of the update"), rows)


def _read_already() -> list[type]:
    return [part.kind for part in parts(strategies.SessionUpdate, "update")]


def _answers() -> str:
    roots: list[tuple[type, str]] = [(getattr(strategies, name), name) for name in _ANSWERS]
    return _sections(roots, _read_already(), made=[kind for kind, _ in roots])


def _position() -> str:
    return _sections([(strategies.Position, "position")], [*_read_already(), strategies.Side])


def _context() -> str:
    return _sections([(strategies.SessionContext, "context")]) + _methods(
        strategies.SessionContext, "context"
    )


def _signature(name: str, function: Callable[..., Any]) -> str:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    names = [each.arg for each in (*tree.args.posonlyargs, *tree.args.args) if each.arg != "self"]
    if tree.args.kwonlyargs:
        names += ["*", *(each.arg for each in tree.args.kwonlyargs)]
    gives = ast.unparse(tree.returns) if tree.returns is not None else "None"
    return f"`{name}({', '.join(names)})` → `{gives}`"


def _methods(kind: type, name: str) -> str:
    rows = [
        (_signature(f"{name}.{each}", value), " ".join((inspect.getdoc(value) or "").split()))
        for each, value in vars(kind).items()
        if inspect.isfunction(value) and not each.startswith("_")
    ]
    return _table(("call", "what it does"), rows)


def _functions(*found: tuple[str, ModuleType]) -> str:
    rows = [
        (_signature(f"{name}.{each}", value), " ".join((inspect.getdoc(value) or "").split()))
        for name, module in found
        for each, value in vars(module).items()
        if inspect.isfunction(inspect.unwrap(value))
        and value.__module__ == module.__name__
        and not each.startswith("_")
    ]
    return _table(("call", "what it does"), rows)


def _base() -> str:
    (body,) = ast.parse(inspect.getsource(strategies.Strategy)).body
    assert isinstance(body, ast.ClassDef)
    rows = []
    for node, text in _documented(body.body):
        if isinstance(node, ast.AnnAssign):
            rows.append((f"`{ast.unparse(node.target)}`", text))
    for method in body.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            for node, text in _documented(method.body):
                target = getattr(node, "target", None) or getattr(node, "targets", [None])[0]
                if isinstance(target, ast.Attribute) and not target.attr.startswith("_"):
                    rows.append((f"`self.{target.attr}`", text))
    told = _table(("attribute", "what it is"), rows)
    methods = _methods(strategies.Strategy, "self")
    after = _methods(strategies.AfterInitialBalance, "self")
    about = inspect.getdoc(strategies.AfterInitialBalance)
    return f"{told}\n{methods}\n### AfterInitialBalance\n\n{about}\n\n{after}"


def _block() -> str:
    defaults = msgspec.json.decode(msgspec.json.encode(StrategyBlock()))
    rows = [
        (f"`{field.name}`", f"`{json.dumps(defaults[field.name])}`", field.doc)
        for field in fields(StrategyBlock)
    ]
    return _table(("key", "default", "meaning"), rows)


def _types_of_parameters() -> str:
    rows = []
    for name in ("EtClock", "Count", "Points", "Share"):
        kind, meta = get_args(getattr(strategies, name))
        bounds = meta.pattern or f"{meta.ge} to {meta.le}"
        rows.append((f"`{name}`", f"`{kind.__name__}`", f"`{bounds}`", _about(name)))
    for name in ("VwapAnchor", "Bounds"):
        choices = ", ".join(f"`{member.value}`" for member in getattr(strategies, name))
        rows.append((f"`{name}`", "`Enum`", choices, _about(name)))
    return _table(("type", "of", "allowed", "what it is"), rows)


_TABLES: Final[dict[str, Callable[[], str]]] = {
    "names": _names,
    "base": _base,
    "context": _context,
    "reading": _reading,
    "families": _families,
    "answers": _answers,
    "position": _position,
    "parameters": _types_of_parameters,
    "block": _block,
    "guards": lambda: _functions(("guards", strategies.guards)),
    "exits": lambda: _functions(("exits", strategies.exits)),
    "scale": lambda: _methods(strategies.Scale, "self.scale"),
}

if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), encoding="utf-8", newline="\n")
