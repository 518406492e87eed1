"""Whatever outsiders write is shown as it is: hostile text × fields × screens and pages."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.cli import doctor, status
from services.cli.show_trace import show_day, show_minute
from services.cli.summary import Summary
from services.cli.timeline_table import timeline_table
from services.domain.messages.control import Kill
from services.domain.messages.market import FaultKind, FeedFault
from services.domain.messages.orders import AckStatus, CommandAck, OrderUpdate
from services.domain.messages.risk import Alert, Check, StateChanged, TradingState
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Evaluated, NoTrade
from services.domain.messages.union import Event
from services.domain.units import UnixNanos
from services.review.chart.chart_data import chart_data
from services.review.chart.page import page_of
from services.review.day.record import DayRecord
from services.review.narration import Narrator
from services.review.trace.day import day_trace
from services.review.trace.minute import minute_trace
from services.runtime import codec
from services.runtime.terminal import open_console
from tests.support.doctor_desk import ORDERS, RISK, DoctorDesk
from tests.support.hostile_text import HOSTILE, shown, without_layout
from tests.support.played_day import FADE, messages_of, played_day, with_candidate

NQ = "NQ 03-26"
_TEXTS = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())


def _reading() -> SessionUpdate:
    return next(u for u in played_day(FADE).updates[NQ] if u.minute_of_rth == 130)


def _hostile_day(text: str) -> tuple[DayRecord, SessionUpdate]:
    """The fade day with a text in everything that an outsider has words in, at one stamp."""
    at = _reading()
    check = Check("DAILY_LOSS", passed=False, text=f"check {text}")
    record = with_candidate(played_day(FADE), at, {"text": f"decision {text}", "checks": (check,)})
    added: list[Event] = [_worded(message, at, text) for message in messages_of(record)]
    now = at.close_ns
    added += [
        StateChanged(state=TradingState.KILLED, reason=f"state {text}", at_ns=now),
        Alert(code="SLIPPAGE", text=f"alert {text}", at_ns=now),
        FeedFault(
            contract=NQ,
            at_ns=now,
            kind=FaultKind.BAD_VOLUME,
            text=f"fault {text}",
            blocks_entries=True,
        ),
    ]
    return DayRecord(FADE, run=f"run {text}", messages=added), at


def _worded(message: Event, at: SessionUpdate, text: str) -> Event:
    if isinstance(message, Evaluated) and message.close_ns == at.close_ns:
        answers = tuple(
            msgspec.structs.replace(
                answer,
                candidates=tuple(
                    msgspec.structs.replace(c, reason=f"candidate {text}")
                    for c in answer.candidates
                ),
                no_trade=answer.no_trade and NoTrade("outside", f"no trade {text}"),
            )
            for answer in message.answers
        )
        return msgspec.structs.replace(message, answers=answers)
    if isinstance(message, CommandAck):
        return msgspec.structs.replace(
            message, status=AckStatus.REFUSED, text=f"answer {text}", at_ns=at.close_ns
        )
    if isinstance(message, OrderUpdate):
        return msgspec.structs.replace(message, text=f"broker {text}")
    return message


def _printed(*each: object) -> str:
    console = open_console(io.StringIO(), width=160)
    for part in each:
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _is_whole(text: str, printed: str, *fields: str) -> None:
    plain = without_layout(printed)
    for field in fields:
        assert without_layout(f"{field} {shown(text)}") in plain, field
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", printed)


@_TEXTS
def test_explain_shows_it(text: str) -> None:
    """The minute and the day: reasons, verdicts, checks, states, alerts, faults, answers."""
    record, at = _hostile_day(text)
    minute, day = (open_console(io.StringIO(), width=160) for _ in range(2))
    show_minute(minute, minute_trace(record, at.close_ns))
    show_day(day, day_trace(record))
    assert isinstance(minute.file, io.StringIO)
    assert isinstance(day.file, io.StringIO)
    _is_whole(text, minute.file.getvalue(), "candidate", "decision", "check", "no trade", "alert")
    # In a table's narrow column only short texts are on one line.
    _is_whole(text, day.file.getvalue(), "state", "alert", "fault")


@_TEXTS
def test_demo_and_replay_show_it(text: str) -> None:
    """The narration and the summary behind it."""
    record, _ = _hostile_day(text)
    narrator, summary = Narrator(NQ), Summary()
    messages = [*messages_of(record)]
    for message in messages:
        summary.add(message)
    events = [*narrator.add(messages), *narrator.flush()]
    _is_whole(text, _printed(timeline_table(events)), "decision", "state")
    console = open_console(io.StringIO(), width=160)
    summary.show(console)
    assert isinstance(console.file, io.StringIO)
    _is_whole(text, console.file.getvalue(), "state")


@_TEXTS
def test_the_chart_escapes_it(text: str) -> None:
    """The page has no tag, no script and no control character that a text brought along."""
    record, _ = _hostile_day(text)
    page, clean = page_of(chart_data(record)), page_of(chart_data(_hostile_day("calm")[0]))
    for tag in ("<script", "</script", "<!--", "<b>", "<a "):
        assert page.count(tag) == clean.count(tag), tag
    controls = re.compile("[\x00-\x08\x0b-\x1f\x7f]")  # plotly has one of its own
    assert len(controls.findall(page)) == len(controls.findall(clean))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[DoctorDesk]:
    """A desk's folder whose services answer on their ports."""
    with DoctorDesk(tmp_path) as desk:
        yield desk


def test_status_and_doctor_show_it(
    served: DoctorDesk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every text in what services answer, all of the hostile ones at once; JSON stays JSON."""
    monkeypatch.setenv("COLUMNS", "160")
    texts = tuple(text for name, text in HOSTILE.items() if name != "long")
    risk: dict[str, Any] = {
        **RISK,
        "state": "KILLED",
        "reason": " | ".join(texts),
        "not_ready": texts,
        "latches": texts,
    }
    orders = {**ORDERS, "client": " | ".join(texts), "link": "DOWN", "not_ready": texts}
    served.serve_status("risk", risk, ready=False, reasons=texts)
    served.serve_status("orders", orders, ready=False, reasons=texts)
    served.serve_status("state", {"what [/b]": " | ".join(texts)})
    served.serve_all()
    code = status.run(served.path)
    printed = capsys.readouterr().out
    assert code == 1
    for text in texts:
        assert without_layout(printed).count(without_layout(shown(text))) >= 3, text
    assert "\x1b" not in printed
    assert doctor.run(served.path, as_json=False, send_to_risk=False) == 1
    table = capsys.readouterr().out
    assert "\x1b" not in table
    assert "[/now]" in without_layout(table)
    assert doctor.run(served.path, as_json=True, send_to_risk=False) == 1
    found = msgspec.json.decode(capsys.readouterr().out)
    assert any(texts[0] in finding["found"] for finding in found["findings"])


@_TEXTS
def test_the_wire_carries_it(text: str) -> None:
    """A reason comes out of a frame as it went in, whatever is in it."""
    kill = Kill(operator=text, reason=text, flatten=False, at_ns=UnixNanos(1), strategy=text)
    assert codec.decode(_type_of(kill), codec.encode(kill)) == kill


def _type_of(message: Kill) -> int:
    from services.domain.topics import BY_TYPE

    return BY_TYPE[type(message)].type_id
