"""How a test waits: for a condition, never for time.

A wait ends when its condition holds. Its bound is for what never comes: it lies far above what the
slowest machine needs, and claims nothing.
"""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 90.0
"""Bound of every wait."""
_POLL_S: Final = 0.02


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Poll a condition; fails with what was waited for when it does not come."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE_S:.0f} s for {what}"
        time.sleep(_POLL_S)
