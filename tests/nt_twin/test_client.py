"""The client against a desk in memory: lock-step, settles, history, pace, and its own duties."""

import pytest
from msgspec.structs import replace

from services.domain.errors import FeedRefusedError
from services.domain.messages.link import (
    ClientHello,
    ClientWelcome,
    CommandsRequest,
    Instruction,
    ReportBatch,
    SnapshotPage,
)
from services.domain.messages.market import Bar, FaultKind, FeedBatch, FeedHello, FeedWelcome
from services.domain.messages.orders import (
    AccountValues,
    AckStatus,
    CommandAck,
    Execution,
    LinkState,
    LinkStatus,
)
from services.domain.messages.risk import Action
from services.domain.units import Contracts, Ticks, UnixNanos
from services.nt_twin.client import TwinClient
from services.nt_twin.client_limits import ClientLimits
from services.nt_twin.config import PaceMode
from tests.support.order_builder import DATA, bar, bar_settled, command, minute
from tests.support.router_builder import of_type
from tests.support.scripted_desk import ScriptedDesk, play, step, twin

_FLAT = (1000, 1010, 990, 1000)


def _stamps(first: int = 10, last: int = 13) -> list[tuple[int, tuple[Bar, ...]]]:
    return [
        (n, (bar(n, _FLAT), bar(n, _FLAT, "ES 03-26"), bar(n, _FLAT, "YM 03-26")))
        for n in range(first, last + 1)
    ]


def _clocks(sent: list[object]) -> list[tuple[int, int | None]]:
    batches = (output for output in sent if isinstance(output, FeedBatch))
    return [
        (b.watermark.now_ns, b.watermark.report_sequence)
        for b in batches
        if b.watermark is not None
    ]


def test_the_client_introduces_itself_first() -> None:
    """Feed, orders, stream, the account as its first report; then the market moves."""
    client, desk = twin(_stamps(10, 10)), ScriptedDesk()
    sent = play(client, desk)
    assert [type(output) for output in sent] == [
        FeedHello,
        ClientHello,
        CommandsRequest,
        ReportBatch,
        SnapshotPage,
        FeedBatch,
    ]
    assert client.done
    (hello,) = of_type(FeedHello, sent)
    assert hello.volumetric is True
    assert [(s.contract, s.tick_size_e9, s.point_value_micro_usd) for s in hello.contracts] == [
        ("NQ 03-26", 250_000_000, 20_000_000),
        ("ES 03-26", 250_000_000, 50_000_000),
        ("YM 03-26", 1_000_000_000, 5_000_000),
    ]
    (order_hello,) = of_type(ClientHello, sent)
    assert order_hello.now_ns == minute(9), "before the first bar it is the first bar's open"
    assert [type(m) for m in of_type(AccountValues, desk.published)] == [AccountValues]


def test_a_stamp_in_lock_step() -> None:
    """Commanded at 10, filled at the open of bar 11; the reports precede the stamp's clock."""
    desk = ScriptedDesk({10: (command("c1"),)})
    client = twin(_stamps())
    sent = play(client, desk)
    assert client.done
    assert _clocks(list(sent)) == [
        (minute(10), 1),
        (minute(11), 8),
        (minute(12), 8),
        (minute(13), 8),
    ]
    (fill,) = of_type(Execution, desk.published)
    assert (fill.price, fill.at_ns, fill.report_sequence) == (1001, minute(10), 5)
    states = [status.state for status in of_type(LinkStatus, desk.published)]
    assert states == [LinkState.DOWN, LinkState.RECONCILED]


def test_the_next_stamp_waits_for_every_group_that_had_a_bar() -> None:
    """Two groups, one settled: the client waits and says for whom."""
    client, desk = twin(_stamps()), ScriptedDesk()
    desk.settling = False
    play(client, desk)
    assert [b.watermark.now_ns for b in desk.batches if b.watermark is not None] == [minute(10)]
    client.on_reply(Instruction(epoch=1, client="nt", connection=1, settled=bar_settled(10, "nq")))
    assert client.next_output() is None
    assert client.waiting_for() == "ym to settle 2026-02-06 09:40 ET"
    client.on_reply(Instruction(epoch=1, client="nt", connection=1, settled=bar_settled(10, "ym")))
    assert isinstance(client.next_output(), FeedBatch)


def test_refused_bars_are_not_waited_for() -> None:
    """Every bar of a group refused: no settle comes, and none is expected."""
    client, desk = twin(_stamps()), ScriptedDesk()
    desk.refused[("YM 03-26", minute(11))] = FaultKind.OUTSIDE_SESSION
    desk.refused[("ES 03-26", minute(11))] = FaultKind.BAD_RANGE
    play(client, desk)
    assert client.done


def test_a_stamp_refused_whole_is_not_waited_for() -> None:
    """The gateway used nothing of it; the next stamp follows."""
    client, desk = twin(_stamps()), ScriptedDesk()
    for contract in (DATA, "ES 03-26", "YM 03-26"):
        desk.refused[(contract, minute(11))] = FaultKind.OUTSIDE_SESSION
    play(client, desk)
    assert client.done


def test_history_goes_in_large_batches_and_is_never_settled() -> None:
    """Flagged historical, several stamps per batch, each batch with the clock of its last one."""
    client = twin(_stamps(1, 12), historical_until_ns=minute(10), history_bars_max=9)
    desk = ScriptedDesk({5: (command("never"),)})
    sent = play(client, desk)
    assert client.done
    assert [clock for clock, _ in _clocks(list(sent))] == [minute(n) for n in (3, 6, 9, 10, 11, 12)]
    flags = [bar.historical for batch in desk.batches for bar in batch.bars]
    assert flags == [True] * 30 + [False] * 6


