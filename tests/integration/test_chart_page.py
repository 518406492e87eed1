"""The chart in a real browser: it opens offline, draws, and complains about nothing."""

import re
from pathlib import Path
from typing import Any, TypeAlias

import axe_core_python
import msgspec
import pytest

from tests.support.browser import dump_dom, look_at
from tests.support.played_day import REVERSAL
from tests.support.process_desk import altered, pitwire, thin_nights, thinned_days, write_csv

pytestmark = pytest.mark.integration
Seen: TypeAlias = tuple[int, dict[str, Any]]
"""A width, and what was measured there."""
_LOOKS = [(390, "light"), (390, "dark"), (768, "light"), (1280, "dark")]
"""Pixels of width, and what the reader's system prefers."""
_MEASURES = """
const box = (each) => each.getBoundingClientRect();
const root = page.documentElement, labels = [...page.querySelectorAll("#labels text")];
const plot = box(page.getElementById("plot"));
const last = Math.max(...[...page.querySelectorAll("#plot .xaxislayer-above text, #plot .xtitle")]
  .map((each) => box(each).bottom));
const code = await (await fetch("AXE")).text();
view.eval(code);
const checked = await view.axe.run(page, { resultTypes: ["violations"] });
return {
  checks: checked.passes.length,
  violations: checked.violations.map((each) => [each.impact, each.id, each.nodes[0].html]),
  scrolls: root.scrollWidth - root.clientWidth,
  legend_open: page.getElementById("legend").open,
  legend: page.querySelectorAll("#legend button").length,
  labels: labels.map((each) => each.textContent),
  cut: labels.filter((each) => box(each).right > plot.right || box(each).left < plot.left)
    .map((each) => each.textContent),
  gap: box(page.querySelector("h2")).top - last,
  wide: [...page.querySelectorAll("table, header, nav, footer")]
    .filter((each) => box(each).right > root.clientWidth + 1).map((each) => each.tagName),
};
"""


def chart(tmp_path: Path, date: str, *more: str | Path) -> tuple[int, str, Path]:
    """Draw a day of the generated files; gives exit code, words and the file."""
    files = write_csv(tmp_path / "bars", thinned_days())
    play = [part for file in files for part in ("--play", file)]
    out = tmp_path / "day.html"
    if not (config := tmp_path / "thin").exists():
        thin_nights(config)
    code, words = pitwire(tmp_path, "chart", date, *play, "--out", out, "-c", config, *more)
    return code, words, out


def test_the_page_opens_without_a_complaint(drawn_page: Path, tmp_path: Path) -> None:
    """In a headless browser without a network: every trace drawn, labels placed, no error."""
    page, said = dump_dom(drawn_page, tmp_path / "profile")
    drawn = re.search(r'<html[^>]* data-drawn="(\d+)"', page)
    assert drawn, said[-2_000:]
    assert int(drawn[1]) > 20
    assert not [line for line in said.splitlines() if "CONSOLE" in line], said
    labels = re.search(r'<svg id="labels"[^>]*>.*?</svg>', page, flags=re.DOTALL)
    assert labels
    assert "IBH" in labels[0]
    assert "OR Reversal SHORT 25008.50" in page
    assert "TARGET $268.26" in page


@pytest.fixture(scope="module")
def drawn_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart of a day with a trade."""
    code, words, out = chart(tmp_path_factory.mktemp("drawn"), REVERSAL)
    assert code == 0, words
    return out


@pytest.fixture(scope="module", params=_LOOKS, ids=lambda look: "-".join(map(str, look)))
def seen(
    request: pytest.FixtureRequest, drawn_page: Path, tmp_path_factory: pytest.TempPathFactory
) -> Seen:
    """The page as one reader sees it."""
    folder = tmp_path_factory.mktemp("seen")
    width, scheme = request.param
    dark = ("--blink-settings=preferredColorScheme=0",) if scheme == "dark" else ()
    axe = Path(axe_core_python.__file__).with_name("axe.min.js").as_uri()
    return width, look_at(drawn_page, folder, width, _MEASURES.replace("AXE", axe), *dark)


def test_every_width_shows_it_whole(seen: Seen) -> None:
    """From a phone to a monitor: no sideways scroll, no label cut, the tables follow the plot."""
    width, found = seen
    assert found["scrolls"] <= 0, found
    assert not found["wide"], found
    assert not found["cut"], found
    assert found["legend_open"] is (width > 600)
    assert found["legend"] > 15
    assert all(re.search(r" \d+\.\d\d$", label) for label in found["labels"]), found["labels"]
    assert 0 < found["gap"] < 80, found


def test_merged_levels_read_as_two(seen: Seen) -> None:
    """Levels at one price have a mark between their names, or where that is too long two labels."""
    width, found = seen
    labels = found["labels"]
    prices = [label.rsplit(" ", 1)[1] for label in labels]
    merged = [label for label in labels if " · " in label]
    assert merged or len(set(prices)) < len(prices), labels
    assert width < 600 or len(set(prices)) == len(prices), labels


def test_anyone_can_read_it(seen: Seen) -> None:
    """axe-core finds nothing serious: contrast, names, structure."""
    _, found = seen
    assert found["checks"] > 10
    assert not [v for v in found["violations"] if v[0] in {"serious", "critical"}], found


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
    assert (code, "is a file, expected a folder" in words) == (2, True), words
