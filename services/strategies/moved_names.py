"""What strategies imported before `pitwire.strategies`, and its names there.

A file that still imports it is refused with the new name: nothing stays behind under the old one.
"""

import re
from typing import Final

FACE: Final = "pitwire.strategies"
MOVED: Final = {
    "services.domain.features": "IndicatorFamily (was Feature)",
    "services.strategies.after_ib": "AfterInitialBalance",
    "services.strategies.ask": (
        "EntrySignal (was Ask), round_bracket_price (was cautious), tick_down, tick_up"
    ),
    "services.strategies.context": "SessionContext",
    "services.strategies.exits": "exits",
    "services.strategies.guards": "guards (its asks is signals)",
    "services.strategies.parameters": (
        "StrategyConfig, EtClock, Count, Points, Share, VwapAnchor, Bounds"
    ),
    "services.strategies.pullback": "Pullback, PullbackConfig",
    "services.strategies.retest": "Retest",
    "services.strategies.scale": "Scale, exact, MEDIAN_MISSING, P90_MISSING",
    "services.strategies.strategy": "Strategy",
}
"""Module that is gone -> the names that took its place in the authors' module."""

_FROM_PACKAGE: Final = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")


def moved_import(error: ImportError) -> str | None:
    """Say what took the place of what an import did not find; None when it never was ours."""
    # `from services.strategies import ask` names package and part, `import services...` the whole.
    part = _FROM_PACKAGE.match(str(error))
    old = f"{part[2]}.{part[1]}" if part is not None else error.name
    if old not in MOVED:
        return None
    return f"imports {old}, which is gone: expected of {FACE}: {MOVED[old]}"
