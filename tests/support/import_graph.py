"""The picture of the imports: a folder's rooms, the arrows between them, its floors.

A room of a folder is a module or a sub-package of it; an arrow is an import from one room into
another; the floors are the longest chain of arrows, counted in rooms.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

ROOT: Final = Path(__file__).resolve().parents[2]
Arrows: TypeAlias = Mapping[str, frozenset[str]]


def packages() -> list[Path]:
    """Every package below services, services itself first; paths relative to the root."""
    found = (ROOT / "services").rglob("__init__.py")
    return sorted(path.parent.relative_to(ROOT) for path in found)


def rooms(package: Path) -> frozenset[str]:
    """The modules and sub-packages of a folder, by name."""
    folder = ROOT / package
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    return frozenset(modules | {path.parent.name for path in folder.glob("*/__init__.py")})


def arrows(package: Path) -> Arrows:
    """Which rooms of a folder each of them imports."""
    names = rooms(package)
    found: dict[str, set[str]] = {name: set() for name in names}
    for name in names:
        for file in _files(ROOT / package, name):
            found[name] |= {target for target in _targets(file, package) if target in names}
        found[name].discard(name)
    return {name: frozenset(targets) for name, targets in found.items()}


def floors(graph: Arrows) -> int:
    """The longest chain of arrows, in rooms.

    Raises: ValueError naming the rooms of a cycle.
    """
    depths: dict[str, int] = {}

    def depth(name: str, above: tuple[str, ...]) -> int:
        if name in above:
            raise ValueError(f"import cycle: {' -> '.join((*above[above.index(name) :], name))}")
        if name not in depths:
            below = [depth(target, (*above, name)) for target in sorted(graph[name])]
            depths[name] = 1 + max(below, default=0)
        return depths[name]

    return max((depth(name, ()) for name in sorted(graph)), default=0)


def _files(folder: Path, name: str) -> Iterator[Path]:
    module = folder / f"{name}.py"
    if module.is_file():
        yield module
    yield from sorted((folder / name).rglob("*.py"))


def _targets(file: Path, package: Path) -> Iterator[str]:
    # The room below `package` that each import means, deferred ones included.
    start = ".".join(package.parts) + "."
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith(start):
                yield name.removeprefix(start).partition(".")[0]
