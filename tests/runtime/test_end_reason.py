"""Why a service ended, from what it wrote last."""

import json
from pathlib import Path

import pytest

from services.runtime.end_reason import end_reason

_STOPPED = json.dumps({"handled": 3, "code": 1, "event": "stopped", "service": "risk"})
_STARTED = json.dumps({"event": "started", "service": "risk"})


def _failed(error: str) -> str:
    trace = f"Traceback (most recent call last):\n  File 'x.py', line 1\n{error}"
    entry = {"event": "service_failed", "exception": trace, "reason": error, "service": "risk"}
    return json.dumps(entry)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], ""),
        ([_STARTED], ""),
        (
            [_STARTED, _failed("OSError: [Errno 28] No space left on device"), _STOPPED],
            "OSError: [Errno 28] No space left on device",
        ),
        (
            [_failed("KeyError: 1"), _STOPPED, _STARTED, _failed("ValueError: 2"), _STOPPED],
            "ValueError: 2",
        ),
        (
            [_STARTED, "start refused: risk.toml: daily_loss_usd is 0"],
            "start refused: risk.toml: daily_loss_usd is 0",
        ),
        (["Traceback (most recent call last):", "ImportError: zmq", ""], "ImportError: zmq"),
        (['["not", "ours"]'], '["not", "ours"]'),
    ],
)
def test_the_reason_is_what_explains_the_end(
    tmp_path: Path, lines: list[str], expected: str
) -> None:
    """The last fault or refusal, not that it stopped, and of a traceback its last line."""
    log = tmp_path / "risk.log"
    log.write_text("\n".join(lines), "utf-8")
    assert end_reason(log) == expected
