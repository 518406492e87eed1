"""The world of one seed: desk, client and exchange, and who may have the next turn.

Between two turns the model is asked (reference.py).
"""

import random
from collections import Counter, deque
from collections.abc import Callable
from functools import partial
from typing import Final

from services.domain.messages.link import (
    Instruction,
    LinkLost,
    ReportAck,
    ReportBatch,
    SnapshotAck,
    SnapshotPage,
)
from services.domain.messages.orders import LinkState
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos
from tests.support.risk_builder import at
from tests.support.session_world.client_end import ClientEnd, Switch, SwitchedFaults
from tests.support.session_world.client_wire import Call, ClientWire, Stream
from tests.support.session_world.desk_end import MANIFEST, ORDER_MAX, DeskEnd
from tests.support.session_world.faults import Mix
from tests.support.session_world.reference import Reference

_HOP_NS: Final = 500 * NANOS_PER_MS
"""The stream's heartbeat, and the longest the clock moves at once."""
_LOG: Final = 40
_CLIENT_OFFSET_NS_MAX: Final = 2 * NANOS_PER_SECOND
_DAY_S: Final = 6 * 3_600
_POSITIONS_MAX: Final = (3, 6, 6)
"""By seed: a limit that is often reached, and one that lets several positions stand."""


class World:
    """One desk, one client, one exchange."""

    def __init__(self, seed: int, mix: Mix) -> None:
        name = f"{mix.name} {seed}"
        self.seed = seed
        self.mix = mix
        self.draw = random.Random(name)
        self.progress = int(at("09:31")) + self.draw.randrange(_DAY_S) * NANOS_PER_SECOND
        """Time that has passed, counted as the market counts it."""
        self.wall_offset = 0
        """How far the host's clock has been set."""
        self.log: deque[str] = deque(maxlen=_LOG)
        self.counts: Counter[str] = Counter()
        """How often each fault has happened."""
        self.steps = 0
        self.reference = Reference(
            position_max=_POSITIONS_MAX[seed % len(_POSITIONS_MAX)], order_max=ORDER_MAX
        )
        self.wire = ClientWire()
        self.switch = Switch()
        self.stalled_until = 0
        """Nothing comes out of the command stream before this progress."""
        self.desk = DeskEnd(name, self.reference, self.wire)
        first = self.progress - self.progress % NANOS_PER_MINUTE + NANOS_PER_MINUTE
        faults = SwitchedFaults(
            seed=seed,
            orders=mix.orders,
            events=mix.events,
            connection_lost=mix.connection_lost,
            halt=mix.halt,
            switch=self.switch,
        )
        self.client = ClientEnd(
            name,
            UnixNanos(first),
            MANIFEST,
            wire=self.wire,
            faults=faults,
            on_bars=self.desk.on_bars,
        )
        for service in self.desk.services.values():
            self.desk.start(service, self.progress, self.wall)
        self._pass_time(0)

    # -- what there is ------------------------------------------------------------------------

    @property
    def wall(self) -> int:
        """The host's clock."""
        return self.progress + self.wall_offset

    @property
    def client_clock(self) -> int:
        """The client's: on a host of its own, whose clock is never an hour off."""
        small = abs(self.wall_offset) <= _CLIENT_OFFSET_NS_MAX
        return self.progress + (self.wall_offset if small else 0)

    @property
    def is_busy(self) -> bool:
        """Whether a command or a fill is on its way."""
        stream = self.wire.stream
        items = stream.items if stream is not None else ()
        batches = (call.message for call in self.wire.calls())
        return any(item.command is not None for item in items) or any(
            report.execution is not None or report.ack is not None
            for batch in batches
            if isinstance(batch, ReportBatch)
            for report in batch.reports
        )

    @property
    def is_settled(self) -> bool:
        """Whether the router has committed all that the exchange has executed."""
        if self.client.to_exchange or not self.client.running:
            return False
        return not self.client.unacknowledged and not self.reference.unpublished

    def note(self, text: str) -> None:
        """Put a line into the log of the last steps."""
        clock = self.progress / NANOS_PER_SECOND % 86_400
        self.log.append(f"{self.steps:6d} {clock:12.3f} {text}")

    # -- turns --------------------------------------------------------------------------------

    def waiting(self) -> dict[str, Callable[[], None]]:
        """Everything that can be delivered now, by name, in a fair order."""
        return {**self._waiting_at_desk(), **self._waiting_at_client(), **self._waiting_at_risk()}

    def _waiting_at_desk(self) -> dict[str, Callable[[], None]]:
        found: dict[str, Callable[[], None]] = {}
        for service in self.desk.services.values():
            if not service.running:
                start = partial(self.desk.start, service, self.progress, self.wall)
                found[f"start {service.name}"] = start
        if self.wire.to_router and self.desk.orders.is_turning:
            found["call"] = self._handle_call
        return found

    def _waiting_at_client(self) -> dict[str, Callable[[], None]]:
        if not self.client.running:
            return {"start client": self.client.restart}
        if not self.client.is_turning:
            return {}
        stream = self.wire.stream
        items = stream is not None and stream.items and self.stalled_until <= self.progress
        found: dict[str, tuple[object, Callable[[], None]]] = {
            "client finds its link broken": (self.wire.broken, self.client.on_broken),
            "reply": (self.wire.replies, self._deliver_reply),
            "item": (items, self._deliver_item),
        }
        return {name: deliver for name, (waits, deliver) in found.items() if waits}

    def _waiting_at_risk(self) -> dict[str, Callable[[], None]]:
        desk, progress = self.desk, self.progress
        found: dict[str, Callable[[], None]] = {}
        if desk.risk.is_turning:
            if desk.control:
                found["control"] = partial(desk.obey, progress)
            if desk.needs_sample(progress):
                found["upstreams"] = partial(desk.sample, progress)
        for service, stream in desk.unread(progress):
            found[stream] = partial(desk.read, service, stream, progress)
        return found

    def deliver(self, name: str, deliver: Callable[[], None]) -> None:
        """Let one of `waiting` come."""
        self.note(name)
        deliver()
        self.ask_model()

    def pass_time(self, nanos: int) -> None:
        """Let time pass, the feed and all timers with it."""
        self.note(f"{nanos / NANOS_PER_MS:.0f} ms pass")
        self._pass_time(nanos)
        self.ask_model()

    def ask_model(self) -> None:
        """Raise PropertyBrokenError where something is not as it must be."""
        reference = self.reference
        self.client.exchange_frames()
        self.desk.show_committed()
        reference.look_at(self.client.exchange)
        reference.look_at_burnt(self.client.burnt)
        if not self.desk.orders.running:
            return
        settled, holdings = self.is_settled, self.desk.router.status().holdings
        reference.check_position(holdings, settled=settled, progress=self.progress)
        if settled and reference.link is LinkState.RECONCILED and self.desk.is_ledger_current:
            reference.check_ledger()

    # -- the wire -----------------------------------------------------------------------------

    def _handle_call(self) -> None:
        waiting = self.wire.to_router
        self.handle(waiting.pop(self.draw.randrange(len(waiting)) if self.switch.on else 0))

    def handle(self, each: Call | Stream | LinkLost) -> None:
        """Let the router handle what came over the wire."""
        orders = self.desk.orders
        if isinstance(each, Call):
            self._answer(each)
            return
        if isinstance(each, Stream):
            self.wire.open(each)
        message = each.request if isinstance(each, Stream) else each
        self.desk.left(orders, orders.handle(message, self.progress))

    def _answer(self, call: Call) -> None:
        message, orders = call.message, self.desk.orders
        outputs = orders.handle(message, self.progress)
        self.desk.left(orders, outputs)
        for reply in outputs:
            if isinstance(reply, Instruction):
                continue
            if isinstance(message, ReportBatch) and isinstance(reply, ReportAck):
                self.reference.check_ack(message, reply)
            if isinstance(message, SnapshotPage) and isinstance(reply, SnapshotAck):
                self._check_page(message, reply)
            if call.awaited:
                self.wire.replies.append((call, reply))

    def _check_page(self, page: SnapshotPage, ack: SnapshotAck) -> None:
        status = self.desk.router.status()
        whole = page.page == page.pages and page.report_sequence == status.last_report_sequence
        if ack.accepted and whole:
            shown = self.client.shown[page.nonce, page.report_sequence]
            self.reference.check_judged(page, shown, status.holdings)
            self.counts["snapshots judged"] += 1

    def _deliver_reply(self) -> None:
        call, reply = self.wire.replies.pop(0)
        if call.awaited:
            self.client.deliver(reply)

    def _deliver_item(self) -> None:
        stream = self.wire.stream
        assert stream is not None
        item = stream.items.popleft()
        self.client.deliver(item)
        if item.closing and self.wire.stream is stream:
            self.wire.broken = True

    # -- time ---------------------------------------------------------------------------------

    def _pass_time(self, nanos: int) -> None:
        until = self.progress + nanos
        while True:
            self.progress = min(until, self.progress + _HOP_NS)
            if (self.client.paused_until or 0) <= self.progress:
                self.client.paused_until = None
            self._beat()
            self.client.pass_time(self.client_clock)
            self.desk.pass_time(self.progress)
            if self.progress >= until:
                return

    def _beat(self) -> None:
        # The edge's own thread: an idle stream shows that the desk is alive.
        stream = self.wire.stream
        silent = not self.desk.orders.is_turning or self.stalled_until > self.progress
        if stream is None or not stream.is_open or stream.items or silent:
            return
        if self.client.is_turning:
            client, connection = stream.key
            epoch = self.desk.orders.epoch
            self.client.deliver(Instruction(epoch=epoch, client=client, connection=connection))
