"""The desk of a world: router and ledger, the bus between them, and its operator.

Rule 1: a stream of the bus is durable and in order; it only comes later (`held_up`).
Rule 2: what an operator commands is on disk until risk has acknowledged it.
Rule 3: risk is told by its shell when orders ends, and for a minute when the host's clock was set.
"""

import random
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Final, TypeAlias, cast

from msgspec.structs import replace

from services.domain.approval import ApprovalKey, approved
from services.domain.messages.control import Halt, Kill, LoopPaused, Resume, Upstreams
from services.domain.messages.link import Instruction, LinkLost
from services.domain.messages.market import Bar, TimeMode
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_SECOND, Contracts, UnixNanos
from services.orders.config import OrdersConfig
from services.orders.router import Router
from services.risk.gate import Gate
from services.risk.settings.config import Sizing
from tests.support.risk_builder import calendar, config, manifest
from tests.support.session_world.client_wire import ClientWire
from tests.support.session_world.durable_service import DurableService
from tests.support.session_world.market import Strategies
from tests.support.session_world.reference import KEY, Reference

ORDER_MAX: Final = 2
LIMITS: Final = config(
    sizing=Sizing.FIXED,
    fixed_quantity=ORDER_MAX,
    size_max=ORDER_MAX,
    max_order_quantity=ORDER_MAX,
    daily_loss_usd=100_000.0,
    risk_per_trade_usd=10_000.0,
    trades_per_day=1_000,
    trades_per_strategy_per_day=1_000,
    max_data_age_ms=10_000,
    clock_skew_max_ms=5_000,
    duplicate_window_ms=0,
    spike_atr_max=50.0,
    slippage_breaches_max=10,
    decision_deadline_ms=2_000,
)
"""An ordinary desk that may lose much; how much it may hold, each session has its own."""
MANIFEST: Final = replace(manifest(), mode=TimeMode.LIVE)
READS: Final = (
    ("orders", "command"),
    ("risk", "report"),
    ("risk", "session"),
    ("risk", "candidate"),
)
"""Who reads which stream."""
_CLOCK_DOUBT_NS: Final = 60 * NANOS_PER_SECOND

Unread: TypeAlias = tuple[DurableService, str]


def _router(epoch: int) -> Router:
    return Router(OrdersConfig(), MANIFEST, calendar(), epoch, KEY)


def _gate(position_max: int, epoch: int) -> Gate:
    limits = replace(LIMITS, max_position_contracts=Contracts(position_max))
    return Gate(limits, MANIFEST, calendar(), ApprovalKey(epoch, KEY))


