"""The decision trace: one stamp from reading to fill, a day in order, and both as JSON."""

import io
from typing import Any

import msgspec
import pytest

from services.cli import explain
from services.cli.show_trace import show_day, show_minute
from services.domain.calendar import et_ns
from services.domain.errors import ConfigError
from services.domain.messages.orders import OrderRole, OrderStatus, OrderUpdate
from services.domain.messages.risk import Check, Verdict
from services.domain.messages.session import SessionUpdate
from services.domain.units import Contracts, Ticks, UnixNanos
from services.review.day.record import DayRecord
from services.review.day.sources import DayQuery
from services.review.day.to_json import json_text
from services.review.trace.day import DayTrace, day_trace
from services.review.trace.minute import MinuteTrace, minute_trace
from services.review.trace.reading_text import families_of
from services.runtime.terminal import open_console
from tests.support.played_day import FADE, REVERSAL, messages_of, played_day, with_candidate
from tests.support.process_desk import ROOT

NQ = "NQ 03-26"


def at(clock: str, date: str = FADE) -> UnixNanos:
    """A stamp of a generated day."""
    return et_ns(date, clock)


def reading(clock: str) -> SessionUpdate:
    """The signal's reading at a stamp of the fade day."""
    return next(u for u in played_day(FADE).updates[NQ] if u.close_ns == at(clock))


def printed(trace: MinuteTrace | DayTrace) -> str:
    """What a terminal of 200 columns shows, spaces as one."""
    console = open_console(io.StringIO(), width=200)
    if isinstance(trace, DayTrace):
        show_day(console, trace)
    else:
        show_minute(console, trace)
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


def test_a_stamp_is_told_from_reading_to_exit() -> None:
    """Reading, who asked, who said no, the verdict, the order, its answer, the fill, the end."""
    words = printed(minute_trace(played_day(REVERSAL), at("09:46", REVERSAL)))
    told = (
        "2026-03-03 09:46 ET",
        "NQ 03-26 price eor build, O 25017.25, H 25018.00, L 25004.25, C 25008.75",
        "OR15 24966.25–25061.75 (95.50)",
        "opening_range_reversal signals SHORT MNQ 03-26 at 25008.75, stop 25076.25,"
        " target 24873.75",
        "features: eor_range_pt 95.5",
        "edge_fade: no trade, before_window: entries only on stamps after 2026-03-03 10:30 ET",
        "APPROVED opening_range_reversal: OR_REVERSAL_SHORT SHORT",
        "command ENTER_SHORT 1 MNQ 03-26, stop 25076.25, target 24873.75",
        "answer the stand-in: ACCEPTED",
        "fill sold 1 MNQ 03-26 at 25008.50, entry, commission $0.62",
        "exit opening_range_reversal TARGET at 24873.75, $268.26 after $1.24 commissions",
        "settled: 1 candidate, 1 command",
    )
    for part in told:
        assert part in words, part
    order = [words.index(part) for part in told[6:]]
    assert order == sorted(order)


def test_a_day_without_a_hello_is_ninjatrader_s() -> None:
    """Nothing is called a stand-in that did not introduce itself as one."""
    record = DayRecord(REVERSAL, messages=messages_of(played_day(REVERSAL)))
    assert record.client_version.startswith("stand-in")
    record.client_version = ""
    assert "answer NinjaTrader: ACCEPTED" in printed(minute_trace(record, at("09:46", REVERSAL)))


def test_a_refusal_shows_what_failed_and_what_passed() -> None:
    """Failed controls with their numbers, passed ones by name, what the bracket would have made."""
    checks = (Check("DAILY_LOSS", passed=False, text="lost $1,500.00 of $1,500.00 a day"),)
    record = with_candidate(
        played_day(FADE), reading("11:40"), {"checks": checks, "passed": ("KILLED", "NEWS")}
    )
    words = printed(minute_trace(record, at("11:40")))
    assert "REFUSED edge_fade DAILY_LOSS: lost $1,500.00 of $1,500.00 a day" in words
    assert "FAIL DAILY_LOSS: lost $1,500.00 of $1,500.00 a day" in words
    assert "pass 2: KILLED, NEWS" in words
    assert "left to its bracket it would have made" in words


def test_arbitration_names_winner_and_loser() -> None:
    """A suppressed candidate says which strategy had priority."""
    record = with_candidate(
        played_day(FADE),
        reading("11:40"),
        {"verdict": Verdict.APPROVED, "code": "APPROVED", "text": "1 contract"},
        strategy="trend_day_bull",
    )
    winner = list(record.candidates)[-1]
    suppressed = {"verdict": Verdict.SUPPRESSED, "code": "SUPPRESSED", "suppressed_by": winner}
    record = with_candidate(
        record, reading("11:40"), {**suppressed, "text": "priority 30 after 20"}
    )
    words = printed(minute_trace(record, at("11:40")))
    assert "APPROVED trend_day_bull: 1 contract" in words
    assert "SUPPRESSED edge_fade by trend_day_bull: priority 30 after 20" in words


