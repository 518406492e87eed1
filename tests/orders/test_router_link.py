"""The link: who may connect, by what an account is judged, what a lost link means."""

from typing import Any

import pytest

from services.domain.errors import NewerRouterError
from services.domain.identity import report_digest
from services.domain.messages.control import LoopPaused
from services.domain.messages.link import (
    ClientWelcome,
    Instruction,
    LinkLost,
    ReportAck,
    SnapshotAck,
    SnapshotPage,
    SnapshotScope,
)
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import (
    AccountSnapshot,
    Execution,
    HeldPosition,
    LinkState,
    LinkStatus,
    OrderRole,
)
from services.domain.messages.strategy import Side
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_SECOND
from tests.support.order_builder import (
    STREAM,
    ack,
    batch,
    begun,
    command,
    commands_request,
    fill,
    hello,
    snapshot,
)
from tests.support.router_builder import RouterRun, of_type, sent_command_ids

_HELD = (HeldPosition("MNQ 03-26", 1),)


def _links(said: list[Message]) -> list[LinkState]:
    return [status.state for status in of_type(LinkStatus, said)]


def _texts(said: list[Message]) -> list[str]:
    return [status.text for status in of_type(LinkStatus, said)]


def _requests(said: list[Message]) -> list[SnapshotScope]:
    items = of_type(Instruction, said)
    return [item.snapshot.scope for item in items if item.snapshot is not None]


def _holding() -> RouterRun:
    # One contract bought, its fill journalled.
    run = RouterRun().link()
    run.send(command("c1"), batch(ack(1, "c1"), fill(2, "c1")))
    return run


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"account": "Live7"}, "account is Live7, the desk trades Sim101"),
        ({"mode": TimeMode.LIVE}, "mode is LIVE, the desk runs PLAYBACK"),
        ({"run": "run0"}, "client has the memory of run run0, this is run run1"),
    ],
)
def test_a_wrong_client_is_refused_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    """Refused in the welcome, shown to risk as a link that is down, its stream closed."""
    run = RouterRun()
    said = run.send(hello(**changes))
    (welcome,) = of_type(ClientWelcome, said)
    assert (welcome.accepted, welcome.reason) == (False, reason)
    assert [(s.state, s.text) for s in of_type(LinkStatus, said)] == [(LinkState.DOWN, reason)]
    (closed,) = of_type(Instruction, run.send(commands_request()))
    assert closed.closing == "client nt has no accepted hello"


def test_a_router_that_meets_a_client_of_a_newer_one_ends_with_that_sentence() -> None:
    """Two routers of one run: the older one must not send a single command more."""
    with pytest.raises(NewerRouterError, match="has obeyed router epoch 2, this one is 1"):
        RouterRun().send(hello(highest_epoch=2))


def test_the_right_client_is_welcomed_and_reconciled_by_its_snapshot() -> None:
    """The allowed neighbour: same account, same mode, an epoch not above ours."""
    run = RouterRun()
    said = run.send(hello(highest_epoch=1))
    (welcome,) = of_type(ClientWelcome, said)
    assert (welcome.accepted, welcome.epoch, welcome.connection) == (True, 1, 1)
    assert (welcome.run, welcome.account, welcome.nonce) == ("run1", "Sim101", "n1")
    assert _texts(said) == ["waiting for the snapshot of the account"]
    said = run.send(commands_request(), snapshot())
    assert _links(said) == [LinkState.RECONCILED]
    assert [shown.positions for shown in of_type(AccountSnapshot, said)] == [()]


def test_a_second_client_is_refused_while_the_first_has_the_stream() -> None:
    """One account, one client; the first one's link is not touched by the attempt."""
    run = RouterRun().link()
    said = run.send(hello(client="other", report_stream="s2"))
    assert [w.accepted for w in of_type(ClientWelcome, said)] == [False]
    assert of_type(LinkStatus, said) == []
    run.send(LinkLost(client="nt", text="broken"))
    other = run.send(hello(client="other", report_stream="s2"))
    assert [w.accepted for w in of_type(ClientWelcome, other)] == [True]


def test_a_late_hello_changes_nothing_after_a_fill() -> None:
    """Flat when it was sent, holding now: a healthy link stays RECONCILED."""
    run = _holding()
    run.send(*begun(connection=2, last_report_sequence=2, positions=_HELD))
    said = run.send(hello(connection=1))
    assert [w.reason for w in of_type(ClientWelcome, said)] == [
        "connection 1 came late, the newest is 2"
    ]
    assert of_type(LinkStatus, said) == []
    assert run.router.status().link is LinkState.RECONCILED
    assert sent_command_ids(run.send(command("c2"))) == ["c2"]


