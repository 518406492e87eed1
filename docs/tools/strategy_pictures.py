"""Draw one generated day per strategy: the pictures of docs/strategies.

Usage: python docs/tools/strategy_pictures.py docs/strategies

Each day is made so that the rule finds what it looks for, and is played through every machine of
the desk in this process, with the experimental strategy switched on. Nothing in it ever traded.
"""

import sys
import tempfile
from pathlib import Path

from docs.tools.day_picture import Focus, draw
from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import Playback
from services.composition.in_process import InProcessDesk
from services.domain.calendar import Calendar
from services.launch import private_desk
from services.review.day.record import DayRecord
from services.synthetic.day_plans import DayKind
from services.synthetic.market import CONTRACTS, generate

ROOT = Path(__file__).resolve().parents[2]
DATE = "2026-01-14"
DAYS = {
    "opening_range_reversal": DayKind.OR_REVERSAL,
    "trend_day_bull": DayKind.TREND_DAY_BULL,
    "p_day": DayKind.P_DAY_PULLBACK,
    "b_day_ibl_fade": DayKind.IBL_FADE,
    "edge_fade": DayKind.EDGE_FADE,
    "ibh_sweep_fail": DayKind.IBH_SWEEP,
    "bear_acceptance_short": DayKind.BEAR_ACCEPTANCE,
}
SEED = 1


def picture(strategy: str) -> str:
    """Play the day made for a strategy and draw it as an SVG."""
    stamps = tuple(generate(DATE, seed=SEED, kind=DAYS[strategy], calendar=Calendar()))
    played = Playback(
        minutes=lambda: iter(stamps), contracts=CONTRACTS, total=len(stamps), label="picture"
    )
    day = DayRecord(DATE, run="generated")
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "base"
        base.mkdir()
        for path in (ROOT / "config").glob("*.toml"):
            text = path.read_text(encoding="utf-8")
            (base / path.name).write_text(text.replace("enabled = false\n", ""), encoding="utf-8")
        own = private_desk.write_private_folder(
            base, Path(folder) / "config", run=played.label, data_contracts=CONTRACTS
        )
        desk = InProcessDesk(own)
        desk.on_published(day.add)
        run_to_end(desk, twin_client(own, played))
    title = f"{strategy}: a generated day ({DAYS[strategy].value}, seed {SEED})"
    return draw(day, focus=Focus(strategy=strategy), title=title)


def main(target: Path) -> None:
    """Write every picture."""
    for strategy in DAYS:
        path = target / f"{strategy}.svg"
        path.write_text(picture(strategy), encoding="utf-8")
        print(f"{path} {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
