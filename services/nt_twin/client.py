"""The stand-in for NinjaTrader's client as a pure machine: messages in, messages out.

A shell calls `next_output` until it gives None, sends what it gave, hands every reply and every
streamed instruction to `on_reply`, and every broken link to `on_broken`.

Rule 1: one call under way per link: a hello or a batch on the feed; the orders: order_link.py.
Rule 2: a stamp in lock-step: the venue trades its bars; the reports go out and are acknowledged;
        the batch goes out with the last report's number on its clock and is acknowledged; every
        group that had an accepted bar is settled; then the next.
Rule 3: after a broken link: hello again, then again what was not acknowledged, same sequences.
Rule 4: commands are carried out in the order in which they come (client_orders.py); market
        orders fill in the next bar, live at the price of now.
Rule 5: in playback the clock in force is the last stamp sent, live it is the shell's; live,
        an empty batch every 400 ms shows that the feed is alive.
Rule 6: a desk that refuses raises FeedRefusedError.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from services.domain.calendar import et_text
from services.domain.errors import FeedRefusedError
from services.domain.messages.link import (
    ClientWelcome,
    Instruction,
    ReportAck,
    SnapshotAck,
)
from services.domain.messages.market import (
    Bar,
    FeedAck,
    FeedBatch,
    FeedHello,
    FeedWelcome,
    TimeMode,
    Watermark,
)
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_MS, UnixNanos
from services.nt_twin.commands.client_orders import ClientOrders
from services.nt_twin.commands.order_link import ConnectionState, OrderLink, OrderLinkOutput
from services.nt_twin.config import PaceMode, TwinConfig
from services.nt_twin.desks_met import DesksMet
from services.nt_twin.source import BarSource, PendingLevels
from services.venue.played_market.minutes import MinuteBars

_HEARTBEAT_NS: Final = 400 * NANOS_PER_MS
"""Between two batches, live; the desk expects one at least every 500 ms (spec R.1)."""

TwinOutput: TypeAlias = FeedHello | FeedBatch | OrderLinkOutput


class TwinConnection(StrEnum):
    """The two connections of the client."""

    FEED = "feed"
    ORDERS = "orders"


class Progress(msgspec.Struct, frozen=True):
    """How far the client is."""

    minutes: int
    """Stamps taken from the source."""
    total: int | None
    """Stamps there will be; None: not known."""
    now_ns: UnixNanos
    """The clock in force."""


class TwinClient:
    """One client: a feed, an account, and the reports not yet acknowledged."""

    def __init__(
        self,
        config: TwinConfig,
        stamps: Iterator[MinuteBars],
        date_of: Callable[[UnixNanos], str],
        client_orders: ClientOrders | None = None,
    ) -> None:
        """`client_orders`: with a memory or a switch of its own; by default it has neither."""
        self._config = config
        self._source = BarSource(stamps)
        self.client_orders = client_orders or ClientOrders(config, date_of)
        self.desks_met = DesksMet()
        """Whose desk has answered on each link."""
        self._levels = PendingLevels(config.levels, date_of)
        first = self._source.next_ns
        self._live = config.mode is TimeMode.LIVE
        # Live, the clock comes from outside: the first stamp may be a weekend away.
        start = 0 if self._live or first is None else first - NANOS_PER_MINUTE
        self._now = UnixNanos(start)
        self._released: UnixNanos | None = None
        self._feed = ConnectionState.DOWN
        self._order_link = OrderLink(config, self.client_orders)
        self._group_of: dict[str, str] = {}
        self._sequence = 0
        self._batch_ns = UnixNanos(0)
        """When the last batch was made, by the clock in force."""
        self._traded: MinuteBars | None = None
        """A stamp the venue has traded and the feed has not sent."""
        self._batch: FeedBatch | None = None
        """A batch that is not acknowledged."""
        self._expected: dict[str, UnixNanos] = {}
        self._settled: dict[str, UnixNanos] = {}
        self._welcomed = False

    # -- what the shell asks ----------------------------------------------------------------

    def next_output(self) -> TwinOutput | None:
        """Give the next thing to send, if something may be sent now."""
        return self._next_hello() or self._order_link.next_call(self._now) or self._feed_output()

    def on_reply(self, message: Message) -> None:
        """Handle a reply or a streamed instruction.

        Raises: FeedRefusedError when the desk refuses.
        """
        match message:  # the frequent first: a class that does not match costs most
            case Instruction():
                self._on_instruction(message)
            case FeedAck():
                self._on_feed_ack(message)
            case ReportAck():
                self._order_link.on_report_ack(message)
            case SnapshotAck():
                self._order_link.on_snapshot_ack(message)
            case FeedWelcome():
                self._on_feed_welcome(message)
            case ClientWelcome():
                self._on_client_welcome(message)
            case _:
                raise AssertionError(
                    f"{type(message).__name__} is not a message from the desk to a client"
                )

    def on_broken(self, link: TwinConnection) -> None:
        """Take note of a broken link; what was under way on it is sent again after the hello."""
        if link == TwinConnection.FEED:
            self._feed = ConnectionState.DOWN
        else:
            self._order_link.on_broken()

    def release_until(self, until_ns: UnixNanos) -> None:
        """Free pace: allow stamps up to here."""
        self._released = until_ns

    def on_clock(self, now: UnixNanos) -> None:
        """Live: move the clock."""
        self._now = max(self._now, now)
        orders = self.client_orders
        orders.on_clock(self._now)
        if self._live:
            forming = () if self._is_history_next() else self._source.next_bars
            orders.report(*orders.venue.on_clock(self._now, forming))

    @property
    def next_close_ns(self) -> UnixNanos | None:
        """The stamp the source gives next; None at its end."""
        return self._source.next_ns

    @property
    def heartbeat_due(self) -> UnixNanos | None:
        """Live: when the next empty batch is due; None in playback."""
        return UnixNanos(self._batch_ns + _HEARTBEAT_NS) if self._live else None

    @property
    def progress(self) -> Progress:
        """How far the client is."""
        return Progress(self._source.consumed, self._config.minutes_total, self._now)

    def waiting_for(self) -> str:
        """What the client waits for, as text."""
        missing = self._unsettled()
        waits = {
            "the gateway's welcome": self._feed is ConnectionState.HELLO_SENT,
            "the acknowledgement of a batch": self._feed is ConnectionState.CALL_PENDING,
            **self._order_link.waits(),
            f"{', '.join(missing)} to settle {et_text(self._now)}": bool(missing),
        }
        return "; ".join(text for text, waited in waits.items() if waited) or "nothing"

    @property
    def done(self) -> bool:
        """Everything is sent, acknowledged and settled."""
        sent = self._source.next_ns is None and self._traded is None and self._batch is None
        return (
            sent
            and self._feed is ConnectionState.UP
            and self._order_link.state is ConnectionState.UP
            and self._is_settled()
        )

    # -- sending ----------------------------------------------------------------------------

    def _next_hello(self) -> TwinOutput | None:
        config = self._config
        if self._feed is ConnectionState.DOWN:
            self._feed = ConnectionState.HELLO_SENT
            return FeedHello(
                client=config.client,
                version=config.version,
                mode=config.mode,
                contracts=config.specs(),
                volumetric=config.volumetric,
            )
        return self._order_link.next_greeting(self._now)

    def _feed_output(self) -> TwinOutput | None:
        if self._feed is not ConnectionState.UP:
            return None
        if self._order_link.state is not ConnectionState.UP:
            # The market moves on only with an order link; heartbeats are sent all along.
            if self._batch is not None or not self._heartbeat():
                return None
        elif self._batch is None:
            if self._traded is None and not self._trade():
                return None
            if self.client_orders.report_queue:
                return self._order_link.next_call(self._now)
            if self._traded is not None:
                self._batch = self._make_batch(*self._traded)
                self._traded = None
        self._feed = ConnectionState.CALL_PENDING
        return self._batch

    def _heartbeat(self) -> bool:
        if self.heartbeat_due is None or self._now < self.heartbeat_due:
            return False
        self._batch = self._make_batch(None, ())
        return True

    def _trade(self) -> bool:
        # Takes the next stamp, or lets the feed beat; True when something is to report or to send.
        next_ns = self._source.next_ns
        if self._is_history_next():
            self._batch = self._make_history()
        elif next_ns is not None and self._may_advance(next_ns):
            self._traded = self._source.pop()
            for bar in self._traded[1]:
                self.client_orders.on_bar(bar)
            if not self._live:
                self.client_orders.look(self._traded[0])
            if self._live:
                # In lock-step the reports of a stamp prove the account; by the clock this does.
                self.client_orders.report_queue.add(self.client_orders.venue.values(self._now))
        else:
            return self._heartbeat()
        return True

    def _may_advance(self, next_ns: UnixNanos) -> bool:
        if self._config.pace is PaceMode.LOCK_STEP:
            return self._is_settled()
        return self._released is None or next_ns <= self._released

    def _is_settled(self) -> bool:
        return not self._unsettled() and self._order_link.is_quiet

    def _unsettled(self) -> list[str]:
        return [g for g, at in self._expected.items() if self._settled.get(g, 0) < at]

    def _is_history_next(self) -> bool:
        until, next_ns = self._config.historical_until_ns, self._source.next_ns
        return until is not None and next_ns is not None and next_ns <= until

    def _make_history(self) -> FeedBatch:
        bars: list[Bar] = []
        last = UnixNanos(0)
        while len(bars) < self._config.history_bars_max and self._is_history_next():
            last, stamp_bars = self._source.pop()
            bars.extend(msgspec.structs.replace(bar, historical=True) for bar in stamp_bars)
        return self._make_batch(last, tuple(bars))

    def _make_batch(self, close_ns: UnixNanos | None, bars: tuple[Bar, ...]) -> FeedBatch:
        if bars or close_ns is not None:  # an empty batch is a heartbeat and numbers nothing
            self._sequence += 1
        self._now = max(self._now, close_ns or self._now)
        self._batch_ns = self._now
        clock = None
        if close_ns is not None:
            clock = Watermark(
                now_ns=close_ns, report_sequence=self.client_orders.report_queue.last_sequence
            )
        name, levels = self._config.client, self._levels.pop_due(close_ns)
        return FeedBatch(
            client=name, sequence=self._sequence, bars=bars, watermark=clock, levels=levels
        )

    # -- replies ----------------------------------------------------------------------------

    def _on_feed_welcome(self, welcome: FeedWelcome) -> None:
        desk = self.desks_met.record(TwinConnection.FEED.value, welcome.run, welcome.account)
        if not welcome.accepted:
            raise FeedRefusedError(
                f"gateway of {desk} refused client {self._config.client}: {welcome.reason}"
            )
        self._feed = ConnectionState.UP
        # From the last to the first: of two groups with a contract the first one counts.
        groups = reversed(welcome.groups)
        self._group_of = {name: group.name for group in groups for name in group.contracts}
        if not self._welcomed:
            self._welcomed = True
            self._sequence = welcome.last_sequence
            self._source.skip_known(welcome)
        elif self._batch is not None and welcome.last_sequence >= self._batch.sequence:
            # The batch is journalled, its acknowledgement was lost: the gateway's newest bars
            # show which of its bars were accepted.
            known = {last.contract: last.close_ns for last in welcome.last_bars}
            self._close_batch(b for b in self._batch.bars if known.get(b.contract, 0) >= b.close_ns)

    def _on_feed_ack(self, ack: FeedAck) -> None:
        if self._batch is None or ack.sequence != self._batch.sequence:
            return
        self._feed = ConnectionState.UP
        bars = self._batch.bars if ack.accepted else ()
        if ack.refused:
            refused = {(bar.contract, bar.close_ns) for bar in ack.refused}
            bars = tuple(bar for bar in bars if (bar.contract, bar.close_ns) not in refused)
        self._close_batch(bars)

    def _close_batch(self, accepted: Iterable[Bar]) -> None:
        for bar in accepted:
            group = self._group_of.get(bar.contract)
            if group is not None and not bar.historical:
                self._expected[group] = bar.close_ns
        self._batch = None

    def _on_client_welcome(self, welcome: ClientWelcome) -> None:
        desk = self.desks_met.record(TwinConnection.ORDERS.value, welcome.run, welcome.account)
        if not welcome.accepted:
            raise FeedRefusedError(
                f"router of {desk} refused client {self._config.client}: {welcome.reason}"
            )
        self._order_link.on_welcome(welcome, self._now)

    def _on_instruction(self, instruction: Instruction) -> None:
        if not self._order_link.on_instruction(instruction, self._now):
            return
        settled = instruction.settled
        if settled is not None:
            before = self._settled.get(settled.group, UnixNanos(0))
            self._settled[settled.group] = max(before, settled.close_ns)
