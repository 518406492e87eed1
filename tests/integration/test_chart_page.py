"""The chart in a real browser: it opens offline, draws, and complains about nothing."""

import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from tests.support.played_day import REVERSAL
from tests.support.process_desk import altered, pitwire, thin_nights, thinned_days, write_csv

pytestmark = pytest.mark.integration
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
_WAIT_S = 120.0


def chart(tmp_path: Path, date: str, *more: str | Path) -> tuple[int, str, Path]:
    """Draw a day of the generated files; gives exit code, words and the file."""
    files = write_csv(tmp_path / "bars", thinned_days())
    play = [part for file in files for part in ("--play", file)]
    out = tmp_path / "day.html"
    if not (config := tmp_path / "thin").exists():
        thin_nights(config)
    code, words = pitwire(tmp_path, "chart", date, *play, "--out", out, "-c", config, *more)
    return code, words, out


def test_the_page_opens_without_a_complaint(tmp_path: Path) -> None:
    """In a headless browser without a network: every trace drawn, labels placed, no error."""
    browser = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no browser found, expected one of {', '.join(_NAMES)} on the path")
    code, words, out = chart(tmp_path, REVERSAL)
    assert code == 0, words
    done = subprocess.run(
        [
            browser,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--proxy-server=127.0.0.1:9",
            "--enable-logging=stderr",
            "--virtual-time-budget=20000",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            out.as_uri(),
        ],
        capture_output=True,
        timeout=_WAIT_S,
        check=False,
    )
    page, said = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    drawn = re.search(r'<html[^>]* data-drawn="(\d+)"', page)
    assert drawn, said[-2_000:]
    assert int(drawn[1]) > 20
    assert not [line for line in said.splitlines() if "CONSOLE" in line], said
    labels = re.search(r'<svg id="labels">.*?</svg>', page, flags=re.DOTALL)
    assert labels
    assert "IBH" in labels[0]
    assert "OR Reversal SHORT 25008.50" in page
    assert "TARGET $268.26" in page


def test_the_anchor_is_the_configured_one(tmp_path: Path) -> None:
    """A strategy set to the VWAP from 09:30 gets that one drawn."""
    block = '[edge_fade]\nsignal = "NQ"'
    changed = f'{block}\nparams = {{ vwap_anchor = "rth" }}'
    config = altered(tmp_path / "config", "strategies.toml", block, changed)
    code, words, out = chart(tmp_path, REVERSAL, "-c", config)
    assert code == 0, words
    pattern = r'<script type="application/json" id="figure">(.*?)</script>'
    found = re.search(pattern, out.read_text("utf-8"), flags=re.DOTALL)
    assert found
    drawn = {t.get("name"): t.get("visible", True) for t in msgspec.json.decode(found[1])["data"]}
    assert (drawn["VWAP 09:30"], drawn["VWAP 18:00"]) == (True, "legendonly")


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("2026-03-07", "2026-03-07 has no trading session by the calendar; "),
        ("2026-03-05", "the files hold 2026-03-03 to 2026-03-04, 2 trade dates, expected"),
        ("3.3.2026", "expected YYYY-MM-DD"),
    ],
)
def test_a_date_that_is_not_there_is_refused(tmp_path: Path, date: str, said: str) -> None:
    """No session, no data, no date: exit 2, what was found and what was expected, no file."""
    code, words, out = chart(tmp_path, date)
    assert (code, said in words.replace("\n", " ")) == (2, True), words
    assert not out.exists()


def test_another_instrument_and_a_wrong_place_are_answered(tmp_path: Path) -> None:
    """A watched contract has its chart; a file that cannot be written is named."""
    code, words, out = chart(tmp_path, REVERSAL, "--instrument", "ES")
    assert (code, "ES 03-26 2026-03-03" in words) == (0, True), words
    assert "<title>ES 03-26 2026-03-03" in out.read_text("utf-8")
    (tmp_path / "file").write_text("")
    code, words, _ = chart(tmp_path, REVERSAL, "--out", tmp_path / "file" / "x.html")
    assert (code, "cannot be written" in words) == (2, True), words
