"""What a run ends with: each thing said once, results by strategy, what was not used."""

import io

import msgspec
import pytest

from services.cli.summary import Summary
from services.domain.calendar import et_ns
from services.domain.messages.market import FaultKind, FeedFault
from services.domain.messages.union import Event
from services.review.day.no_trade_reasons import CLOCK_CODES, no_trade_counts
from services.runtime.terminal import open_console
from tests.support.played_day import example_days, messages_of

NQ = "NQ 03-26"


def _fault(clock: str, kind: FaultKind = FaultKind.OUTSIDE_SESSION, text: str = "") -> FeedFault:
    return FeedFault(
        contract=NQ,
        at_ns=et_ns("2026-03-04", clock),
        kind=kind,
        text=text or f"bar at {clock}",
        blocks_entries=False,
    )


def _shown(*more: Event, width: int = 200) -> str:
    summary = Summary()
    for record in example_days().values():
        for message in messages_of(record):
            summary.add(message)
    for message in more:
        summary.add(message)
    console = open_console(io.StringIO(), width=width)
    summary.show(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _words(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


def test_results_stand_by_strategy() -> None:
    """Candidates, those not taken, trades, won, net, and the worst trade of each."""
    words = _words(_shown())
    assert "edge_fade 2 0 2 1 -$1.48 -$120.74" in words
    assert "opening_range_reversal 1 0 1 1 $268.26 $268.26" in words
    assert "b_day_ibl_fade 1 1 0" in words


def test_a_remark_about_many_sessions_is_said_once() -> None:
    """The same note on nine sessions, three contracts on three days, is one with its dates."""
    noted = [
        msgspec.structs.replace(u, notes=("bars without volume",))
        for record in example_days().values()
        for updates in record.updates.values()
        for u in updates
        if u.minute_of_rth == 390
    ]
    text = _words(_shown(*noted))
    assert text.count("bars without volume") == 1
    assert "bars without volume (every date)" in text
    assert "3 trade dates, 2026-03-03 to 2026-03-05 (ES 03-26, NQ 03-26, YM 03-26)" in text


def test_what_was_not_used_is_said_with_where_to_look() -> None:
    """By contract and kind, with first and last stamp, the last sentence, and the command."""
    words = _words(_shown(_fault("11:00"), _fault("11:05"), _fault("11:09", FaultKind.BAD_RANGE)))
    assert "NQ 03-26 2 × OUTSIDE_SESSION (2026-03-04 11:00 ET to 2026-03-04 11:05 ET)" in words
    assert "NQ 03-26 1 × BAD_RANGE (2026-03-04 11:09 ET)" in words
    assert "the last: bar at 11:09." in words
    assert "`pitwire explain 2026-03-04`" in words


@pytest.mark.parametrize("text", ["[/b]", "[old] price", "100% [/now]"])
def test_words_from_outside_are_no_markup(text: str) -> None:
    """A line of a file with brackets is printed as it is."""
    assert text in _words(_shown(_fault("11:00", text=text)))


def test_a_reason_is_explained_where_it_stands() -> None:
    """Each code with its last words; the clock's last, in words."""
    lines = [line.strip() for line in _shown().splitlines()]
    begin = next(at for at, line in enumerate(lines) if line.startswith("edge_fade  "))
    rows = lines[begin + 1 : begin + 8]
    assert any(" above_zone " in row and "close " in row for row in rows)
    end = next(at for at, row in enumerate(rows) if "not its hours" in row)
    assert "outside regular hours 2,970" in rows[end]
    assert all("outside" not in row for row in rows[:end])


def test_what_could_have_led_to_a_trade_leads() -> None:
    """In every strategy's counts no reason of the clock stands before another one."""
    answers = [a for r in example_days().values() for e in r.evaluated for a in e.answers]
    counts = no_trade_counts(answers)
    assert len(counts) == 6
    for row in counts:
        clock = [reason.code in CLOCK_CODES for reason in row.reasons]
        assert clock == sorted(clock)
        assert sum(reason.bars for reason in row.reasons) + row.candidates == row.bars
        assert all(reason.text for reason in row.reasons)


def test_a_run_without_a_bar_says_so() -> None:
    """Nothing read is a sentence, not an empty table."""
    console = open_console(io.StringIO(), width=100)
    Summary().show(console)
    assert isinstance(console.file, io.StringIO)
    assert "no session was read" in console.file.getvalue()
