"""The house rules a file can break, each a function that names the line, the breach and the cure.

Rule: a rule is added when it was broken twice, and its text says what to write instead.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

from services.domain.services import SERVICES

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = ("services", "pitwire", "tests", "benchmarks", "examples", "proto")
LAYERS: Final = (
    ("synthetic",),
    ("venue",),
    ("nt_twin",),
    ("composition",),
    ("launch",),
    ("backtest",),
    ("doctor", "review"),
    ("research", "cli"),
)
"""Packages around the services, from the ground up: each sees what stands below it, and the
services; those of the first layer see the domain alone, and so do the parts of the exchange."""

FACE: Final = "pitwire.strategies"
"""What strategies import: the one module that repeats names of others (decision 21)."""

_STRATEGIES: Final = (
    "services/strategies/catalog/",
    "examples/own_strategy/",
    "benchmarks/ema_cross/",
)
_SHELLS: Final = frozenset(
    {
        "__main__.py",
        "shell.py",
        "link.py",
        "exchange_link.py",
        "exchange_process.py",
        "memory_file.py",
        "client_folder.py",
        "trading_switch.py",
        "switch_commands.py",
    }
)
_LINES: Final = 400
_FUNCTION_LINES: Final = 50
_NAMES: Final = 7
_MANY_NAMES: Final = re.compile(r"services/(domain/(messages/.*|errors|units)|\w+/config)\.py")
"""Data dictionaries: messages, errors, units, settings."""
_TODO: Final = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
_CATCHES: Final = ("services/runtime/service.py", "services/cli/run_command.py")
"""Where the catch of everything is: one for a service, one for a command."""

_CLOCK: Final = "time is handed in as `now` (UnixNanos); clocks live in services/runtime/clock.py"
_DICE: Final = "ids are derived (services/domain/identity.py), a seeded Random is handed in"
_SOCKET: Final = "messages come and go through on_message; sockets live in services/runtime"
_LOG: Final = "return a message that says it; only the shell logs"
_STORE: Final = "the journal keeps what a machine takes and gives"
_PROCESS: Final = "one thread, one loop per service; services.cli starts processes"
_FILES: Final = "configuration and files are read in the shell and handed in as structs"
_WIRE: Final = "protobuf classes never leave services/runtime/codec.py; use the domain's structs"
_AUTHORS: Final = f"{FACE} is for strategies; here each name has the one path it is defined in"
_IMPURE: Final = {
    "time": _CLOCK,
    "random": _DICE,
    "uuid": _DICE,
    "secrets": _DICE,
    "socket": _SOCKET,
    "zmq": _SOCKET,
    "grpc": _SOCKET,
    "asyncio": _SOCKET,
    "logging": _LOG,
    "structlog": _LOG,
    "sqlite3": _STORE,
    "threading": _PROCESS,
    "multiprocessing": _PROCESS,
    "subprocess": _PROCESS,
    "signal": _PROCESS,
    "os": _FILES,
    "pathlib": _FILES,
    "pitwire": _WIRE,
}
_READERS: Final = {
    "services/ingest/files.py": ("pathlib",),
    "services/ingest/bar_files/container.py": ("pathlib",),
    "services/ingest/bar_files/recognition.py": ("pathlib",),
    "services/venue/played_market/market_source.py": ("pathlib",),
    "services/venue/played_market/command_options.py": ("pathlib",),
}
"""Modules of a service that read files, as their service's docstring says."""
_MADE_IN: Final = {
    "ApprovedEntry": "services/risk/limits/arbitration.py",
    "Decision": "services/risk/limits/arbitration.py",
    "OrderCommand": "services/risk/exits/order_commands.py",
}
"""The one file in which an object of a class is made: what it stands for was decided there."""

_PRINTERS: Final = ("services/runtime/terminal.py", "services/runtime/streams.py")
_STYLED: Final = "services/runtime/terminal.py's styled() gives a text its style beside it"
_PRINT_LINE: Final = "services/runtime/streams.py's print_line(), which any console can show"
_PRINTS: Final = {
    "Console": "services/runtime/terminal.py's open_console(), which takes no text for markup",
    "Text": _STYLED,
    "Text.from_markup": _STYLED,
    "Text.assemble": _STYLED,
    "typer.echo": _PRINT_LINE,
    "typer.secho": _PRINT_LINE,
    "print": _PRINT_LINE,
}
"""How text would reach a terminal past the one way that shows it as it is."""
_TAG: Final = re.compile(r"\[(?:/|bold|dim|italic|red|green|yellow|magenta|cyan|blue)[a-z ]*\]")

