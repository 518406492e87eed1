"""The client and its exchange, two processes played in one; the feed is answered at once.

Rule 1: the exchange lives on whatever the client does. Between the two are frames in order, which
        come at once or are held up, and which a link that breaks loses.
Rule 2: as in services/nt_twin/link.py the client's disk is written before anything that was decided
        leaves: requests to the exchange, then one message to the desk.
Rule 3: the client may be killed before such a write, behind it, or between two things that leave.
        `restart` begins another one on what the disk has.
"""

from collections import Counter, deque
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Final

import msgspec

from services.domain.manifest import Manifest
from services.domain.messages.link import SnapshotPage
from services.domain.messages.market import (
    Bar,
    FeedAck,
    FeedBatch,
    FeedGroup,
    FeedHello,
    FeedWelcome,
    LastBar,
    TimeMode,
)
from services.domain.messages.orders import HeldPosition
from services.domain.messages.strategy import Side
from services.domain.messages.union import Message
from services.domain.units import Contracts, Ticks, UnixNanos
from services.nt_twin.client import TwinClient, TwinConnection
from services.nt_twin.commands.client_orders import ClientOrders
from services.nt_twin.config import PaceMode, TwinConfig
from services.nt_twin.exchange.exchange_session import ExchangeSession
from services.nt_twin.positions.remote_account import RemoteAccount
from services.venue.config import VenueConfig
from services.venue.exchange_messages import LiveStamps
from services.venue.faults import ExchangeFaults, Recurring
from services.venue.faulty_exchange import FaultyExchange
from services.venue.live_market import LiveMarket
from services.venue.served_account import ServedAccount
from services.venue.wire import decode_exchange, encode
from tests.support.kept_records import KeptRecords
from tests.support.risk_builder import ACCOUNT, DATE, ORDERS
from tests.support.session_world.client_wire import ClientWire
from tests.support.session_world.market import CONTRACTS, minutes

_OUTPUTS_MAX: Final = 1_000
"""Outputs in a row; more is a client that never comes to rest."""
_PEER: Final = b"client"


class KillPoint(Enum):
    """Where the client is killed when it next has something to write."""

    BEFORE_WRITE = 1
    AFTER_WRITE = 2
    BETWEEN_REQUESTS = 3
    """Half of its requests have left."""
    BEFORE_MESSAGE = 4
    """All requests have left, what is for the desk has not."""


class Switch(msgspec.Struct):
    """Whether the exchange misbehaves, and how often it has, by fault."""

    on: bool = True
    counts: Counter[str] = msgspec.field(default_factory=Counter)
    windows: set[tuple[str, int]] = msgspec.field(default_factory=set)
    """Fault and begin of those that last a while, each counted once."""


class SwitchedFaults(ExchangeFaults, frozen=True, kw_only=True):
    """Faults of an exchange that can be switched off, and are counted."""

    switch: Switch

    def happens(self, kind: str, to: str, chance: float) -> bool:
        """Whether a fault happens, now that it may."""
        happens = self.switch.on and super().happens(kind, to, chance)
        self.switch.counts[f"exchange: {kind}"] += happens
        return happens

    def window(self, kind: str, fault: Recurring, now: int) -> tuple[int, int]:
        """Give begin and end of a fault; off, it was never."""
        if not self.switch.on:
            return 0, 0
        begin, end = super().window(kind, fault, now)
        if begin <= now < end and (kind, begin) not in self.switch.windows:
            self.switch.windows.add((kind, begin))
            self.switch.counts[f"exchange: {kind}"] += 1
        return begin, end


