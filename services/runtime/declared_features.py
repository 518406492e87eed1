"""What a strategy declares to read, taken from the text of its file: nothing of it is run.

Rule 1: one form counts: `READS = frozenset({Feature.GAPS_1M, ...})` in the body of a class; a file
        without one reads nothing optional, any other form is refused by name.
Rule 2: so every service learns it from the configuration alone, and a file that fails when it is
        imported ends the worker that needs it and nothing else.
"""

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from services.domain.errors import ConfigError
from services.domain.indicator_families import IndicatorFamily

_NAME: Final = "READS"
_FORM: Final = f"{_NAME} = frozenset({{Feature.GAPS_1M, ...}})"


def declared_families(package: str, strategy: str) -> frozenset[IndicatorFamily]:
    """Give the features a strategy's file declares.

    Raises: ConfigError with file and line for a file that is not there or cannot be understood.
    """
    path = _file(package, strategy)
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:  # ValueError: a null byte
        raise ConfigError(f"{path}: not Python: {error}") from error
    found = list(_declarations(tree))
    if len(found) > 1:
        raise ConfigError(f"{path}:{found[1].lineno}: a second {_NAME} found, expected one a file")
    return frozenset(_read(path, found[0])) if found else frozenset()


def _file(package: str, strategy: str) -> Path:
    # Only what stands above the package is imported: `acme` for `acme.strategies`.
    try:
        spec = find_spec(package)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"strategy package {package!r} not found: {error}") from error
    if spec is None or spec.submodule_search_locations is None:
        raise ConfigError(f"strategy package {package} not found, expected a folder of strategies")
    folders = [Path(each) for each in spec.submodule_search_locations]
    for folder in folders:
        if (path := folder / f"{strategy}.py").is_file():
            return path
    known = sorted(path.stem for folder in folders for path in folder.glob("[!_]*.py"))
    raise ConfigError(f"strategy {strategy} unknown in {package}, expected one of {known}")


def _declarations(tree: ast.Module) -> Iterator[ast.Assign | ast.AnnAssign]:
    for each in tree.body:
        if not isinstance(each, ast.ClassDef):
            continue
        for node in each.body:
            if isinstance(node, ast.Assign):
                targets = node.targets
            elif isinstance(node, ast.AnnAssign):
                targets = [node.target]
            else:
                continue
            if any(isinstance(target, ast.Name) and target.id == _NAME for target in targets):
                yield node


def _read(path: Path, node: ast.Assign | ast.AnnAssign) -> Iterator[IndicatorFamily]:
    where = f"{path}:{node.lineno}: {_NAME}"
    match node.value:
        case ast.Call(func=ast.Name(id="frozenset"), args=[], keywords=[]):
            return
        case ast.Call(func=ast.Name(id="frozenset"), args=[ast.Set(elts=items)], keywords=[]):
            pass
        case value:
            found = "without a value" if value is None else ast.unparse(value)
            raise ConfigError(f"{where} is {found}, expected {_FORM}")
    for item in items:
        if not isinstance(item, ast.Attribute) or item.attr not in IndicatorFamily.__members__:
            known = ", ".join(IndicatorFamily.__members__)
            raise ConfigError(f"{where} holds {ast.unparse(item)}, expected of Feature: {known}")
        yield IndicatorFamily[item.attr]