_OWNED: Final = ("market", "orders", "risk", "session", "strategy")
"""Messages that belong to a service; heartbeats and operators' commands are everybody's."""

Breaches: TypeAlias = Iterator[str]


def files() -> list[str]:
    """List every Python file of ours, the generated protobuf classes excepted."""
    found = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    names = sorted(path.relative_to(ROOT).as_posix() for path in found)
    return [name for name in names if not name.startswith("proto/gen/")]


def breaches(path: str, source: str) -> list[str]:
    """Name every rule a file breaks, in order of the rules; `path` is relative to the root."""
    tree = ast.parse(source)
    found = [*_budgets(tree, source), *_docstrings(tree), *_todos(source)]
    if path.startswith(("services/", "pitwire/", *_STRATEGIES)):
        found += [*_imports(path, tree), *_calls(path, tree)]
        found += [*_names(path, tree), *_catches(path, tree), *_signs(tree)]
        found += _markup(path, tree)
    if path.startswith("services/runtime/"):
        found += [*_service_names(tree), *_service_messages(tree)]
    return found


def may_import(path: str) -> tuple[str, ...]:
    """Give the packages of ours a file of the product, or a strategy, may import."""
    if path.startswith(_STRATEGIES):
        return (FACE,)
    if path.startswith("pitwire/"):
        return ("services.domain", "services.strategies.authoring")
    owner, name = path.split("/")[1], path.rpartition("/")[2]
    if owner == "venue" and name not in _SHELLS and "/played_market/" not in path:
        return ("services.domain", "services.venue")
    if (floor := _floor(owner)) is not None:
        below = [name for layer in LAYERS[:floor] for name in layer]
        services = ("ingest", "state", "strategies", "risk", "orders", "runtime") if floor else ()
        beside = LAYERS[floor] if owner in {"launch", "cli"} else (owner,)
        return tuple(f"services.{name}" for name in ("domain", *services, *below, *beside))
    if owner == "domain":
        return ("services.domain",)
    logic = ("services.domain", f"services.{owner}")
    return (*logic, "services.runtime") if name in _SHELLS else logic


def _floor(owner: str) -> int | None:
    return next((place for place, layer in enumerate(LAYERS) if owner in layer), None)


def _imports(path: str, tree: ast.Module) -> Breaches:
    allowed, impure = may_import(path), _may_be_impure(path)
    for line, module in _imported(tree):
        top = module.partition(".")[0]
        if any(_within(module, package) for package in allowed):
            continue
        if _within(module, FACE):
            yield f"line {line}: imports {module}: {_AUTHORS}"
            continue
        if top == "services":
            yield (
                f"line {line}: imports {module}, expected {' or '.join(allowed)}: say it with a "
                "message (services/domain/topics.py) or move what both need into services/domain"
            )
        if top in _IMPURE and not any(_within(module, each) for each in impure):
            yield f"line {line}: imports {module}: {_IMPURE[top]}"


def _imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    # Every import as the longest dotted name it may mean; a relative one as the parent's.
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            module = "services" if node.level else node.module
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _may_be_impure(path: str) -> tuple[str, ...]:
    owner, name = path.split("/")[1], path.rpartition("/")[2]
    anything = tuple(each for each in _IMPURE if each != "pitwire")
    if path == "services/runtime/codec.py":
        return (*anything, "pitwire")
    if owner in {"runtime", "launch", "doctor", "cli", "research"} or name in _SHELLS:
        return anything
    if owner in {"backtest", "review"}:
        return ("pathlib", "tempfile", "time")  # they read and write files, and look at their dates
    if owner == "synthetic":
        return ("random.Random",)  # markets are made from a seed
    return _READERS.get(path, ())


