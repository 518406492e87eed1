"""A session of one seed from its first step to a flat account, and what it has shown."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec

from services.domain.messages.orders import LinkState
from services.domain.messages.risk import Action
from services.domain.units import NANOS_PER_SECOND
from tests.support.session_world.faults import Mix, exchange_faults
from tests.support.session_world.mischief import Mischief
from tests.support.session_world.reference import PropertyBrokenError
from tests.support.session_world.world import World

SESSION_STEPS: Final = 1_000
"""Of one seed; then the next one begins at another time of the day."""
FLATTEN_EVERY: Final = 250
"""Steps between two flattens that are tried."""
FLAT_STEPS_MAX: Final = 1_000
"""P4: from the kill to a flat account, and from there until the link is RECONCILED again: so many
deliveries and tenths of a second."""
FLAT_AFTER_STEPS: Final = 40
"""So long the account must stay flat then."""


class SessionReport(msgspec.Struct, kw_only=True):
    """What one session, or many, have shown."""

    steps: int = 0
    seconds: float = 0.0
    faults: Counter[str] = msgspec.field(default_factory=Counter)
    """How often each has happened; those of the exchange by its own names."""
    link: Counter[str] = msgspec.field(default_factory=Counter)
    """Steps at which the link was in each state."""
    seen: Counter[str] = msgspec.field(default_factory=Counter)
    """Entries, fills, comparisons."""
    flat_steps: list[int] = msgspec.field(default_factory=list)
    """Of each flatten that was tried while something was held or worked: steps until flat."""
    flat_seconds: list[float] = msgspec.field(default_factory=list)
    """Of each flatten that was tried while something was held or worked: seconds until flat."""
    flattens: int = 0
    """Flattens that were tried, in whatever state."""

    def add(self, other: "SessionReport") -> None:
        """Count another session."""
        self.steps += other.steps
        self.seconds += other.seconds
        self.faults.update(other.faults)
        self.link.update(other.link)
        self.seen.update(other.seen)
        self.flat_steps += other.flat_steps
        self.flat_seconds += other.flat_seconds
        self.flattens += other.flattens


def run_session(seed: int, mix: Mix, steps: int = SESSION_STEPS) -> SessionReport:
    """Run one session; an error carries seed, step and the last steps as a note.

    Raises: PropertyBrokenError.
    """
    begun = time.perf_counter()
    world = World(seed, mix)
    report = SessionReport()
    with _LastSteps(world):
        _run(world, steps, report)
    report.steps = world.steps
    report.seconds = time.perf_counter() - begun
    report.faults = Counter({name: world.counts[name] for name in mix.weights})
    report.faults.update({name: world.switch.counts[name] for name in exchange_faults(mix)})
    commands = world.reference.commands.values()
    report.seen.update(
        {
            "entries commanded": sum(each.is_entry for each in commands),
            "exits commanded": sum(each.action is Action.EXIT for each in commands),
            "flattens commanded": sum(each.action is Action.FLATTEN for each in commands),
            "fills": len(world.reference.executions),
            "ids burnt": len(world.client.burnt),
            "positions compared": world.reference.reconciled_checks,
            "money compared": world.reference.money_checks,
            "snapshots judged": world.counts["snapshots judged"],
        }
    )
    return report


class _LastSteps:
    # An error that passes carries the last steps of its world.
    def __init__(self, world: World) -> None:
        self._world = world

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            world = self._world
            where = f"mix {world.mix.name}, seed {world.seed}, step {world.steps}; before it:"
            error.add_note("\n".join((where, *world.log)))


def _run(world: World, steps: int, report: SessionReport) -> None:
    mischief = Mischief(world)
    while world.steps < steps:
        for _ in range(FLATTEN_EVERY):
            mischief.step()
            report.link[world.reference.link.name] += 1
        _flatten(world, mischief, report)


def _flatten(world: World, mischief: Mischief, report: SessionReport) -> None:
    # P4: whatever state the desk is in, while client and exchange live.
    held = not _is_flat(world)
    mischief.calm()
    world.note("FLATTEN is tried")
    world.desk.control.clear()  # what an operator has asked for before is obeyed, or taken back
    world.desk.kill(world.wall, flatten=True)
    begun, begun_ns = world.steps, world.progress
    report.flattens += 1
    _until(world, mischief, lambda: not world.desk.control and _is_flat(world), "P4 flat")
    if held:
        report.flat_steps.append(world.steps - begun)
        report.flat_seconds.append((world.progress - begun_ns) / NANOS_PER_SECOND)
    _until(world, mischief, lambda: _is_healed(world) and _is_flat(world), "healed")
    for _ in range(FLAT_AFTER_STEPS):
        mischief.fair_step()
        if not _is_flat(world):
            raise PropertyBrokenError("P4 the account was flat and did not stay so")
    if world.reference.unpublished:
        report.seen["fills the client missed"] += 1
    else:
        world.reference.check_ledger()
    world.desk.resume(world.wall)
    world.switch.on = True


def _until(world: World, mischief: Mischief, holds: Callable[[], bool], what: str) -> None:
    begun = world.steps
    while not holds():
        if world.steps - begun > FLAT_STEPS_MAX:
            held, reference = world.reference.held(), world.reference
            raise PropertyBrokenError(
                f"{what}: not after {FLAT_STEPS_MAX} steps; the account holds {held},"
                f" {len(world.client.exchange.working_orders())} orders work,"
                f" the link is {reference.link.name}"
            )
        mischief.fair_step()


def _is_flat(world: World) -> bool:
    return not world.reference.held() and not world.client.exchange.working_orders()


def _is_healed(world: World) -> bool:
    reconciled = world.reference.link is LinkState.RECONCILED and world.desk.orders.running
    current = world.is_settled and world.desk.is_ledger_current
    return reconciled and current and not world.waiting()
