"""The balance of files: every line counted once, whatever they hold and however they overlap."""

import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.backtest.balance import Balance, FileBalance
from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import PlaybackRequest, open_request, playback_of
from services.composition.in_process import InProcessDesk
from services.launch.private_desk import write_private_folder
from tests.support.process_desk import ROOT

OPEN = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
HEAD = "timestamp,open,high,low,close,volume"
GOOD, BAD_TEXT, BAD_RANGE, WEEKEND, OTHER_PRICE = range(5)
KINDS = st.sampled_from([GOOD, GOOD, GOOD, BAD_TEXT, BAD_RANGE, WEEKEND, OTHER_PRICE])
_AGREEING = st.sampled_from([GOOD, GOOD, BAD_TEXT, WEEKEND])
"""Files of one contract that differ in a bar are refused before they are played."""


def _lines(kinds: st.SearchStrategy[int]) -> st.SearchStrategy[list[tuple[int, int]]]:
    return st.lists(st.tuples(st.integers(0, 40), kinds), max_size=40)


FILES = _lines(KINDS).map(lambda lines: [lines]) | st.lists(
    _lines(_AGREEING), min_size=2, max_size=3
)


def _line(minute: int, kind: int) -> str:
    at = OPEN + timedelta(minutes=minute, days=4 if kind == WEEKEND else 0)
    high = {BAD_RANGE: "24000.00", BAD_TEXT: "25001.1"}.get(kind, "25001.00")
    close = "25000.75" if kind == OTHER_PRICE else "25000.50"
    return f"{at:%Y-%m-%dT%H:%M:%SZ},25000.00,{high},24999.00,{close},100"


def _play(folder: Path, texts: list[list[str]]) -> tuple[list[FileBalance], int]:
    # The balance of files of one contract, in a desk of its own; and the bars it took.
    for number, lines in enumerate(texts):
        (folder / f"NQ 03-26.{number}.csv").write_text("\n".join((HEAD, *lines, "")), "utf-8")
    request = PlaybackRequest(config=ROOT / "config", files=(folder,))
    files = open_request(request)
    balance = Balance(files)
    play = playback_of(files, request, balance.minutes)
    target = folder / "config"
    own = write_private_folder(ROOT / "config", target, run="it", data_contracts=play.contracts)
    desk = InProcessDesk(own)
    run_to_end(desk, twin_client(own, play), tap=balance.add)
    status = desk.nodes["ingest"].machine.status()  # type: ignore[attr-defined]
    return balance.rows(), status.accepted


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(FILES)
def test_every_line_is_counted_once(files: list[list[tuple[int, int]]]) -> None:
    """Out of order, twice, contradicting, off the session, no bar: lines in are lines out.

    What is used is what the gateway accepted; each file's own lines are its own.
    """
    first = [(minute, GOOD) for minute in range(20)]  # minutes, by what the file begins with
    texts = [[_line(*line) for line in (*first, *lines)] for lines in files]
    with tempfile.TemporaryDirectory() as folder:
        rows, accepted = _play(Path(folder), texts)
    assert Counter(row.read + row.bad_lines for row in rows) == Counter(map(len, texts))
    assert sum(row.used for row in rows) == accepted
    for row in rows:
        assert row.read == row.used + row.duplicates + sum(count for _, count in row.refused)
        lost_too_many = row.lost * 100 > row.read + row.bad_lines
        assert bool(row.loss) == lost_too_many


@pytest.mark.parametrize(
    ("lost", "total", "is_loss"),
    [(0, 50, False), (1, 99, True), (1, 100, False), (10, 1000, False), (11, 1000, True)],
)
def test_one_bar_in_a_hundred_is_the_limit(lost: int, total: int, *, is_loss: bool) -> None:
    """Exactly one in a hundred is no loss, one more is."""
    row = _row(read=total, used=total - lost, refused=(("BAD_RANGE", lost),))
    assert bool(row.loss) == is_loss


def test_a_copy_of_a_file_loses_nothing() -> None:
    """The same export twice under two names: the second is all duplicates, and no loss."""
    lines = [_line(minute, GOOD) for minute in range(20)]
    with tempfile.TemporaryDirectory() as folder:
        rows, _ = _play(Path(folder), [lines, lines])
    assert [(row.used, row.duplicates, row.loss) for row in rows] == [(20, 0, ""), (0, 20, "")]


def test_of_bars_that_two_files_share_the_first_is_used() -> None:
    """Two exports of neighbouring hours: what both hold is used once, and counted as such."""
    one, other = ([_line(minute, GOOD) for minute in hours] for hours in (range(40), range(30, 70)))
    with tempfile.TemporaryDirectory() as folder:
        rows, accepted = _play(Path(folder), [one, other])
    assert accepted == 70
    assert [(row.read, row.used, row.duplicates, row.loss) for row in rows] == [
        (40, 40, 0, ""),
        (40, 30, 10, ""),
    ]


def test_of_bars_that_contradict_the_later_is_refused() -> None:
    """One minute twice with two prices in a file: the first stands, the second is refused."""
    lines = [_line(minute, GOOD) for minute in range(40)]
    with tempfile.TemporaryDirectory() as folder:
        ((row,), _) = _play(Path(folder), [[*lines, _line(39, OTHER_PRICE)]])
    assert (row.used, row.refused) == (40, (("CONFLICT", 1),))


def test_an_empty_export_is_a_loss() -> None:
    """Nothing used and nothing twice: never a success, nor is what could not be read to its end."""
    assert "nothing was used" in _row(read=0, used=0).loss
    assert "ends in the middle: cut" in _row(read=900, used=900, ended_early="cut").loss


def _row(
    *, read: int, used: int, refused: tuple[tuple[str, int], ...] = (), ended_early: str = ""
) -> FileBalance:
    return FileBalance(
        name="NQ.csv",
        contract="NQ 03-26",
        read=read,
        used=used,
        duplicates=0,
        refused=refused,
        unread=(),
        first_bad_lines=(),
        first_ns=None,
        last_ns=None,
        ended_early=ended_early,
    )
