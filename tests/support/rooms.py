"""The rooms of a package, its modules and sub-packages: who imports whom, and what it says of them.

An arrow leads from one room to another of the same package when anything in the first imports
anything in the second; the floors of a package are the rooms of its longest chain of arrows.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

Arrows: TypeAlias = Mapping[str, frozenset[str]]
"""By room: the rooms it imports."""

_NAMED: Final = re.compile(r"(?<![\w/.])(\w+)(\.py|/)(?!\w)")


class Tree:
    """The Python packages below one folder, read once."""

    def __init__(self, folder: Path) -> None:
        self._files = {_module(path, folder.parent): path for path in folder.rglob("*.py")}
        self.packages = sorted(
            name for name, path in self._files.items() if path.name == "__init__.py"
        )
        """By dotted name."""
        self._imports = {name: frozenset(self._imported(name)) for name in self._files}

    def rooms(self, package: str) -> list[str]:
        """Modules and sub-packages of a package, `gate.py` and `limits/`, as its docstring says."""
        found = []
        for name, path in self._files.items():
            parent, _, room = name.rpartition(".")
            if parent == package:
                found.append(f"{room}/" if path.name == "__init__.py" else f"{room}.py")
        return sorted(found)

    def named_rooms(self, package: str) -> list[str]:
        """Every module and sub-package that the package's docstring names, as often as it does."""
        tree = ast.parse(self._files[package].read_text(encoding="utf-8"))
        named = _NAMED.findall(ast.get_docstring(tree) or "")
        return sorted(f"{room}{end}" for room, end in named)

    def arrows(self, package: str) -> Arrows:
        """Who imports whom among the rooms of a package."""
        inside = f"{package}."
        found: dict[str, set[str]] = {}
        for name, imported in self._imports.items():
            if not name.startswith(inside):
                continue
            room = _room(name, package)
            others = (_room(each, package) for each in imported if each.startswith(inside))
            found.setdefault(room, set()).update(other for other in others if other != room)
        return {room: frozenset(others) for room, others in found.items()}

    def _imported(self, name: str) -> Iterator[str]:
        for node in ast.walk(ast.parse(self._files[name].read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if alias.name in self._files)
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                for alias in node.names:
                    full = f"{node.module}.{alias.name}"
                    target = full if full in self._files else node.module
                    if target in self._files:
                        yield target


def longest_chain(arrows: Arrows) -> list[str]:
    """Rooms of which each imports the next; in a circle of imports it ends where it would close."""
    chains: dict[str, list[str]] = {}

    def chain(room: str, above: tuple[str, ...]) -> list[str]:
        if room not in chains:
            below = (chain(each, (*above, room)) for each in arrows[room] if each not in above)
            chains[room] = [room, *max(below, key=len, default=[])]
        return chains[room]

    return max((chain(room, ()) for room in sorted(arrows)), key=len, default=[])


def circle(arrows: Arrows) -> list[str]:
    """Rooms that import each other in a circle; empty: there is none."""
    done: set[str] = set()

    def walk(room: str, path: list[str]) -> list[str]:
        if room in path:
            return [*path[path.index(room) :], room]
        if room in done:
            return []
        found = (walk(each, [*path, room]) for each in sorted(arrows[room]))
        closed = next((each for each in found if each), [])
        done.add(room)
        return closed

    return next((found for room in sorted(arrows) if (found := walk(room, []))), [])


def _module(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(name: str, package: str) -> str:
    return name[len(package) + 1 :].partition(".")[0]
