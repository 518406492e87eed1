"""The client between its wire and its exchange: the whole machine, its feed answered at once.

The exchange lives in the client's process, and outlives no client yet.
"""

from collections import Counter
from collections.abc import Callable
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
    TimeMode,
)
from services.domain.messages.orders import HeldPosition
from services.domain.messages.strategy import Side
from services.domain.messages.union import Message
from services.domain.units import Contracts, Ticks, UnixNanos
from services.nt_twin.client import TwinClient, TwinConnection
from services.nt_twin.config import PaceMode, TwinConfig
from services.venue.exchange import Exchange
from services.venue.faults import ExchangeFaults, Recurring
from tests.support.risk_builder import ACCOUNT, DATE, ORDERS
from tests.support.session_world.client_wire import ClientWire
from tests.support.session_world.market import CONTRACTS, minutes

_OUTPUTS_MAX: Final = 1_000
"""Outputs in a row; more is a client that never comes to rest."""


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
    """The client, and what it has shown of its account."""

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
        self.paused_until: int | None = None
        """By progress: it does nothing until then."""
        config = TwinConfig(
            client="nt",
            account=ACCOUNT,
            mode=TimeMode.LIVE,
            contracts=CONTRACTS,
            prices={orders: signal for signal, orders in ORDERS.items()},
            pace=PaceMode.FREE,
            faults=faults,
        )
        self._client = TwinClient(config, minutes(seed, first), lambda _: DATE)
        self.shown: dict[tuple[str, int], tuple[HeldPosition, ...]] = {}
        """By nonce and last report: what the exchange held when that snapshot was taken."""

    @property
    def exchange(self) -> Exchange:
        """The account itself."""
        return self._client.client_orders.venue.exchange

    @property
    def unacknowledged(self) -> int:
        """Reports that are kept."""
        return len(self._client.client_orders.report_queue)

    @property
    def burnt(self) -> tuple[str, ...]:
        """Ids it has burnt."""
        return self._client.client_orders.burnt_ids

    def on_clock(self, wall: int) -> None:
        """Let time pass for client and exchange."""
        self._client.on_clock(UnixNanos(wall))
        self._client.release_until(UnixNanos(wall))
        self.pump()

    def deliver(self, message: Message) -> None:
        """Hand over a reply or an item of the stream."""
        self._client.on_reply(message)
        self.pump()

    def on_broken(self) -> None:
        """Let it find its order link broken."""
        self._wire.give_up()
        self._client.on_broken(TwinConnection.ORDERS)
        self.pump()

    def trade_by_hand(self, contract: str, quantity: int, price: int, at: UnixNanos) -> None:
        """Fill an order somebody has entered by hand; `quantity` > 0 is bought."""
        orders = self._client.client_orders
        side = Side.LONG if quantity > 0 else Side.SHORT
        size = Contracts(abs(quantity))
        orders.report(*orders.venue.fill_manual_order(contract, side, size, Ticks(price), at))
        self.pump()

    def pump(self) -> None:
        """Let it send whatever it may send now."""
        for _ in range(_OUTPUTS_MAX):
            output = self._client.next_output()
            if output is None:
                return
            if isinstance(output, FeedHello):
                self._client.on_reply(self._welcome())
            elif isinstance(output, FeedBatch):
                self._answer(output)
            else:
                if isinstance(output, SnapshotPage) and output.page == 1:
                    key = output.nonce, output.report_sequence
                    self.shown[key] = self.exchange.account.positions()
                self._wire.send(output)
        raise AssertionError(f"the client sent {_OUTPUTS_MAX} messages without a pause")

    def _welcome(self) -> FeedWelcome:
        groups = self._manifest.groups
        return FeedWelcome(
            accepted=True,
            reason="",
            run=self._manifest.run,
            last_sequence=0,
            groups=tuple(FeedGroup(name=each.name, contracts=each.contracts) for each in groups),
            last_bars=(),
            account=self._manifest.account,
        )

    def _answer(self, batch: FeedBatch) -> None:
        if batch.bars:
            self._on_bars(batch.bars)
        accepted = len(batch.bars)
        ack = FeedAck(client=batch.client, sequence=batch.sequence, accepted=accepted, duplicates=0)
        self._client.on_reply(ack)
