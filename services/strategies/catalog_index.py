"""The index of a catalog: the folder is the registry, the file name is the strategy's name."""

import importlib
import pkgutil
import re
import traceback
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from services.domain.errors import ConfigError
from services.strategies.authoring.parameters import StrategyConfig
from services.strategies.authoring.strategy import Strategy

CATALOG: Final = "services.strategies.catalog"
"""The package of the strategies that ship with the desk."""
_AUTHORS: Final = "pitwire.strategies"
MOVED: Final[Mapping[str, str]] = {
    "services.domain.features": f"{_AUTHORS} (Feature is IndicatorFamily)",
    "services.strategies.after_ib": _AUTHORS,
    "services.strategies.ask": (
        f"{_AUTHORS} (Ask is EntrySignal, cautious is round_bracket_price)"
    ),
    "services.strategies.authoring.after_initial_balance": _AUTHORS,
    "services.strategies.context": _AUTHORS,
    "services.strategies.exits": _AUTHORS,
    "services.strategies.guards": f"{_AUTHORS} (guards.asks is guards.signals)",
    "services.strategies.parameters": _AUTHORS,
    "services.strategies.pullback": _AUTHORS,
    "services.strategies.retest": _AUTHORS,
    "services.strategies.scale": _AUTHORS,
    "services.strategies.strategy": _AUTHORS,
}
"""Modules that strategies imported and that are no more: where their names are."""
_NOT_IN: Final = re.compile(r"cannot import name '(\w+)'")


def names(package: str = CATALOG) -> tuple[str, ...]:
    """Give the strategies of a package in alphabetical order.

    Raises: ConfigError for a package that cannot be imported or is a single file.
    """
    try:
        root = _import(package)
    except ModuleNotFoundError as error:
        raise ConfigError(f"strategy package {package} not found: {error}") from error
    if not hasattr(root, "__path__"):
        raise ConfigError(f"strategy package {package} is a file, expected a folder of strategies")
    found = (module.name for module in pkgutil.iter_modules(root.__path__) if not module.ispkg)
    return tuple(sorted(name for name in found if not name.startswith("_")))


def load(package: str, name: str) -> tuple[type[StrategyConfig], type[Strategy[Any]]]:
    """Give the configuration type and the class of a strategy.

    Raises: ConfigError for an unknown name, a file without exactly these two classes, or one that
    imports what has moved.
    """
    known = names(package)
    if name not in known:
        raise ConfigError(f"strategy {name} unknown in {package}, expected one of {list(known)}")
    module = _import(f"{package}.{name}")
    config = getattr(module, "Config", None)
    if not (isinstance(config, type) and issubclass(config, StrategyConfig)):
        raise ConfigError(f"{module.__file__}: no class Config(StrategyConfig, frozen=True) found")
    # Only what the file defines itself: an imported base class is no strategy of the file.
    own = (value for value in vars(module).values() if isinstance(value, type))
    own = (value for value in own if value.__module__ == module.__name__)
    strategies = [value for value in own if issubclass(value, Strategy)]
    if len(strategies) != 1:
        found = [strategy.__name__ for strategy in strategies]
        raise ConfigError(f"{module.__file__}: strategies {found} found, expected exactly one")
    if not (strategies[0].WIRE_NAME and strategies[0].MODELS):
        raise ConfigError(f"{module.__file__}: {strategies[0].__name__} needs WIRE_NAME and MODELS")
    return config, strategies[0]


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except SyntaxError as error:
        raise ConfigError(f"{error.filename}:{error.lineno}: not Python: {error.msg}") from error
    except ImportError as error:
        # `from services.strategies import exits` finds the package, not the module in it.
        within = _NOT_IN.search(str(error))
        sought = f"{error.name}.{within[1]}" if within else error.name or ""
        if sought not in MOVED:
            raise
        line = traceback.extract_tb(error.__traceback__)[-1]
        raise ConfigError(
            f"{line.filename}:{line.lineno}: imports {sought}, which has moved, expected "
            f"{MOVED[sought]}"
        ) from error
