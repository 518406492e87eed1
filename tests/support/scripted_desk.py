"""A desk in memory for a client: the real router, a small gateway, a risk that reads a script."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

from services.domain.messages.link import (
    ClientWelcome,
    Instruction,
    LinkLost,
    ReportAck,
    SnapshotAck,
)
from services.domain.messages.market import (
    Bar,
    FaultKind,
    FeedAck,
    FeedBatch,
    FeedGroup,
    FeedHello,
    FeedWelcome,
    LastBar,
    RefusedBar,
)
from services.domain.messages.risk import OrderCommand
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.nt_twin.client import TwinClient, TwinConnection
from services.nt_twin.config import TwinConfig
from tests.support.order_builder import ACCOUNT, DATA, ORDERS, minute, risk_minute
from tests.support.router_builder import RouterRun, folded

GROUPS: Final = (
    FeedGroup(name="nq", contracts=(DATA, "ES 03-26")),
    FeedGroup(name="ym", contracts=("YM 03-26",)),
)
_TURNS_MAX = 100_000
_OF_FEED = (FeedWelcome, FeedAck)


class ScriptedDesk:
    """Takes what the client sends, answers, and keeps the published reports."""

    def __init__(self, script: Mapping[int, tuple[OrderCommand, ...]] | None = None) -> None:
        self.script = script or {}
        """Commands by the minute whose stamp causes them."""
        self.epoch = 1
        self.run = RouterRun()
        self.published: list[Message] = []
        """What the router said, client's items included."""
        self.batches: list[FeedBatch] = []
        """Every batch journalled, once."""
        self.refused: dict[tuple[str, int], FaultKind] = {}
        """Bars the gateway refuses."""
        self.settling = True
        """False: risk is silent."""
        self._held: dict[str, UnixNanos] = {}
        self._to_client: deque[Message] = deque()

    def handle(self, output: Message) -> None:
        """Take one output of the client."""
        match output:
            case FeedHello():
                self._to_client.append(self._welcome())
            case FeedBatch():
                self._batch(output)
            case _:
                self._router(output)

    def replies(self) -> Iterable[Message]:
        """What goes back to the client, in order."""
        while self._to_client:
            yield self._to_client.popleft()

    def entries_on_their_way(self) -> set[str]:
        """Entries that have left the router and not reached the client."""
        items = [m.command for m in self._to_client if isinstance(m, Instruction)]
        return {each.command_id for each in items if each is not None and each.is_entry}

    def lose_replies(self, link: TwinConnection) -> None:
        """Everything on its way to the client on one link is gone."""
        kept = [
            m
            for m in self._to_client
            if isinstance(m, _OF_FEED) is not (link is TwinConnection.FEED)
        ]
        self._to_client = deque(kept)

    def restart_router(self) -> None:
        """Kill the router and start it from its journal, as the shell does."""
        self.epoch += 1
        records = self.run.records
        self.run = RouterRun(self.epoch)
        self.run.records = records
        self.run.router = folded(records, self.epoch)
        lost = self.run.router.linked_client
        if lost:
            self._router(LinkLost(client=lost, text="the router has started", restarted=True))

    def settle(self, count: int) -> None:
        """Risk ends a minute of both groups by hand."""
        for group in GROUPS:
            self._router(risk_minute(count, group=group.name))

    def _welcome(self) -> FeedWelcome:
        last = self.batches[-1].sequence if self.batches else 0
        return FeedWelcome(
            accepted=True,
            reason="",
            run="run1",
            last_sequence=last,
            groups=GROUPS,
            last_bars=tuple(LastBar(contract=c, close_ns=n) for c, n in self._held.items()),
        )

    def _batch(self, batch: FeedBatch) -> None:
        known = self.batches and batch.sequence <= self.batches[-1].sequence
        if known:
            self._ack(batch, 0, len(batch.bars), ())
            return
        self.batches.append(batch)
        good = [bar for bar in batch.bars if (bar.contract, bar.close_ns) not in self.refused]
        bad = tuple(self._refusal(bar) for bar in batch.bars if bar not in good)
        self._held.update((bar.contract, bar.close_ns) for bar in good)
        if batch.watermark is not None:  # a heartbeat moves nothing
            self.run.now = max(self.run.now, batch.watermark.now_ns)
            self._decide(batch, good)
        self._ack(batch, len(good), 0, bad)

    def _decide(self, batch: FeedBatch, good: list[Bar]) -> None:
        if not self.settling or all(bar.historical for bar in good):
            return
        assert batch.watermark is not None
        count = (batch.watermark.now_ns - minute(0)) // (minute(1) - minute(0))
        for order in self.script.get(count, ()):
            self._router(order)
        for group in GROUPS:
            if any(bar.contract in group.contracts for bar in good):
                self._router(risk_minute(count, group=group.name))

    def _ack(
        self, batch: FeedBatch, accepted: int, duplicates: int, refused: tuple[RefusedBar, ...]
    ) -> None:
        self._to_client.append(
            FeedAck(
                client=batch.client,
                sequence=batch.sequence,
                accepted=accepted,
                duplicates=duplicates,
                refused=refused,
            )
        )

    def _refusal(self, bar: Bar) -> RefusedBar:
        kind = self.refused[(bar.contract, bar.close_ns)]
        return RefusedBar(contract=bar.contract, close_ns=bar.close_ns, kind=kind, text="")

    def _router(self, message: Message) -> None:
        reply = self.run.send(message)
        self.published += [m for m in reply if not isinstance(m, ReportAck | SnapshotAck)]
        edge = [m for m in reply if isinstance(m, ClientWelcome | ReportAck | SnapshotAck)]
        self._to_client.extend(m for m in reply if isinstance(m, Instruction))
        self._to_client.extend(edge)


def twin(stamps: Iterable[tuple[int, tuple[Bar, ...]]], **changes: object) -> TwinClient:
    """A client of one account that plays stamps given by minute."""
    fields: dict[str, object] = {
        "client": "nt",
        "account": ACCOUNT,
        "contracts": (DATA, "ES 03-26", "YM 03-26"),
        "prices": {ORDERS: DATA},
    }
    config = TwinConfig(**(fields | changes))  # type: ignore[arg-type]  # overrides by name
    return TwinClient(config, iter([(minute(n), bars) for n, bars in stamps]), lambda _: "d")


def step(client: TwinClient, desk: ScriptedDesk) -> Message | None:
    """Send one output, deliver every reply; gives what was sent."""
    output = client.next_output()
    if output is not None:
        desk.handle(output)
    for reply in desk.replies():
        client.on_reply(reply)
    return output


def play(client: TwinClient, desk: ScriptedDesk) -> list[Message]:
    """Play until the client is done or has nothing to say; gives what it sent."""
    sent: list[Message] = []
    for _ in range(_TURNS_MAX):
        output = step(client, desk)
        if output is None:
            return sent
        sent.append(output)
    raise AssertionError("the client never comes to rest")


def break_link(client: TwinClient, desk: ScriptedDesk, link: TwinConnection) -> None:
    """The replies on their way are lost, and the client notices that the link broke."""
    desk.lose_replies(link)
    client.on_broken(link)
