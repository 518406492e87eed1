"""A live desk that holds a position comes back as it was, whatever happened to a process of it.

Every service, paused and killed, many times over, is tried by `make kills-live`.
"""

from pathlib import Path

import pytest

from tests.kills.live import killed, ready_after_s, stopped
from tests.kills.live_desk import LiveDesk

pytestmark = pytest.mark.integration


def test_a_position_survives_a_pause_of_risk_and_a_kill_of_orders(tmp_path: Path) -> None:
    """Position, stop at the exchange and link are as before, in the account and in the desk."""
    with LiveDesk(tmp_path) as desk:
        before = desk.holding
        assert before.stopped == before.quantity > 0
        for disturbance in (stopped("risk"), killed("orders")):
            ready_after_s(desk, disturbance)
            assert desk.holding == before
