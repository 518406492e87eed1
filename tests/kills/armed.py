"""A service that ends by SIGKILL at a named point: `python -m tests.kills.armed PLAN MODULE ...`.

Runs the module of a service as `python -m MODULE ...` would, its loop changed so that it ends where
the plan says. The plan's file is removed first: started again, the service is as it ships.
"""

import os
import runpy
import signal
import sys
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec

from services.runtime import journal as journals
from services.runtime.grpc_edge import GrpcEdge
from services.runtime.journal import Journal, JournalWriter
from services.runtime.node import Node
from services.runtime.outbox import Outbox
from services.runtime.shell import Shell

_LEAVES_S: Final = 0.02
"""What is handed to a library leaves in a thread of its own, which says nothing: it gets this."""


class Point(StrEnum):
    """Where in a turn (services/runtime/node.py) a service ends."""

    BEFORE_COMMIT = "before-commit"
    """Handled and placed, not on record."""
    COMMITTED = "committed"
    """On record; nothing is published."""
    PUBLISHED = "published"
    """On the bus; nothing that goes with it has left by the edge."""
    HANDED_OVER = "handed-over"
    """It has left by the edge, of orders before its own commit; without an edge, by the bus."""
    ROLL = "roll"
    """Between two trade dates (`RollMoment`)."""


class RollMoment(StrEnum):
    """Where in the beginning of a trade date."""

    CARRIED = "carried"
    """What the machine carries over is known, nothing is written."""
    CHECKPOINTED = "checkpointed"
    """The old date's file is whole."""
    OPENED = "opened"
    """The new date's file is there, and empty."""
    WRITTEN = "written"
    """Its first records are not committed."""
    BEGUN = "begun"
    """They are."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Where a service is to end."""

    point: Point
    at_ns: int = 0
    """From this event time on."""
    passes: int = 1
    """The how manyth time it gets there; 0: never, each is written into `PLAN.passes`."""
    moment: str = ""
    """Of a roll."""


class _Trap:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.plan = msgspec.json.decode(path.read_bytes(), type=Plan) if path.exists() else None
        self._left = 0 if self.plan is None else self.plan.passes
        self.node: Node | None = None
        self.published = False
        """Something has left by the bus in this turn."""

    def reach(self, point: Point, moment: str = "") -> None:
        plan = self.plan
        if plan is None or self.node is None or point is not plan.point or moment != plan.moment:
            return
        seen_ns = self.node._seen_ns  # noqa: SLF001
        if not plan.passes:
            with self._path.with_suffix(".passes").open("a", encoding="utf-8") as passes:
                passes.write(f"{seen_ns}\n")
        elif seen_ns >= plan.at_ns:
            self._left -= 1
            if not self._left:
                self._end()

    def _end(self) -> None:
        if self.plan is not None and self.plan.point is Point.HANDED_OVER:
            edge = None if self.node is None else self.node.edge
            while isinstance(edge, GrpcEdge) and edge.has_unsent:
                time.sleep(0)
            time.sleep(_LEAVES_S)
        self._path.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


_Function = Callable[..., Any]


def _wrap(owner: object, name: str, wrapper: Callable[[_Function], _Function]) -> None:
    setattr(owner, name, wrapper(getattr(owner, name)))


def _arm(trap: _Trap) -> None:
    def built(original: _Function) -> _Function:
        def init(node: Node, *arguments: Any, **named: Any) -> None:
            original(node, *arguments, **named)
            trap.node = node

        return init

    _wrap(Node, "__init__", built)
    _arm_commit(trap)
    _arm_leaving(trap)
    _arm_roll(trap)


def _arm_commit(trap: _Trap) -> None:
    def write(original: _Function) -> _Function:
        def wrapped(writer: JournalWriter, begun: str | None, *rest: Any, sync: bool) -> None:
            rolls = begun is not None
            trap.reach(*((Point.ROLL, RollMoment.WRITTEN) if rolls else (Point.BEFORE_COMMIT, "")))
            original(writer, begun, *rest, sync=sync)
            trap.reach(*((Point.ROLL, RollMoment.BEGUN) if rolls else (Point.COMMITTED, "")))

        return wrapped

    _wrap(JournalWriter, "_write", write)


def _arm_leaving(trap: _Trap) -> None:
    # By the bus, then by the edge; orders hands its instructions over before both.
    def publish(original: _Function) -> _Function:
        def wrapped(outbox: Outbox, *arguments: Any) -> Any:
            published = original(outbox, *arguments)
            trap.published |= bool(published)
            if published or outbox.leaving:
                trap.reach(Point.PUBLISHED)
            return published

        return wrapped

    def leave(original: _Function) -> _Function:
        def wrapped(outbox: Outbox, *arguments: Any) -> None:
            waiting = len(outbox.leaving) + len(outbox._edge_messages)  # noqa: SLF001
            original(outbox, *arguments)
            if len(outbox.leaving) + len(outbox._edge_messages) < waiting:  # noqa: SLF001
                trap.reach(Point.HANDED_OVER)

        return wrapped

    def turn(original: _Function) -> _Function:
        def wrapped(shell: Shell, *arguments: Any) -> bool:
            worked = bool(original(shell, *arguments))
            if trap.published and not isinstance(shell.node.edge, GrpcEdge):
                trap.reach(Point.HANDED_OVER)
            trap.published = False
            return worked

        return wrapped

    _wrap(Outbox, "publish", publish)
    _wrap(Outbox, "hand_over", leave)
    _wrap(Outbox, "release", leave)
    _wrap(Shell, "turn", turn)


def _arm_roll(trap: _Trap) -> None:
    def reach_after(moment: RollMoment) -> Callable[[_Function], _Function]:
        def wrapper(original: _Function) -> _Function:
            def wrapped(*arguments: Any) -> Any:
                found = original(*arguments)
                trap.reach(Point.ROLL, moment)
                return found

            return wrapped

        return wrapper

    def roll(original: _Function) -> _Function:
        def wrapped(journal: Journal, *arguments: Any) -> None:
            trap.reach(Point.ROLL, RollMoment.CARRIED)
            original(journal, *arguments)

        return wrapped

    _wrap(Journal, "roll", roll)
    _wrap(journals, "checkpoint", reach_after(RollMoment.CHECKPOINTED))
    _wrap(journals, "open_date", reach_after(RollMoment.OPENED))


if __name__ == "__main__":
    _arm(_Trap(Path(sys.argv[1])))
    module = sys.argv[2]
    del sys.argv[1:3]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