def test_a_late_hello_and_snapshot_do_not_heal_a_mismatch() -> None:
    """A trade by hand made the link a MISMATCH; what was sent before it proves nothing."""
    run = RouterRun()
    greeting, request, page = begun()
    run.send(greeting, request, page)
    by_hand = fill(1, "", role=OrderRole.EXTERNAL, position_id="")
    assert _links(run.send(batch(by_hand))) == [LinkState.MISMATCH]
    assert of_type(LinkStatus, run.send(greeting, page)) == []
    assert run.router.status().link is LinkState.MISMATCH


def test_a_repeated_hello_leaves_the_open_stream_open() -> None:
    """The same hello once more is welcomed as before, and commands go on leaving."""
    run = RouterRun().link()
    said = run.send(hello())
    assert [w.accepted for w in of_type(ClientWelcome, said)] == [True]
    assert of_type(LinkStatus, said) == []
    assert sent_command_ids(run.send(command("c1"))) == ["c1"]


def test_a_newer_connection_with_the_same_memory_replaces_the_first_and_tells_it() -> None:
    """The older stream gets its reason; its reports and pages are not accepted any more."""
    run = RouterRun().link()
    said = run.send(hello(connection=2))
    (closed,) = [item for item in of_type(Instruction, said) if item.closing]
    assert (closed.connection, closed.replaced_by) == (1, 2)
    assert closed.closing == "client nt connected again as connection 2"
    (refused,) = of_type(ReportAck, run.send(batch(ack(1, "c1"))))
    assert refused.refused == "connection 1 of nt is not the newest, 2 is"
    (page,) = of_type(SnapshotAck, run.send(snapshot()))
    assert (page.accepted, page.text) == (False, "connection 1 is not the newest, 2 is")
    assert of_type(LinkStatus, run.send(LinkLost(client="nt", text="broken", connection=1))) == []


def test_a_connection_with_another_memory_is_refused_while_the_first_lives() -> None:
    """The same name from another disk: two platforms. After the first has ended it is welcome."""
    run = RouterRun().link()
    (welcome,) = of_type(ClientWelcome, run.send(hello(report_stream="s2")))
    assert welcome.reason == (
        "client nt is connected already, with another memory: report stream s1, not s2"
    )
    run.send(LinkLost(client="nt", text="broken", connection=1))
    (welcome,) = of_type(ClientWelcome, run.send(hello(report_stream="s2")))
    assert (welcome.accepted, welcome.continues) == (True, False)


def test_a_client_without_a_stream_is_down_after_two_seconds() -> None:
    """It introduced itself and went: nobody keeps believing that it is there."""
    run = RouterRun(mode=TimeMode.LIVE)
    run.send(hello(mode=TimeMode.LIVE))
    assert run.advance(run.now + 2 * NANOS_PER_SECOND - 1) == []
    said = run.advance(run.now + 1)
    assert _texts(said) == ["client nt has opened no stream in 2 s"]
    assert run.router.status().link is LinkState.DOWN


def test_positions_that_differ_are_a_mismatch_with_names_and_numbers() -> None:
    """The sentence names contract, ours and theirs; the account's own positions ride along."""
    run = _holding()
    account = (HeldPosition("MES 03-26", -2),)
    said = run.send(*begun(connection=2, last_report_sequence=2, positions=account))
    status = of_type(LinkStatus, said)[-1]
    assert status.state is LinkState.MISMATCH
    assert status.text == "MES 03-26: desk +0, account -2; MNQ 03-26: desk +1, account +0"
    assert status.positions == account


def test_fills_in_flight_are_awaited_before_positions_are_compared() -> None:
    """The account shows a fill that the client has numbered and we have not journalled."""
    run = RouterRun().link()
    run.send(command("c1"), batch(ack(1, "c1")), LinkLost(client="nt", text="broken"))
    said = run.send(hello(connection=2, last_report_sequence=2))
    assert _texts(said) == ["waiting for reports 2 to 2 and the snapshot of the account"]
    assert [w.last_report_sequence for w in of_type(ClientWelcome, said)] == [1]
    run.send(commands_request(connection=2))
    said = run.send(snapshot(connection=2, report_sequence=2, positions=_HELD))
    assert _links(said) == []
    assert _links(run.send(batch(fill(2, "c1"), connection=2))) == [LinkState.RECONCILED]


def test_a_snapshot_older_than_the_last_report_is_made_again() -> None:
    """Reports went on meanwhile: it shows a moment that has passed, and is judged by nobody."""
    run = _holding()
    greeting, request, page = begun(connection=2, last_report_sequence=2, positions=_HELD)
    run.send(greeting, request, batch(ack(3, "c1"), connection=2))
    (answer,) = of_type(SnapshotAck, run.send(page))
    assert (answer.accepted, answer.again) == (False, True)
    again = snapshot(connection=2, report_sequence=3, positions=_HELD)
    assert _links(run.send(again)) == [LinkState.RECONCILED]