def test_free_pace_sends_what_is_released() -> None:
    """No waiting for settles while playing; done only when everything is settled."""
    client, desk = twin(_stamps(), pace=PaceMode.FREE), ScriptedDesk()
    desk.settling = False
    client.release_until(minute(12))
    play(client, desk)
    assert [b.watermark.now_ns for b in desk.batches if b.watermark is not None] == [
        minute(10),
        minute(11),
        minute(12),
    ]
    assert client.next_close_ns == minute(13)
    client.release_until(minute(13))
    play(client, desk)
    assert not client.done
    desk.settle(13)
    play(client, desk)
    assert client.done


def _linked(client: TwinClient) -> ScriptedDesk:
    """A desk that has linked the client and lets it play nothing."""
    desk = ScriptedDesk()
    desk.settling = False
    play(client, desk)
    return desk


def _reports(client: TwinClient) -> list[CommandAck]:
    reports = client.client_orders.report_queue.oldest(100)
    return [report.ack for report in reports if report.ack is not None]


def test_a_command_is_answered_once_and_its_repetition_named() -> None:
    """DUPLICATE with the first answer's name; the venue sees the entry once."""
    client = twin(_stamps())
    _linked(client)
    item = Instruction(epoch=1, client="nt", connection=1, command=command("c1"))
    client.on_reply(item)
    client.on_reply(item)
    acks = _reports(client)
    assert [(a.status, a.text) for a in acks] == [
        (AckStatus.ACCEPTED, ""),
        (AckStatus.DUPLICATE, "the first answer was ACCEPTED"),
    ]
    assert len(client.client_orders.venue.open_positions()) == 1


def test_an_expired_command_is_answered_expired() -> None:
    """The clock in force is the last stamp sent; the neighbour inside the expiry is accepted."""
    client = twin(_stamps())
    _linked(client)
    for name, expires in (("old", minute(10) - 1), ("new", minute(10))):
        item = command(name, expires_ns=UnixNanos(expires))
        client.on_reply(Instruction(epoch=1, client="nt", connection=1, command=item))
    assert [a.status for a in _reports(client)] == [AckStatus.EXPIRED, AckStatus.ACCEPTED]


def test_the_clients_limits_hold_over_orders_in_flight() -> None:
    """Two working and two more is over three; what is working counts like what is held."""
    client = twin(_stamps(), limits=ClientLimits(quantity_max=2, position_max=3))
    _linked(client)
    for name in ("c1", "c2"):
        item = command(name, quantity=Contracts(2))
        client.on_reply(Instruction(epoch=1, client="nt", connection=1, command=item))
    assert [(a.status, a.text) for a in _reports(client)] == [
        (AckStatus.ACCEPTED, ""),
        (AckStatus.REFUSED, "position would be 4, at most 3 contracts"),
    ]


def test_a_command_the_venue_cannot_do_is_refused() -> None:
    """A move of a position that is not held: the venue's sentence in the acknowledgement."""
    client = twin(_stamps())
    _linked(client)
    move = command("m", Action.MOVE_STOP, stop=Ticks(990))
    client.on_reply(Instruction(epoch=1, client="nt", connection=1, command=move))
    assert [(a.status, a.text) for a in _reports(client)] == [
        (AckStatus.REFUSED, "position p is not held and not working")
    ]


def test_an_older_router_is_not_obeyed() -> None:
    """An instruction of a lower epoch is not even answered."""
    client = twin(_stamps())
    _linked(client)
    client.on_reply(Instruction(epoch=2, client="nt", connection=1))
    client.on_reply(Instruction(epoch=1, client="nt", connection=1, command=command("c1")))
    assert _reports(client) == []


@pytest.mark.parametrize("accepted", [True, False])
def test_a_router_with_a_lower_epoch_or_a_no_is_a_fault(accepted: bool) -> None:  # noqa: FBT001
    """The client ends with the reason instead of trading for the wrong desk."""
    client = twin(_stamps())
    _linked(client)
    client.on_reply(Instruction(epoch=3, client="nt", connection=1))
    welcome = ClientWelcome(
        accepted=accepted,
        reason="why",
        run="r",
        account="Sim101",
        epoch=2,
        connection=1,
        nonce="played.1",
        last_report_sequence=9,
    )
    reason = "epoch 2, expected 3" if accepted else "why"
    with pytest.raises(FeedRefusedError, match=reason):
        client.on_reply(welcome)


def test_a_gateway_that_says_no_is_a_fault() -> None:
    """The reason is the gateway's own."""
    client = twin(_stamps())
    client.next_output()
    refusal = FeedWelcome(
        accepted=False, reason="wrong mode", run="", last_sequence=0, groups=(), last_bars=()
    )
    with pytest.raises(FeedRefusedError, match="wrong mode"):
        client.on_reply(refusal)


def test_progress_counts_stamps() -> None:
    """Taken, total, and the clock in force."""
    client, desk = twin(_stamps(), minutes_total=4), ScriptedDesk()
    step(client, desk)
    assert (client.progress.minutes, client.progress.total) == (0, 4)
    play(client, desk)
    assert (client.progress.minutes, client.progress.now_ns) == (4, minute(13))


def test_a_live_client_goes_by_the_clock_it_is_told() -> None:
    """Live, the shell's clock judges expiry, and never goes back."""
    client = twin(_stamps())
    _linked(client)
    client.on_clock(minute(20))
    client.on_clock(minute(15))
    stale = replace(command("c1"), expires_ns=minute(19))
    client.on_reply(Instruction(epoch=1, client="nt", connection=1, command=stale))
    assert [a.status for a in _reports(client)] == [AckStatus.EXPIRED]
