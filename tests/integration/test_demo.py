"""`pitwire demo` through processes, on a trader's own short file: told, drawn, and explained."""

from pathlib import Path

import pytest

from tests.support.process_desk import pitwire, short_day, thin_nights, write_csv

pytestmark = pytest.mark.integration


def test_a_demo_tells_the_day_draws_it_and_names_what_to_look_at(tmp_path: Path) -> None:
    """Lines at their own time, results, the chart where it is printed, a command that works."""
    files = write_csv(tmp_path / "bars", short_day())
    config = thin_nights(tmp_path / "config")
    code, words = pitwire(tmp_path, "demo", *files, "--out", tmp_path / "runs", "-c", config)
    assert code == 0, words
    told = " ".join(words.split())
    order = [
        "minutes through separate processes",
        "09:30 session regular hours open, NQ 03-26",
        "09:45 session opening range of 15 minutes complete: 24966.25–25061.75, 95.50 pt",
        "09:46 candidate OR Reversal SHORT 25008.75",
        "10:25 trade opening_range_reversal SHORT closed by TARGET: $268.26 after costs",
        "sessions (regular hours, points)",
        "results by strategy, after costs",
        "The day as a chart",
        "pitwire explain 2026-03-03 09:46",
    ]
    places = [told.find(text) for text in order]
    assert places == sorted(places), told
    assert -1 not in places, told
    (chart,) = (tmp_path / "runs").glob("*/chart-2026-03-03.html")
    assert chart.name in told
    assert "SHORT 25008.50" in chart.read_text("utf-8")
    code, words = pitwire(tmp_path, "explain", "2026-03-03", "09:46", "--runs", tmp_path / "runs")
    assert (code, "APPROVED opening_range_reversal" in words) == (0, True), words