def test_a_snapshot_of_several_pages_is_judged_when_it_is_whole() -> None:
    """In order, of one moment; a first page begins anew, a skipped one is refused."""
    run = RouterRun()
    run.send(hello(), commands_request())
    pages = [snapshot(page=n, pages=3) for n in (1, 2, 3)]
    assert _links(run.send(pages[0])) == []
    (answer,) = of_type(SnapshotAck, run.send(pages[2]))
    assert answer.text == "page 3 of 3, expected page 2 of the same moment"
    assert _links(run.send(*pages)) == [LinkState.RECONCILED]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"nonce": "n9"}, "nonce n9 is not of the snapshot that is awaited"),
        ({"epoch": 7}, "router epoch is 1, not 7"),
        ({"connection": 2, "nonce": "n1"}, "connection 2 is not the newest, 1 is"),
        ({"client": "stranger"}, "client stranger has no accepted hello"),
        ({"scope": SnapshotScope.LIGHT}, "scope is LIGHT, FULL is awaited"),
    ],
)
def test_a_page_of_another_snapshot_changes_nothing(changes: dict[str, Any], text: str) -> None:
    """Bound to nonce, connection and epoch; the right one is judged after it."""
    run = RouterRun()
    run.send(hello(), commands_request())
    said = run.send(snapshot(positions=_HELD, **changes))
    assert [(a.accepted, a.text) for a in of_type(SnapshotAck, said)] == [(False, text)]
    assert of_type(LinkStatus, said) == []
    assert _links(run.send(snapshot())) == [LinkState.RECONCILED]


def test_a_missed_fill_is_found_in_the_snapshot_and_booked_once() -> None:
    """Lost between platform and client: it has no number, and the account shows it."""
    run = RouterRun().link()
    run.send(command("c1"), batch(ack(1, "c1")))
    greeting, request, page = begun(connection=2, last_report_sequence=1, positions=_HELD)
    shown = _with_executions(page, fill(0, "c1", execution_id="e7"))
    said = run.send(greeting, request, shown)
    assert [e.execution_id for e in of_type(Execution, said)] == ["e7"]
    assert _links(said)[-1] is LinkState.RECONCILED
    said = run.send(batch(fill(2, "c1", execution_id="e7"), connection=2))
    assert of_type(Execution, said) == []
    assert run.router.status().holdings == _HELD


def test_executions_from_before_the_first_comparison_are_not_booked() -> None:
    """A morning traded by hand, flat again, is not the desk's; later hand trades are."""
    run = RouterRun()
    greeting, request, page = begun()
    morning = [
        fill(0, "", execution_id=f"m{n}", role=OrderRole.EXTERNAL, position_id="", side=side)
        for n, side in enumerate((Side.LONG, Side.SHORT))
    ]
    said = run.send(greeting, request, _with_executions(page, *morning))
    assert of_type(Execution, said) == []
    assert _links(said)[-1] is LinkState.RECONCILED
    greeting, request, page = begun(connection=2, positions=_HELD)
    noon = fill(0, "", execution_id="n1", role=OrderRole.EXTERNAL, position_id="")
    said = run.send(greeting, request, _with_executions(page, *morning, noon))
    assert [e.execution_id for e in of_type(Execution, said)] == ["n1"]
    assert LinkState.MISMATCH in _links(said)


def test_a_client_with_a_new_disk_is_reconciled_by_executions() -> None:
    """Its numbers begin anew after ours; what it kept of another numbering is no duplicate."""
    run = _holding()
    run.send(LinkLost(client="nt", text="broken", connection=1))
    greeting, request, page = begun(report_stream="s2", positions=_HELD)
    (welcome,) = of_type(ClientWelcome, run.send(greeting))
    assert (welcome.continues, welcome.last_report_sequence) == (False, 2)
    first = _with_executions(_at(page, 2), fill(0, "c1", execution_id="e2"))
    said = run.send(request, first)
    assert of_type(Execution, said) == []
    assert _links(said) == [LinkState.RECONCILED]


def test_reports_that_cannot_come_any_more_are_reconciled_by_executions() -> None:
    """The desk is older than the client's memory: DOWN with both numbers until the snapshot."""
    run = RouterRun().link()
    run.send(command("c1"), batch(ack(1, "c1")), LinkLost(client="nt", text="broken"))
    greeting, request, page = begun(
        connection=2, last_report_sequence=9, oldest_report_sequence=8, positions=_HELD
    )
    said = run.send(greeting)
    assert _texts(said) == [
        "reports 2 to 7 cannot come any more: waiting for the snapshot of the account"
    ]
    (welcome,) = of_type(ClientWelcome, said)
    assert (welcome.continues, welcome.last_report_sequence) == (True, 7)
    run.send(request, batch(ack(8, "c1"), ack(9, "c1"), connection=2))
    said = run.send(_with_executions(page, fill(0, "c1", execution_id="e5")))
    assert [e.execution_id for e in of_type(Execution, said)] == ["e5"]
    assert _links(said) == [LinkState.RECONCILED]


