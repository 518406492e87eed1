"""Files as traders have them, once read wrongly: read rightly, or refused in a sentence."""

from pathlib import Path

import pytest

from services.domain.errors import FeedError
from services.ingest.files import SourceFile, open_file
from tests.support.bar_texts import read_values

CASES = Path(__file__).resolve().parents[2] / ".." / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.exists(), reason=f"no case files at {CASES}")


def opened(case: str, zone: str | None = None) -> SourceFile:
    """Open the one file of a case."""
    (path,) = (CASES / case).iterdir()
    return open_file(path, zone=zone)


REFUSED = {
    "bid_as_trades": "bid prices, expected last prices.*--price-kind bid",
    "daily": "line 2: .*these are daily bars, expected one-minute bars",
    "delta_contradicts": "line 3: vol_delta is 141, expected vol_ask 67 − vol_bid 208 = -141",
    "five_minutes": "line 1: these are 5-minute bars.*expected one-minute bars",
    "off_tick": "line 2: price .* is not a multiple of .*back-adjusted",
    "y2010": "2010-05-05 18:01 ET, expected one of 2013 to 2035, the years the trading calendar",
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_case_is_refused(case: str) -> None:
    """The file, the line, what was found, what was expected, what would help."""
    with pytest.raises(FeedError, match=rf"is refused, .*{REFUSED[case]}"):
        opened(case)


READ = {
    "bar_open_stamps": (None, 59, "stamps are bar opens (by the first and last of its sessions)"),
    "newest_first": (None, 120, "newest first, turned round"),
    "second_59": (None, 39, "closes (the last second of the minute)"),
    "sierra": ("UTC", 29, "of Sierra Chart"),
    "tradingview_epoch": (None, 29, "of TradingView"),
    "markup": (None, 519, "historical export"),
    "utf16": (None, 5, "UTF-16"),
    "roll": (None, 28, "volumetric"),
}


@pytest.mark.parametrize("case", READ)
def test_a_case_is_read(case: str) -> None:
    """Every bar, in order, and what the file was taken for."""
    zone, count, text = READ[case]
    file = opened(case, zone)
    found = read_values(file)
    assert (len(found), found == sorted(found)) == (count, True)
    assert text in f"{file.description}; {file.zone_rule}"


def test_the_same_bars_by_either_end_and_any_stamp() -> None:
    """Four platforms' files of the same evening: the same bars to the tick and the nanosecond."""
    first = read_values(opened("bar_open_stamps"))
    for case, zone in (("second_59", None), ("sierra", "UTC"), ("tradingview_epoch", None)):
        found = read_values(opened(case, zone))
        assert found == first[: len(found)]


def test_a_case_cut_within_its_line_end_is_whole() -> None:
    """UTF-16 cut by a tool that works in bytes: its last line has lost half of its end alone."""
    file = opened("utf16")
    assert len(read_values(file)) == 5
    assert (file.ended_early, file.bad_lines) == ("", 0)


def test_a_line_with_markup_is_kept_as_it_is() -> None:
    """Nobody's console has to read it: it is a bad line like any other."""
    file = opened("markup")
    assert len(read_values(file)) == 519
    assert file.bad_lines == 1
