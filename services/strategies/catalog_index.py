"""The index of a catalog: the folder is the registry, the file name is the strategy's name."""

import importlib
import pkgutil
from types import ModuleType
from typing import Any, Final

from services.domain.errors import ConfigError
from services.strategies.authoring.parameters import StrategyConfig
from services.strategies.authoring.strategy import Strategy
from services.strategies.moved_names import moved_import

CATALOG: Final = "services.strategies.catalog"
"""The package of the strategies that ship with the desk."""


def names(package: str = CATALOG) -> tuple[str, ...]:
    """Give the strategies of a package in alphabetical order.

    Raises: ConfigError for a package that cannot be imported or is a single file.
    """
    try:
        root = importlib.import_module(package)
    except ModuleNotFoundError as error:
        raise ConfigError(f"strategy package {package} not found: {error}") from error
    if not hasattr(root, "__path__"):
        raise ConfigError(f"strategy package {package} is a file, expected a folder of strategies")
    found = (module.name for module in pkgutil.iter_modules(root.__path__) if not module.ispkg)
    return tuple(sorted(name for name in found if not name.startswith("_")))


def load(package: str, name: str) -> tuple[type[StrategyConfig], type[Strategy[Any]]]:
    """Give the configuration type and the class of a strategy.

    Raises: ConfigError for an unknown name, an import of what has moved, or a file without exactly
    these two classes.
    """
    known = names(package)
    if name not in known:
        raise ConfigError(f"strategy {name} unknown in {package}, expected one of {list(known)}")
    try:
        module = importlib.import_module(f"{package}.{name}")
    except ImportError as error:
        if (moved := moved_import(error)) is None:
            raise
        raise ConfigError(f"strategy {package}.{name} {moved}") from error
    config = getattr(module, "Config", None)
    if not (isinstance(config, type) and issubclass(config, StrategyConfig)):
        raise ConfigError(f"{module.__file__}: no class Config(StrategyConfig, frozen=True) found")
    strategies = _strategies(module)
    if len(strategies) != 1:
        found = [strategy.__name__ for strategy in strategies]
        raise ConfigError(f"{module.__file__}: strategies {found} found, expected exactly one")
    if not (strategies[0].WIRE_NAME and strategies[0].MODELS):
        raise ConfigError(f"{module.__file__}: {strategies[0].__name__} needs WIRE_NAME and MODELS")
    return config, strategies[0]


def _strategies(module: ModuleType) -> list[type[Strategy[Any]]]:
    # Only what the file defines itself: an imported base class is no strategy of the file.
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Strategy)
        and value.__module__ == module.__name__
    ]