def test_a_client_whose_last_report_is_another_one_is_numbered_anew() -> None:
    """Same numbering by its id, another content under the last number: its disk went back."""
    run = _holding()
    run.send(LinkLost(client="nt", text="broken"))
    right = report_digest(fill(2, "c1"))
    assert _continues(run, connection=2, last_report_sequence=2, last_report_digest=right)
    assert not _continues(run, connection=3, last_report_sequence=2, last_report_digest="x")
    assert not _continues(run, connection=4, last_report_sequence=1)


def test_a_pause_of_the_own_loop_asks_for_a_snapshot_before_an_entry_leaves() -> None:
    """What happened meanwhile is not known; an exit leaves at once, the entry when it is judged."""
    run = RouterRun(mode=TimeMode.LIVE)
    run.send(hello(mode=TimeMode.LIVE), commands_request(), snapshot())
    said = run.send(LoopPaused(paused_ms=700, at_ns=run.now))
    assert _requests(said) == [SnapshotScope.FULL]
    assert _texts(said) == ["own loop stood still for 700 ms: waiting for a snapshot"]
    assert sent_command_ids(run.send(command("c1"), command("x1"))) == []
    nonce = next(i.snapshot.nonce for i in of_type(Instruction, said) if i.snapshot is not None)
    assert sent_command_ids(run.send(snapshot(nonce=nonce))) == ["c1", "x1"]


def test_a_live_account_is_looked_at_every_five_seconds_and_whole_every_minute() -> None:
    """Light, and with the day's executions every 60 s; in playback never between stamps."""
    run = RouterRun(mode=TimeMode.LIVE)
    run.send(hello(mode=TimeMode.LIVE), commands_request(), snapshot())
    scopes = []
    for _ in range(13):
        (item,) = of_type(Instruction, run.advance(run.now + 5 * NANOS_PER_SECOND))
        assert item.snapshot is not None
        scopes.append(item.snapshot.scope)
        run.send(snapshot(nonce=item.snapshot.nonce, scope=item.snapshot.scope))
    assert [n for n, scope in enumerate(scopes, 1) if scope is SnapshotScope.FULL] == [12]
    assert RouterRun().link().router.next_deadline() is None


def test_a_snapshot_that_does_not_come_takes_the_link_down() -> None:
    """The client answers calls and never the question: after 10 s no entry leaves."""
    run = RouterRun(mode=TimeMode.LIVE)
    run.send(hello(mode=TimeMode.LIVE), commands_request(), snapshot())
    run.advance(run.now + 5 * NANOS_PER_SECOND)
    said = run.advance(run.now + 10 * NANOS_PER_SECOND)
    assert _texts(said) == ["no snapshot of the account for 10 s: asked for again"]
    assert _requests(said) == [SnapshotScope.FULL]
    assert run.router.status().link is LinkState.DOWN


def test_a_lost_link_is_published_once_and_only_for_the_present_client() -> None:
    """A stranger's broken stream, or one that was replaced meanwhile, changes nothing."""
    run = RouterRun().link()
    assert run.send(LinkLost(client="stranger", text="broken")) == []
    run.send(*begun(connection=2))
    assert run.send(LinkLost(client="nt", text="the older stream", connection=1)) == []
    said = run.send(LinkLost(client="nt", text="broken", connection=2))
    assert [(s.state, s.text) for s in of_type(LinkStatus, said)] == [(LinkState.DOWN, "broken")]


def test_status_names_why_no_entry_can_be_sent() -> None:
    """Reasons while the link is down, none while it is open and reconciled."""
    run = RouterRun()
    assert run.router.status().not_ready == (
        "no client is connected",
        "link DOWN: no client has connected",
    )
    run.link()
    status = run.router.status()
    assert (status.not_ready, status.client, status.stream_open) == ((), "nt", True)
    assert run.router.linked_client == "nt"


def _with_executions(page: SnapshotPage, *executions: Execution) -> SnapshotPage:
    return SnapshotPage(**{**_fields(page), "executions": executions})


def _at(page: SnapshotPage, report_sequence: int) -> SnapshotPage:
    return SnapshotPage(**{**_fields(page), "report_sequence": report_sequence})


def _fields(page: SnapshotPage) -> dict[str, Any]:
    return {name: getattr(page, name) for name in page.__struct_fields__}


def _continues(run: RouterRun, **changes: Any) -> bool:
    (welcome,) = of_type(ClientWelcome, run.send(hello(report_stream=STREAM, **changes)))
    return welcome.continues