def _calls(path: str, tree: ast.Module) -> Breaches:
    clock = "time" in _may_be_impure(path)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        text = ast.unparse(call.func)
        made = text.rpartition(".")[2]
        if path != _MADE_IN.get(made, path):
            yield f"line {call.lineno}: makes {made}, expected in {_MADE_IN[made]} alone"
        if not clock and re.search(r"\b(datetime|date|Timestamp)\.(now|utcnow|today)$", text):
            yield f"line {call.lineno}: calls {text}(): {_CLOCK}"


def _signs(tree: ast.Module) -> Breaches:
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.IfExp)):
        text = ast.unparse(node)
        if re.search(r"if (?!self )\S+ is Side\.(LONG|SHORT) else (-1|1|Side\.)", text):
            yield f"line {node.lineno}: {text}: use Side.sign or Side.opposite"


def _budgets(tree: ast.Module, source: str) -> Breaches:
    imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    lines = source.count("\n")
    lines -= sum((n.end_lineno or n.lineno) - n.lineno + 1 for n in imports)
    if lines > _LINES:
        yield (
            f"{lines} lines without imports, expected at most {_LINES}: "
            "split by noun, the docstring lists parts"
        )
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # From the body on: the signature of a command is a table of its options, not a story.
            length = (node.end_lineno or node.lineno) - node.body[0].lineno + 2
            if length > _FUNCTION_LINES:
                yield (
                    f"line {node.lineno}: {node.name} has {length} lines, expected at most "
                    f"{_FUNCTION_LINES}: name its steps and let it tell the story"
                )


def _docstrings(tree: ast.Module) -> Breaches:
    if ast.get_docstring(tree) is None:
        yield "no module docstring, expected a noun phrase that says what it is"
    for node in _public(tree.body):
        if ast.get_docstring(node) is None:
            yield f"line {node.lineno}: {node.name} has no docstring, expected what it is or does"


def _public(
    body: list[ast.stmt],
) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    # Without an underscore, methods of such classes included; an overload is told by its function.
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("_") or "overload" in map(ast.unparse, node.decorator_list):
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)


def _names(path: str, tree: ast.Module) -> Breaches:
    if _MANY_NAMES.fullmatch(path) or "Generated." in (ast.get_docstring(tree) or ""):
        return
    names = [name for node in tree.body for name in _defined(node) if not name.startswith("_")]
    if len(names) > _NAMES:
        yield (
            f"{len(names)} public names, expected at most {_NAMES} ({', '.join(names)}): "
            "split by noun, or give what only this file uses an underscore"
        )


def _defined(node: ast.stmt) -> list[str]:
    # Constants are data, not concepts a reader must hold: they do not count.
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    return []


def _catches(path: str, tree: ast.Module) -> Breaches:
    if path in _CATCHES:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            if caught in {"everything", "Exception", "BaseException"}:
                yield (
                    f"line {node.lineno}: catches {caught}: name the error, or let it end the "
                    f"process; such catches are in {' and '.join(_CATCHES)}"
                )


def _markup(path: str, tree: ast.Module) -> Breaches:
    # Text from outside is never markup: no string of ours is, so none can be taken for it.
    if path in _PRINTERS:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in _PRINTS:
                yield f"line {node.lineno}: calls {name}(): {_PRINTS[name]}"
        if isinstance(node, ast.ImportFrom) and node.module == "rich.markup":
            yield f"line {node.lineno}: imports rich.markup: {_STYLED}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for tag in _TAG.findall(node.value):
                yield f"line {node.lineno}: {tag} is markup: {_STYLED}"


def _service_names(tree: ast.Module) -> Breaches:
    names = {row.name for row in SERVICES}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in names:
            yield (
                f"line {node.lineno}: names the service {node.value}: the runtime runs any row; "
                "put what is special about it into its row (services/domain/services.py) or its "
                "ServiceSpec"
            )


def _service_messages(tree: ast.Module) -> Breaches:
    for line, module in _imported(tree):
        if any(_within(module, f"services.domain.messages.{each}") for each in _OWNED):
            yield (
                f"line {line}: imports {module}, a service's own message: let its row "
                "(services/domain/services.py) or its ServiceSpec say what the runtime does with it"
            )


def _todos(source: str) -> Breaches:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and _TODO.search(token.string):
            yield f"line {token.start[0]}: {token.string!r}: do it, or open an issue and delete it"
