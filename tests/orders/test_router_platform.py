"""The client's words about its platform on their way to risk."""

import pytest

from services.domain.messages.link import Report, ReportAck, ReportBatch
from services.domain.messages.orders import LinkState, LinkStatus, PlatformState
from tests.support.order_builder import STREAM, hello, minute, platform_state
from tests.support.router_builder import RouterRun, of_type


def reported(number: int, killed_by: str = "ann", connection: int = 1) -> ReportBatch:
    """One call that reports the platform."""
    state = platform_state(report_sequence=number, killed_by=killed_by, at_ns=minute(10))
    return ReportBatch(
        client="nt",
        reports=(Report(state=state),),
        now_ns=minute(10),
        connection=connection,
        report_stream=STREAM,
    )


def test_the_platforms_state_reaches_risk_once_and_in_order() -> None:
    """Numbered like every report: repeated it is a duplicate, beyond a gap it waits."""
    run = RouterRun().link()
    (state,) = of_type(PlatformState, run.send(reported(1)))
    assert state.killed_by == "ann"
    assert of_type(PlatformState, run.send(reported(1))) == []
    assert of_type(PlatformState, run.send(reported(3, ""))) == []
    assert [s.killed_by for s in of_type(PlatformState, run.send(reported(2, "")))] == [""]


@pytest.mark.parametrize("roll", [False, True], ids=["same date", "next date"])
def test_a_platform_report_with_a_taken_number_and_another_content_is_a_mismatch(
    *, roll: bool
) -> None:
    """One that lifts the kill latch under the number of another is no repetition of it."""
    run = RouterRun().link()
    run.send(reported(1))
    if roll:
        run.router.carry()
    assert of_type(LinkStatus, run.send(reported(1))) == []
    again = run.send(reported(1, ""))
    assert of_type(PlatformState, again) == []
    assert [(s.state, s.text) for s in of_type(LinkStatus, again)] == [
        (LinkState.MISMATCH, "report 1 came again with another content")
    ]


def test_a_restarted_router_knows_how_far_the_platform_was_reported() -> None:
    """The number is folded: the client may forget the report, and risk has it in its journal."""
    run = RouterRun().link()
    run.send(reported(1))
    again = run.restart(epoch=2)
    assert again.status().last_report_sequence == 1


def test_a_client_of_another_account_reports_no_platform() -> None:
    """It was refused at its hello: no report of it reaches risk."""
    run = RouterRun()
    run.send(hello(account="Live7"))
    said = run.send(reported(1))
    assert of_type(PlatformState, said) == []
    assert of_type(LinkStatus, said) == []
    (ack,) = of_type(ReportAck, said)
    assert ack.refused == "client nt has no accepted hello"
