"""The link: who may connect, what is reconciled, what a lost link means."""

from typing import Any

import pytest

from services.domain.messages.market import TimeMode
from services.domain.messages.orders import (
    ClientWelcome,
    HeldPosition,
    LinkLost,
    LinkState,
    LinkStatus,
)
from tests.support.order_builder import ack, batch, command, commands_request, fill, hello
from tests.support.router_builder import RouterRun, of_type

_HELD = (HeldPosition("MNQ 03-26", 1),)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"account": "Live7"}, "account is Live7, the desk trades Sim101"),
        ({"mode": TimeMode.LIVE}, "mode is LIVE, the desk runs PLAYBACK"),
        ({"highest_epoch": 2}, "client has obeyed router epoch 2, this one is 1"),
    ],
)
def test_a_wrong_client_is_refused_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    """Refused in the welcome, told to risk as a link that is down."""
    run = RouterRun()
    said = run.send(hello(**changes))
    (welcome,) = of_type(ClientWelcome, said)
    assert (welcome.accepted, welcome.reason) == (False, reason)
    assert [(s.state, s.text) for s in of_type(LinkStatus, said)] == [(LinkState.DOWN, reason)]
    assert run.send(commands_request()) == []


def test_the_right_client_is_welcomed_and_reconciled() -> None:
    """The allowed neighbour: same account, same mode, an epoch not above ours."""
    run = RouterRun()
    said = run.send(hello(highest_epoch=1))
    (welcome,) = of_type(ClientWelcome, said)
    assert (welcome.accepted, welcome.epoch) == (True, 1)
    assert (welcome.run, welcome.account) == ("run1", "Sim101")
    assert [s.state for s in of_type(LinkStatus, said)] == [LinkState.RECONCILED]


def test_a_second_client_is_refused_while_the_first_has_the_stream() -> None:
    """One account, one client; the first one's link is not touched by the attempt."""
    run = RouterRun().link()
    said = run.send(hello(client="other"))
    assert [w.accepted for w in of_type(ClientWelcome, said)] == [False]
    assert of_type(LinkStatus, said) == []
    run.send(LinkLost(client="nt", text="broken"))
    assert [w.accepted for w in of_type(ClientWelcome, run.send(hello(client="other")))] == [True]


def test_positions_that_differ_are_a_mismatch_with_names_and_numbers() -> None:
    """The sentence names contract, ours and theirs; the account's own positions ride along."""
    run = RouterRun().link()
    run.send(command("c1"), batch(ack(1, "c1"), fill(2, "c1")))
    said = run.send(hello(last_report_sequence=2, positions=(HeldPosition("MES 03-26", -2),)))
    (status,) = of_type(LinkStatus, said)
    assert status.state is LinkState.MISMATCH
    assert status.text == "MES 03-26: desk +0, account -2; MNQ 03-26: desk +1, account +0"
    assert status.positions == (HeldPosition("MES 03-26", -2),)


def test_fills_in_flight_are_awaited_before_positions_are_compared() -> None:
    """The account shows a fill that the client has numbered and we have not journalled."""
    run = RouterRun().link()
    run.send(command("c1"), batch(ack(1, "c1")), LinkLost(client="nt", text="broken"))
    said = run.send(hello(last_report_sequence=2, positions=_HELD, known_commands=("c1",)))
    assert [(s.state, s.text) for s in of_type(LinkStatus, said)] == [
        (LinkState.DOWN, "waiting for reports 2 to 2")
    ]
    assert [w.last_report_sequence for w in of_type(ClientWelcome, said)] == [1]
    said = run.send(commands_request(), batch(fill(2, "c1")))
    assert [s.state for s in of_type(LinkStatus, said)] == [LinkState.RECONCILED]


def test_a_lost_link_is_published_once_and_only_for_the_present_client() -> None:
    """A stranger's broken stream, or one that was replaced meanwhile, changes nothing."""
    run = RouterRun().link()
    assert run.send(LinkLost(client="stranger", text="broken")) == []
    run.send(hello())
    assert run.send(LinkLost(client="nt", text="the older stream")) == []
    run.send(commands_request())
    said = run.send(LinkLost(client="nt", text="broken"))
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
