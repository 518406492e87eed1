"""What a test adds to the processes of a desk whose host shows another time; nothing ships it.

A live desk trades in the hours of its market, a test runs at any hour: with the nanoseconds of the
environment added, the wall clock of every process shows one and the same moment of a session.
"""

import os
import runpy
import time
from pathlib import Path
from typing import Final

SHIFT: Final = "PITWIRE_TEST_CLOCK_SHIFT_NS"
"""Environment variable: what is added to the wall clock."""


def _shift(by_ns: int) -> None:
    # The product reads nothing else; gRPC counts its deadlines from `time.time`.
    wall_ns = time.time_ns
    time.time_ns = lambda: wall_ns() + by_ns


if __name__ == "sitecustomize":
    # Only the first sitecustomize of a path is imported, and the leash is one.
    leash = Path(__file__).parent.parent / "leashed" / "sitecustomize.py"
    runpy.run_path(str(leash), run_name="sitecustomize")
    _shift(int(os.environ.get(SHIFT, "0")))