class ClientEnd:
    """The client, its disk, its exchange, and what it has shown of its account."""

    def __init__(
        self,
        seed: str,
        first: UnixNanos,
        manifest: Manifest,
        *,
        wire: ClientWire,
        faults: SwitchedFaults,
        on_bars: Callable[[tuple[Bar, ...]], None],
    ) -> None:
        """`first`: the first close stamp."""
        self._manifest = manifest
        self._wire = wire
        self._on_bars = on_bars
        self._minutes = partial(minutes, seed, first)
        self.paused_until: int | None = None
        """By progress: it does nothing until then."""
        self.killed_at: KillPoint | None = None
        """Where it is killed next."""
        self.held_until = 0
        """By its own clock: what is between client and exchange waits until then."""
        self.running = False
        self._client: TwinClient | None = None
        self._now = UnixNanos(0)
        self._disk = KeptRecords()
        self._config = TwinConfig(
            client="nt",
            account=ACCOUNT,
            report_stream=f"numbering of {seed}",
            mode=TimeMode.LIVE,
            contracts=CONTRACTS,
            prices={orders: signal for signal, orders in ORDERS.items()},
            pace=PaceMode.FREE,
        )
        prices = self._config.prices
        self.exchange = FaultyExchange(VenueConfig(), ACCOUNT, prices, lambda _: DATE, faults)
        stamps = LiveStamps(
            exchange=seed, text=seed, offset_ns=0, first_live=first, minutes_total=0
        )
        market = LiveMarket(self.exchange, minutes(seed, first))
        self._served = ServedAccount(market, ACCOUNT, stamps)
        self.to_exchange: deque[bytes] = deque()
        self.from_exchange: deque[bytes] = deque()
        self._sequence = 0
        """Of the last batch of bars."""
        self._last_bars: dict[str, UnixNanos] = {}
        self.shown: dict[tuple[str, int], tuple[HeldPosition, ...]] = {}
        """By nonce and last report: what that snapshot showed as the account's positions."""
        self.burnt: list[str] = []
        """Ids that it has answered for as burnt."""
        self.restart()

    # -- its life -------------------------------------------------------------------------------

    def restart(self) -> None:
        """Begin a client on what is on its disk: first it asks its exchange for the account."""
        self._account = RemoteAccount(self._disk)
        self._session = ExchangeSession(ACCOUNT, self._account)
        self._client = None
        self.running = True
        self.pump()

    def _begin(self) -> TwinClient:
        date_of: Callable[[UnixNanos], str] = lambda _: DATE  # noqa: E731 - a date, whenever
        self._orders = ClientOrders(self._config, date_of, self._account, memory=self._disk)
        client = TwinClient(self._config, self._minutes(), date_of, self._orders)
        client.on_clock(self._now)
        client.release_until(self._now)
        self._orders.report(*self._session.pop_reports())
        return client

    def kill(self) -> None:
        """End the client: what is not on its disk is gone, and so is what was on its way to it."""
        self._disk.kill()
        self.running, self.paused_until, self.killed_at = False, None, None
        self.cut_exchange()
        if self._wire.stream is not None:
            self._wire.end_at_edge(self._wire.stream)
        self._wire.stream = None
        self._wire.give_up()

    def cut_exchange(self) -> None:
        """Lose what is on its way between client and exchange."""
        self.to_exchange.clear()
        self.from_exchange.clear()

    @property
    def is_turning(self) -> bool:
        """Whether it handles what comes."""
        return self.running and self.paused_until is None

    @property
    def unacknowledged(self) -> int:
        """Reports that are kept; of a client that begins, one at least."""
        return 1 if self._client is None else len(self._orders.report_queue)

    # -- what comes -----------------------------------------------------------------------------

    def pass_time(self, clock: int) -> None:
        """Let time pass for the exchange and, if it turns, the client."""
        self._now = UnixNanos(max(self._now, clock))
        self._served.on_clock(self._now)
        self._pop_frames()
        if self.is_turning:
            self.on_clock(self._now)
        self.exchange_frames()

    def on_clock(self, now: UnixNanos) -> None:
        """Let the client look at its clock."""
        if self._client is not None:
            self._client.on_clock(now)
            self._client.release_until(now)
        self.pump()

    def deliver(self, message: Message) -> None:
        """Hand over a reply or an item of the desk's stream."""
        if self._client is not None:
            self._client.on_reply(message)
            self.pump()

    def on_broken(self) -> None:
        """Let it find its order link broken."""
        self._wire.give_up()
        if self._client is not None:
            self._client.on_broken(TwinConnection.ORDERS)
            self.pump()

    def exchange_frames(self) -> None:
        """Let everything between client and exchange come that is not held up."""
        while self.held_until <= self._now:
            if self.to_exchange:
                self._served.on_frame(_PEER, self.to_exchange.popleft(), self._now)
                self._served.on_clock(self._now)
                self._pop_frames()
            elif self.from_exchange and self.is_turning:
                self._session.on_message(decode_exchange(self.from_exchange.popleft()), self._now)
                self.pump()
            else:
                return

    def trade_by_hand(self, contract: str, quantity: int, price: int) -> None:
        """Fill an order somebody has entered by hand; `quantity` > 0 is bought."""
        side = Side.LONG if quantity > 0 else Side.SHORT
        size = Contracts(abs(quantity))
        self.exchange.fill_manual_order(contract, side, size, Ticks(price), self._now)

    # -- what leaves ----------------------------------------------------------------------------

    def pump(self) -> None:
        """Let it send whatever it may send now."""
        for _ in range(_OUTPUTS_MAX):
            if not self.running:
                return
            if self._client is None:
                self.to_exchange.extend(map(encode, self._session.due(self._now)))
                if not self._session.is_up:
                    return
                self._client = self._begin()
            self._orders.report(*self._session.pop_reports())
            output = self._client.next_output()
            if not self._send_requests() or output is None:
                return
            self._send(output)
        raise AssertionError(f"the client sent {_OUTPUTS_MAX} messages without a pause")

    def _send_requests(self) -> bool:
        # False: it was killed.
        commits = self._disk.commits
        if self.killed_at is KillPoint.BEFORE_WRITE and self._disk.has_changes:
            self.kill()
            return False
        self._orders.remember(self._now)
        frames = [encode(message) for message in self._session.due(self._now)]
        self._orders.report(*self._session.pop_reports())
        if self.killed_at in (None, KillPoint.BEFORE_WRITE) or self._disk.commits == commits:
            self.to_exchange.extend(frames)
            return True
        leaves = {KillPoint.AFTER_WRITE: 0, KillPoint.BETWEEN_REQUESTS: len(frames) // 2}
        left = frames[: leaves.get(self.killed_at, len(frames))]
        self.kill()
        self.to_exchange.extend(left)
        return False

    def _send(self, output: Message) -> None:
        if isinstance(output, FeedHello) and self._client is not None:
            self._client.on_reply(self._welcome())
        elif isinstance(output, FeedBatch):
            self._answer(output)
        else:
            if isinstance(output, SnapshotPage) and output.page == 1:
                self.shown[output.nonce, output.report_sequence] = output.positions
                burnt = [each.command_id for each in output.outcomes if each.status is None]
                self.burnt += burnt
            self._wire.send(output)

    def _pop_frames(self) -> None:
        frames = (frame for _, frame in self._served.pop_frames())
        if self.running:  # else nobody is connected
            self.from_exchange.extend(frames)
        else:
            deque(frames, maxlen=0)

    # -- the feed -------------------------------------------------------------------------------

    def _welcome(self) -> FeedWelcome:
        groups = self._manifest.groups
        bars = self._last_bars.items()
        return FeedWelcome(
            accepted=True,
            reason="",
            run=self._manifest.run,
            last_sequence=self._sequence,
            groups=tuple(FeedGroup(name=each.name, contracts=each.contracts) for each in groups),
            last_bars=tuple(LastBar(contract=name, close_ns=at) for name, at in bars),
            account=self._manifest.account,
        )

    def _answer(self, batch: FeedBatch) -> None:
        self._sequence = batch.sequence
        if batch.bars:
            self._on_bars(batch.bars)
            self._last_bars |= {bar.contract: bar.close_ns for bar in batch.bars}
        accepted = len(batch.bars)
        ack = FeedAck(client=batch.client, sequence=batch.sequence, accepted=accepted, duplicates=0)
        if self._client is not None:
            self._client.on_reply(ack)