class DeskEnd:
    """Router and ledger of one run."""

    def __init__(self, name: str, reference: Reference, wire: ClientWire) -> None:
        self._reference = reference
        self._wire = wire
        self._strategies = Strategies(name)
        self._shown: Counter[str] = Counter()
        """By stream: what the model has seen of it."""
        self._streams: dict[str, list[Message]] = {"session": [], "candidate": []}
        self.orders = DurableService("orders", _router, reference.on_output)
        gate = partial(_gate, reference.position_max)
        self.risk = DurableService("risk", gate, reference.on_output)
        self.services = {"orders": self.orders, "risk": self.risk}
        self.held_up: dict[str, int] = {}
        """By stream: nothing of it comes before this progress."""
        self.control: list[Kill | Resume] = []
        """Operators' commands that risk has not acknowledged."""
        self.clock_doubt_until = 0
        self._sampled = False
        """What risk was told last of its upstreams."""
        self._kills = 0

    @property
    def router(self) -> Router:
        """The router's machine."""
        return cast("Router", self.orders.machine)

    # -- the bus --------------------------------------------------------------------------------

    def unread(self, progress: int) -> Iterator[Unread]:
        """Give every stream that has something for a service that turns."""
        for name, stream in READS:
            service = self.services[name]
            comes = service.is_turning and self.held_up.get(stream, 0) <= progress
            if comes and self._is_unread(service, stream):
                yield service, stream

    @property
    def is_ledger_current(self) -> bool:
        """Whether risk has read every report and published what follows."""
        return self.risk.running and not self._is_unread(self.risk, "report")

    def read(self, service: DurableService, stream: str, progress: int) -> None:
        """Let a service read the next message of a stream."""
        message = self._published(stream)[service.read.get(stream, 0)]
        self.left(service, service.handle(message, progress, stream))

    def on_bars(self, bars: tuple[Bar, ...]) -> None:
        """Read bars as state does, and ask the strategies."""
        held = self._reference.positions
        self._streams["session"].append(self._strategies.read(bars))
        self._streams["candidate"] += self._strategies.evaluate(bars, held)

    def show_committed(self) -> None:
        """Show the model what has been committed since."""
        for service in self.services.values():
            for stream, messages in service.published.items():
                for message in messages[self._shown[stream] :]:
                    self._reference.on_committed(message)
                self._shown[stream] = len(messages)

    def _published(self, stream: str) -> list[Message]:
        if stream in self._streams:
            return self._streams[stream]
        owner = self.risk if stream == "command" else self.orders
        return owner.published.get(stream, [])

    def _is_unread(self, service: DurableService, stream: str) -> bool:
        return service.read.get(stream, 0) < len(self._published(stream))

    # -- services -------------------------------------------------------------------------------

    def left(self, service: DurableService, outputs: list[Message]) -> None:
        """Take what has left a service by its edge; its process may have ended meanwhile."""
        self.show_committed()
        for output in outputs:
            if isinstance(output, Instruction):
                self._wire.push(output)
        if service is self.orders and not service.running:
            self._wire.cut()

    def start(self, service: DurableService, progress: int, wall: int) -> None:
        """Start a service, again or for the first time."""
        service.start(progress, wall)
        if service is self.risk:
            self._sampled = not self._is_sound(progress)
            return
        # What was made last and not committed was never published.
        self._reference.link = self.router.status().link
        if client := self.router.linked_client:
            lost = LinkLost(client=client, text="the router has started", restarted=True)
            self.left(service, service.handle(lost, progress))

    def end(self, service: DurableService) -> None:
        """End a service between two turns."""
        service.stop()
        if service is self.orders:
            self._wire.cut()

    def pass_time(self, progress: int) -> None:
        """Fire every timer that is due, of services that turn; let others go on."""
        for service in self.services.values():
            if service.paused_until is not None and service.paused_until <= progress:
                service.paused_until = None
                if service is self.orders:
                    paused = LoopPaused(paused_ms=1_000, at_ns=service.now(progress))
                    self.left(service, service.handle(paused, progress))
            if service.is_turning:
                self.left(service, service.fire_due(progress))

    # -- what risk hears beside the bus -----------------------------------------------------------

    def doubt_clock(self, progress: int) -> None:
        """The host's clock has been set."""
        self.clock_doubt_until = progress + _CLOCK_DOUBT_NS

    def needs_sample(self, progress: int) -> bool:
        """Whether what risk was told of its upstreams is not so any more."""
        return self._sampled != self._is_sound(progress)

    def sample(self, progress: int) -> None:
        """Tell risk of its upstreams."""
        self._sampled = ready = self._is_sound(progress)
        reasons = () if ready else ("orders is silent, or the clock has been set",)
        sample = Upstreams(ready=ready, reasons=reasons, at_ns=self.risk.now(progress))
        self.left(self.risk, self.risk.handle(sample, progress))

    def obey(self, progress: int) -> None:
        """Let risk handle the oldest command of an operator."""
        self.left(self.risk, self.risk.handle(self.control[0], progress))
        if self.risk.running:  # else it lies on disk and is read at the next start
            self.control.pop(0)

    def kill(self, at: int, *, flatten: bool, strategy: str = "") -> None:
        """Have an operator kill the desk, or one strategy."""
        self._kills += 1
        reason, at_ns = f"drill {self._kills}", UnixNanos(at)
        command = Kill(
            operator="ann", reason=reason, flatten=flatten, at_ns=at_ns, strategy=strategy
        )
        self.control.append(command)

    def resume(self, at: int, strategy: str = "") -> None:
        """Have an operator resume it."""
        at_ns = UnixNanos(at)
        self.control.append(Resume(operator="ann", reason="over", at_ns=at_ns, strategy=strategy))

    def halt(self, reason: str, progress: int) -> bool:
        """Let another service halt the desk."""
        if self.risk.is_turning:
            halt = Halt(service="state", reason=reason, at_ns=self.risk.now(progress))
            self.left(self.risk, self.risk.handle(halt, progress))
        return self.risk.is_turning

    def forge(self, draw: random.Random, number: int, progress: int) -> bool:
        """Put a command on the router's stream that risk has not approved."""
        known = tuple(self._reference.commands.values())
        if not known or not self.orders.is_turning:
            return False
        last, own_id = known[-1], f"forged{number}"
        others = (
            replace(last, command_id=own_id),
            replace(last, command_id=own_id, approval=""),
            replace(last, command_id=own_id, quantity=last.quantity + 1),
            approved(replace(last, command_id=own_id), b"x" * 32),
        )
        self.left(self.orders, self.orders.handle(draw.choice(others), progress))
        return True

    def _is_sound(self, progress: int) -> bool:
        return self.orders.running and progress >= self.clock_doubt_until
