"""The barrier: a closed stamp waits until every enabled strategy of its group has evaluated it.

Rule 1: stamps are settled one after another in the order in which they closed, over all groups: who
        evaluates faster changes nothing.
Rule 2: a stamp is complete when every strategy of its group has evaluated it and the reports it was
        promised are folded; a historical stamp waits for nobody.
Rule 3: an evaluation that arrives before its stamp is held; one after the stamp is settled is late.
Rule 4: a worker that said its last words (Halt) is not waited for until one of its strategies
        speaks again.
Rule 5: a stamp that promises reports belongs to a client that waits for us, and whose market stands
        still meanwhile: while the order link is lost it waits too, so that a router that starts
        again does not change what is decided.
"""

import msgspec

from services.domain.manifest import Manifest, StrategySlot
from services.domain.messages.session import SessionUpdate, StampClosed
from services.domain.messages.strategy import Evaluated, Evaluation
from services.domain.units import UnixNanos


class Waiting(msgspec.Struct, kw_only=True):
    """One closed stamp of one group, not settled yet."""

    stamp: StampClosed
    slots: tuple[StrategySlot, ...]
    """Strategies it waits for, by priority."""
    opened_ns: UnixNanos
    evaluated: dict[str, Evaluation]
    """By strategy; the first word of each counts."""

    def complete(self, report_sequence: int, gone: frozenset[str]) -> bool:
        """Nothing more to wait for, with reports folded up to a sequence."""
        if self.stamp.historical:
            return True
        if not gone and len(self.evaluated) < len(self.slots):
            return False  # the usual answer, without looking who is missing
        return report_sequence >= (self.stamp.report_sequence or 0) and gone.issuperset(self.late)

    @property
    def waits_for_its_client(self) -> bool:
        """Its client will come back before it goes on."""
        return self.stamp.report_sequence is not None and not self.stamp.historical

    @property
    def late(self) -> tuple[str, ...]:
        """Strategies that have not evaluated the stamp."""
        return tuple(slot.name for slot in self.slots if slot.name not in self.evaluated)

    def answers(self) -> tuple[Evaluation, ...]:
        """What was evaluated, by priority, strategies the desk does not know last."""
        evaluated = self.evaluated
        known = [slot.name for slot in self.slots if slot.name in evaluated]
        if len(known) == len(evaluated):
            return tuple([evaluated[name] for name in known])
        unknown = sorted(evaluated.keys() - set(known))
        return tuple([evaluated[name] for name in (*known, *unknown)])


class Barrier:
    """Closed stamps in their order, with what has arrived for each."""

    def __init__(self, manifest: Manifest) -> None:
        self._slots = {group.name: manifest.slots_of(group) for group in manifest.groups}
        self._groups = {c: group.name for group in manifest.groups for c in group.contracts}
        self._waiting: list[Waiting] = []
        self._early: dict[tuple[str, UnixNanos], dict[str, Evaluation]] = {}
        self._updates: dict[tuple[str, UnixNanos], dict[str, SessionUpdate]] = {}
        self._settled: dict[str, StampClosed] = {}
        self._promises = False
        self._workers = {slot.name: slot.worker for slot in manifest.slots}
        self.gone: frozenset[str] = frozenset()
        """Strategies whose worker has ended by a fault."""

    @property
    def promises(self) -> bool:
        """Stamps say which reports to wait for."""
        return self._promises

    def carried(self, *, promises: bool) -> None:
        """Begin with what the last stamp before told."""
        self._promises = promises

    @property
    def head(self) -> Waiting | None:
        """The stamp whose turn it is."""
        return self._waiting[0] if self._waiting else None

    def read(self, update: SessionUpdate) -> None:
        """Keep an instrument's reading until its stamp is settled."""
        group = self._groups.get(update.contract)
        if group is None:
            return
        key = (group, update.close_ns)
        readings = self._updates.get(key)
        if readings is None:
            readings = self._updates[key] = {}
        readings[update.contract] = update

    def readings(self, group: str, close_ns: UnixNanos) -> dict[str, SessionUpdate]:
        """Every instrument's reading at a stamp that is not settled, by contract."""
        return self._updates.get((group, close_ns), {})

    def close(self, stamp: StampClosed, now: UnixNanos) -> None:
        """Let a closed stamp wait for its strategies."""
        self._promises = stamp.report_sequence is not None
        key = (stamp.group, stamp.close_ns)
        waiting = any((w.stamp.group, w.stamp.close_ns) == key for w in self._waiting)
        if stamp.group not in self._slots or waiting or self._is_settled(*key):
            return
        self._waiting.append(
            Waiting(
                stamp=stamp,
                slots=self._slots[stamp.group],
                opened_ns=now,
                evaluated=self._early.pop(key, {}),
            )
        )

    def refusal(self, evaluated: Evaluated) -> tuple[str, str] | None:
        """Code and sentence for an evaluation that no stamp waits for, or None."""
        if evaluated.group not in self._slots:
            return "IDENTITY", f"group {evaluated.group} is not declared"
        if not self._is_settled(evaluated.group, evaluated.close_ns):
            return None
        if self._settled[evaluated.group].historical:
            return "HISTORICAL", "the stamp came from history and was settled at once"
        names = ", ".join(answer.strategy for answer in evaluated.answers)
        return "LATE", f"{names} evaluated the stamp after it was settled"

    def lose(self, service: str) -> None:
        """Wait no more for the strategies of a worker that has ended."""
        lost = (name for name, worker in self._workers.items() if worker == service)
        self.gone = self.gone.union(lost)

    def hold(self, evaluated: Evaluated) -> None:
        """Keep a worker's answers for their stamp."""
        if self.gone:
            self.gone = self.gone.difference({answer.strategy for answer in evaluated.answers})
        key = (evaluated.group, evaluated.close_ns)
        if self.refusal(evaluated) is not None:
            return
        held = self._held(key)
        for answer in evaluated.answers:
            held.setdefault(answer.strategy, answer)

    def _held(self, key: tuple[str, UnixNanos]) -> dict[str, Evaluation]:
        for waiting in self._waiting:
            if (waiting.stamp.group, waiting.stamp.close_ns) == key:
                return waiting.evaluated
        return self._early.setdefault(key, {})

    def settled(self, group: str, close_ns: UnixNanos) -> None:
        """Take a stamp as settled: it is the head, and what was kept for it goes."""
        head = self._waiting.pop(0)
        found = (head.stamp.group, head.stamp.close_ns)
        assert found == (group, close_ns), f"settled {group} {close_ns}, expected {found}"
        self._settled[group] = head.stamp
        for kept in (self._early, self._updates):
            if kept:
                for key in [k for k in kept if k[0] == group and k[1] <= close_ns]:
                    del kept[key]

    def _is_settled(self, group: str, close_ns: UnixNanos) -> bool:
        last = self._settled.get(group)
        return last is not None and close_ns <= last.close_ns
