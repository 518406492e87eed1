"""What comes in pages after a start is handled in the order it had in lock-step."""

from collections.abc import Mapping

import pytest

from services.domain.messages.orders import LinkState, LinkStatus, OrderRole
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.runtime.bus import Envelope
from services.runtime.catch_up import CatchUp
from services.strategies.host import Host
from tests.support.risk_builder import CLOSE, RiskDesk, at, evaluated, ready_desk, session_minute
from tests.support.session_builder import Day
from tests.support.stream_builder import clock
from tests.support.worker_builder import mark, minute, position, solo


class _Alternating:
    # A machine for which the streams take turns, `a` first.
    def __init__(self) -> None:
        self.handled: list[str] = []

    def first_of(self, waiting: Mapping[str, Message], at_end: frozenset[str]) -> str | None:
        wanted = "ab"[len(self.handled) % 2]
        if wanted in waiting:
            return wanted
        return next(iter(waiting)) if wanted in at_end else None


def _run(machine: _Alternating, catch_up: CatchUp) -> None:
    for envelope in catch_up.due():
        machine.handled.append(f"{envelope.stream}{envelope.sequence}")


def _envelope(stream: str, sequence: int) -> Envelope:
    return Envelope(stream, 1, sequence, UnixNanos(1), clock(sequence))


def test_what_comes_far_ahead_is_held_until_its_turn() -> None:
    """A page of one stream waits for the other; at the end of that one it goes on alone."""
    machine = _Alternating()
    catch_up = CatchUp(machine, begun_ns=0)
    for n in (1, 2, 3):
        catch_up.add(_envelope("b", n))
    _run(machine, catch_up)
    assert machine.handled == []
    for n in (1, 2):
        catch_up.add(_envelope("a", n))
    _run(machine, catch_up)
    assert machine.handled == ["a1", "b1", "a2", "b2"]
    assert [envelope.sequence for envelope in catch_up.rest()] == [3]
    catch_up.at_end = frozenset({"a"})
    _run(machine, catch_up)
    assert machine.handled[-1] == "b3"


_NO_END: frozenset[str] = frozenset()


def test_a_worker_takes_a_minute_after_its_mark_and_before_what_follows_the_mark() -> None:
    """Positions of the afternoon wait while the minutes of the morning are evaluated."""
    host, day = solo("edge_fade"), Day()
    first, held = minute(day.bar(1, 24_000.0), required_report_sequence=2), position("edge_fade")
    waiting: dict[str, Message] = {"position": mark(2)}
    assert host.first_of(waiting, _NO_END) is None, "no minute shows where it belongs"
    assert host.first_of(waiting, frozenset({"session"})) == "position"
    assert host.first_of({"session": first}, _NO_END) is None
    assert host.first_of({**waiting, "session": first}, _NO_END) == "position"
    _handle(host, mark(2))
    assert host.first_of({"position": held, "session": first}, _NO_END) == "session"
    _handle(host, minute(day.bar(2, 24_000.0), required_report_sequence=3))
    assert host.first_of({"position": held, "session": first}, _NO_END) == "position"


def _handle(host: Host, message: Message) -> None:
    list(host.on_message(message, UnixNanos(1)))


def test_risk_takes_reports_before_the_minute_that_requires_them_and_no_others() -> None:
    """A minute in the barrier waits for its answers, the next one for its settlement."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:29")
    now, following = at("10:31"), at("10:32")
    minute_of_now = session_minute(now, required_report_sequence=desk.reports)
    report = desk.fill(entry, CLOSE + 80, role=OrderRole.TARGET)
    next_minute = session_minute(following, required_report_sequence=report.report_sequence)
    waiting: dict[str, Message] = {"report": report}
    assert desk.gate.first_of(waiting, _NO_END) is None, "no minute shows where it belongs"
    assert desk.gate.first_of(waiting, frozenset({"session"})) == "report"
    assert desk.gate.first_of({**waiting, "session": minute_of_now}, _NO_END) == "session"
    desk.send(minute_of_now, now=now)
    waiting["session"] = next_minute
    early, answer = evaluated("fade", following), evaluated("fade", now)
    assert desk.gate.first_of({**waiting, "candidate.s": early}, _NO_END) is None
    assert desk.gate.first_of({**waiting, "candidate.s": answer}, _NO_END) == "candidate.s"
    desk.send(*(evaluated(name, now) for name in ("fade", "reversal", "es_fade")))
    assert desk.gate.first_of(waiting, _NO_END) == "report"
    desk.send(report)
    del waiting["report"]
    assert desk.gate.first_of(waiting, _NO_END) is None, "another one may have come with it"
    assert desk.gate.first_of(waiting, frozenset({"report"})) == "session"


@pytest.mark.parametrize(("said", "first"), [("10:30", "report"), ("10:31", "session")])
def test_risk_takes_what_was_said_of_the_link_before_a_minute_closed_first(
    said: str, first: str
) -> None:
    """It has no number of its own: under one that the minute requires its time decides."""
    desk = ready_desk()
    waiting: dict[str, Message] = {
        "session": session_minute(at("10:31"), required_report_sequence=desk.reports),
        "report": _reconciled(desk, at(said)),
    }
    assert desk.gate.first_of(waiting, _NO_END) == first


def test_while_the_link_is_lost_a_minute_in_the_barrier_takes_reports() -> None:
    """One of them is that the link is back, and the minute waits for it."""
    desk = ready_desk()
    desk.link(LinkState.DOWN)
    desk.send(session_minute(at("10:31"), required_report_sequence=desk.reports), now=at("10:31"))
    back: dict[str, Message] = {"report": _reconciled(desk, at("10:31"))}
    assert desk.gate.first_of(back, _NO_END) == "report"


def _reconciled(desk: RiskDesk, now: UnixNanos) -> LinkStatus:
    return LinkStatus(
        report_sequence=desk.reports,
        client="nt",
        account="Sim101",
        state=LinkState.RECONCILED,
        text="",
        at_ns=now,
    )
