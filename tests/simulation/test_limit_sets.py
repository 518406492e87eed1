"""Every shipped set of limits lets every enabled strategy trade on some day, and is strict."""

from pathlib import Path

import msgspec
import pytest

from services.domain.calendar import Calendar
from services.domain.messages.market import Bar
from services.domain.messages.risk import Decision, OrderCommand, Verdict
from services.domain.units import Ticks
from services.synthetic.day_plans import DayKind
from services.synthetic.market import generate
from services.venue.played_market.minutes import MinuteBars
from tests.simulation.test_playbook_days import DAYS
from tests.support.process_desk import altered, in_process, playback, private_folder

pytestmark = pytest.mark.simulation
DATE = "2026-01-14"
SHARES = (1.0, 0.6, 0.45, 0.35, 0.3)
"""Sizes of the day tried: `live` passes the wide ones by."""


def quieter(kind: DayKind, share: float) -> tuple[MinuteBars, ...]:
    """The day made for a strategy with every move this much of its size."""
    first: dict[str, int] = {}

    def moved(bar: Bar) -> Bar:
        base = first.setdefault(bar.contract, bar.open)
        prices = {
            name: Ticks(base + round((getattr(bar, name) - base) * share))
            for name in ("open", "high", "low", "close")
        }
        return msgspec.structs.replace(bar, **prices)

    stamps = generate(DATE, seed=1, kind=kind, calendar=Calendar())
    return tuple((close_ns, tuple(map(moved, bars))) for close_ns, bars in stamps)


@pytest.mark.parametrize("profile", ["demo", "live"])
@pytest.mark.parametrize(("kind", "strategy"), DAYS.items(), ids=DAYS.values())
def test_a_set_admits_every_strategy_on_some_day(
    kind: DayKind, strategy: str, profile: str, tmp_path: Path
) -> None:
    """Of the same day in five sizes one at least is traded; `paper` is held to the widest."""
    base = altered(tmp_path / "base", "strategies.toml", "enabled = false\n", "")
    altered(base, "risk.toml", 'profile = "paper"', f'profile = "{profile}"')
    if profile == "live":  # which ships without an account: here it gets the stand-in's
        listed = '["put your account here"]\naccount_simulated = false'
        altered(base, "limits_live.toml", listed, '["Sim101"]\naccount_simulated = true')
        any_of_them = '{ strategy = "*", version = "*", config = "*" }'
        one = '{ strategy = "edge_fade", version = "*", config = "*" }'
        altered(base, "limits_live.toml", one, any_of_them)
    refusals: dict[str, str] = {}
    for share in SHARES:
        play = playback(quieter(kind, share))
        said = in_process(private_folder(tmp_path / str(share), play, base=base), play)
        own = [m for m in said if isinstance(m, Decision) and m.strategy == strategy]
        refusals |= {m.code: m.text for m in own if m.verdict is Verdict.REFUSED}
        if any(m.verdict is Verdict.APPROVED for m in own):
            assert any(isinstance(m, OrderCommand) and m.strategy == strategy for m in said)
            return
    raise AssertionError(f"{strategy} never trades under {profile}: {refusals}")


def test_live_approves_what_ships_enabled() -> None:
    """Whoever fills in an account trades the playbook as shipped, and nothing that is off."""
    config = Path(__file__).resolve().parents[2] / "config"
    limits = msgspec.toml.decode((config / "limits_live.toml").read_bytes())
    blocks = msgspec.toml.decode((config / "strategies.toml").read_bytes())
    enabled = {name for name, block in blocks.items() if block.get("enabled", True)}
    assert {row["strategy"] for row in limits["approved_strategies"]} == enabled