def test_moves_of_a_stop_are_told() -> None:
    """From where to where; in the day's timeline and after the stamp that opened the position."""
    record = played_day(FADE)
    (position,) = (states[-1] for states in record.positions.values())
    assert position.entry_ns is not None
    assert position.initial_stop is not None
    moved = OrderUpdate(
        report_sequence=99,
        command_id=position.position_id,
        position_id=position.position_id,
        contract=position.order_contract,
        role=OrderRole.STOP,
        status=OrderStatus.WORKING,
        quantity=Contracts(1),
        filled=Contracts(0),
        price=Ticks(position.initial_stop + 80),
        at_ns=UnixNanos(position.entry_ns + 600 * 10**9),
    )
    record = DayRecord(record.date, messages=[*messages_of(record), moved])
    assert "stop moved 24703.75 → 24723.75" in printed(day_trace(record))
    assert "stop moved 24703.75 → 24723.75" in printed(minute_trace(record, position.signal_ns))


def test_a_day_is_told_in_order() -> None:
    """Phases, Initial Balance, day type, candidate, verdict, entry, exit; then why nothing else."""
    trace = day_trace(played_day(FADE))
    stamps = [moment.at_ns for moment in trace.timeline]
    assert stamps == sorted(stamps)
    kinds = [moment.kind for moment in trace.timeline]
    for kind in ("phase", "balance", "day type", "candidate", "risk", "entry", "exit"):
        assert kind in kinds, kind
    assert kinds.index("candidate") < kinds.index("risk") < kinds.index("entry")
    words = printed(trace)
    assert "1 trade, $119.26 after costs, 1 candidate" in words
    for said in (
        "09:45 opening opening range of 15 minutes complete: 24815.00–24898.75, 83.75 pt",
        "10:00 opening opening range of 30 minutes complete: 24815.00–24914.00, 99.00 pt",
        "10:30 balance Initial Balance complete: 24731.25–24914.00, 182.75 pt",
        "16:00 phase regular hours closed, NQ 03-26 24824.25",
    ):
        assert said in words, said


def test_the_reasons_add_up() -> None:
    """Per strategy: bars by first guard and candidates are all the bars it was shown."""
    record = played_day(FADE)
    trace = day_trace(record)
    assert {row.strategy for row in trace.no_trade_counts} == set(record.answers)
    for row in trace.no_trade_counts:
        assert sum(reason.bars for reason in row.reasons) + row.candidates == row.bars
        stretches = [s for s in trace.answer_runs if s.strategy == row.strategy]
        assert sum(s.bars for s in stretches) == row.bars
        assert [s.first_ns for s in stretches] == sorted(s.first_ns for s in stretches)


def test_a_quiet_day_and_a_quiet_stamp_say_so() -> None:
    """No candidate, no bar: said in words, not left blank."""
    record = played_day(FADE)
    only = [m for m in messages_of(record) if isinstance(m, SessionUpdate)]
    assert "no strategy gave an entry signal" in printed(day_trace(DayRecord(FADE, messages=only)))
    assert "no bar closed in this minute" in printed(minute_trace(record, at("17:30")))


def test_a_reading_shows_only_what_is_there() -> None:
    """Before the open no Initial Balance, no delta since 09:30; never `None`."""
    night = next(u for u in played_day(FADE).updates[NQ] if u.minute_of_rth is None)
    words = " ".join(family.line for family in families_of(night))
    assert "None" not in words
    assert "IB " not in words
    assert "overnight" in words
    late = {family.name: family.line for family in families_of(reading("12:00"))}
    assert "score long" in late["order flow"]
    assert "type b day" in late["day"]
    assert "None" not in " ".join(late.values())


def decoded(text: str) -> Any:
    """JSON as Python has it."""
    return msgspec.json.decode(text)


def test_both_traces_are_json_for_scripts() -> None:
    """Closed sets by name, prices in ticks, every candidate by id."""
    record = played_day(REVERSAL)
    day = decoded(json_text(day_trace(record)))
    assert (day["date"], day["trades"], day["net"]) == (REVERSAL, 1, 268_260_000)
    (outcome,) = day["outcomes"]
    assert outcome["candidate"]["side"] == "SHORT"
    assert outcome["candidate"]["entry"] == 100_035
    assert outcome["decision"]["verdict"] == "APPROVED"
    stamp = decoded(json_text(minute_trace(record, at("09:46", REVERSAL)), run="x"))
    assert stamp["run"] == "x"
    assert stamp["answers"][0]["candidates"][0]["stop"] == 100_305


@pytest.mark.parametrize(
    ("date", "time", "said"),
    [
        ("2026-02-07", "", "2026-02-07 has no trading session by the calendar"),
        ("2026-02-10", "", "no journal has anything for 2026-02-10"),
        ("2026-02-30", "", "expected YYYY-MM-DD"),
        ("2026-02-10", "9:75", "expected HH:MM in New York"),
    ],
)
def test_what_cannot_be_answered_is_refused(tmp_path: Any, date: str, time: str, said: str) -> None:
    """No session, nothing journalled, no date, no time: the command ends with exit code 2."""
    config = ROOT / "config"
    with pytest.raises(ConfigError, match=said):
        explain.run(DayQuery(date=date, config=config, runs=tmp_path), time=time)
