"""What `pitwire status` prints of limits."""

from services.cli import status
from services.launch.status_detail import LimitDetail
from services.runtime.terminal import open_console


def _use(code: str, used: float, limit: float, unit: str) -> LimitDetail:
    return LimitDetail(code=code, used=used, limit=limit, unit=unit)


def test_limits_of_strategies_stand_side_by_side() -> None:
    """A row a strategy, a column a limit, what is left of what is allowed, or that it is off."""
    table = status.left_to_each(
        [
            _use("STRATEGY_LOSS edge_fade", 52.5, 210.0, "USD"),
            _use("LOSS_STREAK edge_fade", 1, 3, "losses"),
            _use("STRATEGY_LOSS p_day", 0.0, 210.0, "USD"),
        ]
    )
    console = open_console(width=120)
    with console.capture() as shown:
        console.print(table)
    lines = shown.get().splitlines()
    head = next(line for line in lines if "STRATEGY_LOSS" in line)
    assert "LOSS_STREAK" in head
    fade = next(line for line in lines if "edge_fade" in line)
    assert "157.5 of 210" in fade
    assert "2 of 3" in fade
    day = next(line for line in lines if "p_day" in line)
    assert "210 of 210" in day
    assert "off" in day
