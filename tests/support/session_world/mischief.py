"""The one who has the next turn in a world: who delivers, who waits, who breaks things."""

from collections.abc import Callable
from typing import Final

from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND
from tests.support.risk_builder import MES, MNQ, SIGNALS
from tests.support.session_world.client_end import KillPoint
from tests.support.session_world.durable_service import DurableService, End
from tests.support.session_world.world import World

_STORM_CHANCE: Final = 0.12
"""Of a fault, per step of a storm."""
_CALM_CHANCE: Final = 0.008
_BUSY_CHANCE: Final = 0.2
"""While a command or a fill is on its way: then a fault costs most."""
_WEATHER_STEPS: Final = (60, 260)
"""A storm, and the calm behind it."""
_WAITS_MS: Final = (1, 5, 20, 100, 400)
_LONG_WAITS_MS: Final = (500, 1_000, 2_500, 5_000)
_CLOCK_STEPS_S: Final = (-3_600, -2, 2, 3_600)


class Mischief:
    """Draws the steps of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._draw = world.draw
        self._faults: dict[str, Callable[[], bool]] = {
            "call broken": self._break_call,
            "call late": self._delay_call,
            "call twice": self._repeat_call,
            "late call handled": self._handle_late,
            "reply lost": self._drop_reply,
            "stream broken": self._break_stream,
            "stream stalled": self._stall_stream,
            "stream held up": self._hold_up,
            "orders ends": lambda: self._end(world.desk.orders, None),
            "orders ends before commit": lambda: self._end(world.desk.orders, End.BEFORE_COMMIT),
            "orders ends after commit": lambda: self._end(world.desk.orders, End.AFTER_COMMIT),
            "orders pauses": lambda: self._pause(world.desk.orders),
            "risk ends": lambda: self._end(world.desk.risk, None),
            "risk ends before commit": lambda: self._end(world.desk.risk, End.BEFORE_COMMIT),
            "risk ends after commit": lambda: self._end(world.desk.risk, End.AFTER_COMMIT),
            "risk pauses": lambda: self._pause(world.desk.risk),
            "client pauses": self._pause_client,
            "client killed": self._kill_client,
            "client killed at a write": self._kill_at_write,
            "exchange link cut": self._cut_exchange,
            "exchange held up": self._hold_exchange,
            "command forged": self._forge,
            "trade by hand": self._trade_by_hand,
            "clock set": self._set_clock,
            "kill": lambda: self._kill(flatten=False),
            "flatten": lambda: self._kill(flatten=True),
            "strategy kill": self._kill_strategy,
            "halt": self._halt,
        }

    def step(self) -> None:
        """Make one step."""
        world, draw = self._world, self._draw
        world.steps += 1
        storm = world.steps % sum(_WEATHER_STEPS) < _WEATHER_STEPS[0]
        chance = _STORM_CHANCE if storm else _CALM_CHANCE
        if draw.random() < (_BUSY_CHANCE if world.is_busy else chance):
            self._fault()
            return
        if not storm and draw.random() < 0.02:
            world.note("resume")
            world.desk.resume(world.wall)
            world.desk.resume(world.wall, draw.choice(tuple(SIGNALS)))
        waiting = world.waiting()
        if waiting and draw.random() < 0.85:
            name = draw.choice(tuple(waiting))
            world.deliver(name, waiting[name])
        else:
            waits = _WAITS_MS if waiting else _LONG_WAITS_MS
            world.pass_time(draw.choice(waits) * NANOS_PER_MS)

    def calm(self) -> None:
        """Take back what still stands of the faults: no clock is set, nobody pauses."""
        world = self._world
        world.switch.on = False
        world.wall_offset = 0
        world.desk.held_up.clear()
        world.stalled_until = 0
        world.client.killed_at, world.client.held_until = None, 0
        for service in world.desk.services.values():
            service.ends_at = None

    def fair_step(self) -> None:
        """Make a step at which nothing goes wrong and nobody waits longer than another."""
        world = self._world
        world.steps += 1
        if world.wire.late and world.desk.orders.is_turning:
            world.note("late call")
            world.handle(world.wire.late.pop(0))
            world.ask_model()
        elif waiting := world.waiting():
            name = next(iter(waiting))
            world.deliver(name, waiting[name])
        else:
            world.pass_time(100 * NANOS_PER_MS)

    def _fault(self) -> None:
        weights = self._world.mix.weights
        (name,) = self._draw.choices(tuple(weights), tuple(weights.values()))
        self._world.note(f"FAULT {name}")
        self._world.counts[name] += self._faults[name]()
        self._world.ask_model()

    # -- the wire -----------------------------------------------------------------------------

    def _break_call(self) -> bool:
        wire = self._world.wire
        calls = [call for call in wire.calls() if call.awaited]
        if not calls:
            return False
        wire.to_router.remove(calls[0])
        wire.broken = True
        return True

    def _delay_call(self) -> bool:
        wire = self._world.wire
        calls = [call for call in wire.calls() if call.awaited]
        if not calls:
            return False
        wire.to_router.remove(calls[0])
        calls[0].awaited = False
        wire.late.append(calls[0])
        wire.broken = True
        return True

    def _repeat_call(self) -> bool:
        wire = self._world.wire
        calls = wire.calls()
        if calls:
            copy = type(calls[0])(calls[0].message, awaited=False)
            wire.late.append(copy)
        return bool(calls)

    def _handle_late(self) -> bool:
        world = self._world
        if not world.wire.late or not world.desk.orders.is_turning:
            return False
        late = world.wire.late
        world.handle(late.pop(self._draw.randrange(len(late))))
        return True

    def _drop_reply(self) -> bool:
        wire = self._world.wire
        if not wire.replies:
            return False
        call, _ = wire.replies.pop(0)
        wire.broken = wire.broken or call.awaited
        return call.awaited

    def _break_stream(self) -> bool:
        wire = self._world.wire
        stream = wire.stream
        if stream is None or not stream.is_open:
            return False
        # The router learns of it now or with what it handles later; so does the client.
        wire.end_at_edge(stream)
        wire.broken, wire.stream = True, None
        return True

    def _stall_stream(self) -> bool:
        world = self._world
        world.stalled_until = world.progress + self._draw.randint(1, 5) * NANOS_PER_SECOND
        return world.wire.stream is not None

    def _hold_up(self) -> bool:
        world = self._world
        stream = self._draw.choice(("report", "session", "candidate", "command"))
        world.desk.held_up[stream] = world.progress + self._draw.randint(1, 15) * NANOS_PER_SECOND
        return True

    # -- processes ------------------------------------------------------------------------------

    def _end(self, service: DurableService, where: End | None) -> bool:
        if not service.running:
            return False
        if where is None:
            self._world.desk.end(service)
        else:
            service.ends_at = where
        return True

    def _pause(self, service: DurableService) -> bool:
        if not service.is_turning:
            return False
        service.paused_until = self._world.progress + self._draw.randint(1, 4) * NANOS_PER_SECOND
        return True

    def _pause_client(self) -> bool:
        until = self._world.progress + self._draw.randint(1, 6) * NANOS_PER_SECOND
        self._world.client.paused_until = until
        return True

    def _kill_client(self) -> bool:
        client = self._world.client
        was_running = client.running
        if was_running:
            client.kill()
        return was_running

    def _kill_at_write(self) -> bool:
        client = self._world.client
        client.killed_at = self._draw.choice(list(KillPoint))
        return client.running

    def _cut_exchange(self) -> bool:
        self._world.client.cut_exchange()
        return self._world.client.running

    def _hold_exchange(self) -> bool:
        world = self._world
        lasts = self._draw.choice((100, 500, 1_500, 4_000)) * NANOS_PER_MS
        world.client.held_until = world.client_clock + lasts
        return True

    def _set_clock(self) -> bool:
        # Services that start while it stands have that time; the client's steps are small.
        world = self._world
        step_s = 0 if world.wall_offset else self._draw.choice(_CLOCK_STEPS_S)
        world.wall_offset = step_s * NANOS_PER_SECOND
        world.desk.doubt_clock(world.progress)
        return True

    # -- people ---------------------------------------------------------------------------------

    def _kill(self, *, flatten: bool) -> bool:
        self._world.desk.kill(self._world.wall, flatten=flatten)
        return True

    def _kill_strategy(self) -> bool:
        strategy, flatten = self._draw.choice(tuple(SIGNALS)), self._draw.random() < 0.5
        self._world.desk.kill(self._world.wall, flatten=flatten, strategy=strategy)
        return True

    def _halt(self) -> bool:
        world = self._world
        return world.desk.halt(f"drill {world.steps}", world.progress)

    def _forge(self) -> bool:
        world = self._world
        return world.desk.forge(self._draw, world.steps, world.progress)

    def _trade_by_hand(self) -> bool:
        world, draw = self._world, self._draw
        executed = world.reference.executions
        if not executed:
            return False
        contract = draw.choice((MNQ, MES))
        price = next((e.price for e in reversed(executed) if e.contract == contract), None)
        if price is None:
            return False
        world.client.trade_by_hand(contract, draw.choice((1, -1)), price)
        return True
