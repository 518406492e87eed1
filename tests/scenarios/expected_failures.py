"""Scenarios that the Python client cannot pass yet: where it differs first, and what it lacks.

Each needs a part of the client's contract that is not in the messages yet. A row goes when its
scenario passes; it fails when the client differs somewhere else first.
"""

from typing import Final

import msgspec

_DISK: Final = "ids and positions are not on the client's disk yet"
_LATCH: Final = "the client has no kill latch of its own yet"


class ExpectedFailure(msgspec.Struct, frozen=True):
    """The first difference of a scenario, and why."""

    line: str
    """The first text that is expected and does not come."""
    reason: str


EXPECTED_FAILURES: Final = {
    "f43-command-twice-after-restart.toml": ExpectedFailure("ack c1 DUPLICATE", _DISK),
    "f46-not-known-then-late.toml": ExpectedFailure("ack c1 REFUSED", _DISK),
    "f51-restart-with-position.toml": ExpectedFailure(
        "submit PW:c1:STOP2 SELL 1 STOP 950 GTC oco PW:c1:2", _DISK
    ),
    "f61-flat-by.toml": ExpectedFailure(
        "cancel PW:c1:STOP1", "the client has no flat-by of its own yet"
    ),
    "f90-kill-in-flight.toml": ExpectedFailure("cancel PW:c1:ENTRY1", _LATCH),
    "f91-kill-alone.toml": ExpectedFailure("cancel PW:c1:STOP1", _LATCH),
}
