"""The barrier: a closed minute waits until every enabled strategy of its group has evaluated it.

What can go wrong. Strategies run in processes of their own, and the fastest must not win a contract
by being first. Reports of the orders of the minute before come over another stream, and a decision
must not depend on whether they overtook the bars. A worker may have ended, or be slow; the link to
the client may be down for a moment or for good; messages of history come after a restart.

The states of a minute, per group: unknown; early (answers came, kept by its time); pending (its
readings came, in the order of closing over all groups); settled. There is no way
back, and only the first pending minute, the head, can be settled. It is complete when every
strategy of its group has answered, those of failed workers excepted, and the reports it requires
are folded; a historical minute is complete at once. What is not complete is settled by the gate's
deadline, without those that are missing: no minute waits for ever.

Rule 1: minutes are settled in the order in which they closed, over all groups: which strategy
        evaluates first changes nothing.
Rule 2: a minute is complete when every strategy of its group has evaluated it and the reports it
        requires are folded; a historical minute does not wait.
Rule 3: an evaluation that arrives before its minute is kept; one that arrives after it is late.
Rule 4: a worker that failed (Halt) is not waited for until one of its strategies evaluates again.
Rule 5: a minute that requires reports comes from a client in lock-step, whose market stands still
        until we settle: it also waits while the order link is down, so that a restart of the
        router does not change a decision.

Why this suffices. What a decision rests on is complete before it is made, or its absence is on
record (the deadline is a journalled timer, `late` names who was missing). Sets of answers and
readings have no order, and the order of minutes is that of one stream; so the same messages in any
arrival give the same sequence of settlements. In lock-step nothing is late, because the client
waits; live, lateness is decided by the journalled time and replays as it was.
"""

import msgspec

from services.domain.manifest import Manifest, StrategySlot
from services.domain.messages.risk import BarSettled
from services.domain.messages.session import SessionMinute
from services.domain.messages.strategy import Evaluated, Evaluation
from services.domain.messages.union import Message, ReportMessage
from services.domain.units import UnixNanos


class PendingMinute(msgspec.Struct, kw_only=True):
    """One closed minute of one group, not settled yet."""

    minute: SessionMinute
    slots: tuple[StrategySlot, ...]
    """Strategies it waits for, by priority."""
    names: frozenset[str]
    """Theirs."""
    opened_ns: UnixNanos
    evaluations: dict[str, Evaluation]
    """By strategy; the first evaluation of each counts."""

    @property
    def late_strategies(self) -> tuple[str, ...]:
        """Strategies that have not evaluated the stamp."""
        if self.evaluations.keys() >= self.names:
            return ()
        return tuple(slot.name for slot in self.slots if slot.name not in self.evaluations)

    def requests(self) -> list[Evaluation]:
        """Evaluations that ask for something, by priority, of unknown strategies last."""
        requested = [
            each for each in self.evaluations.values() if each.candidates or each.adjustments
        ]
        if len(requested) > 1:
            places = {slot.name: place for place, slot in enumerate(self.slots)}
            last = len(places)
            requested.sort(key=lambda each: (places.get(each.strategy, last), each.strategy))
        return requested


class _GroupQueue:
    """What is kept of one group."""

    __slots__ = ("early", "names", "settled", "slots")

    def __init__(self, slots: tuple[StrategySlot, ...]) -> None:
        self.slots = slots
        self.names = frozenset(slot.name for slot in slots)
        self.early: dict[UnixNanos, dict[str, Evaluation]] = {}
        """By stamp and strategy, of what is not closed."""
        self.settled: SessionMinute | None = None
        """The last stamp settled."""


class Barrier:
    """Closed stamps in their order, with what has arrived for each."""

    def __init__(self, manifest: Manifest) -> None:
        self._queues = {
            group.name: _GroupQueue(manifest.slots_of(group)) for group in manifest.groups
        }
        self.refusal: tuple[str, str] | None = None
        """Code and sentence where no minute waits for the last message of answers."""
        self.pending: list[PendingMinute] = []
        """Minutes that are not settled, in the order of closing: the first is the head."""
        self.reports_required = False
        """Minutes name the last report to wait for."""
        self._workers = {slot.name: slot.worker for slot in manifest.slots}
        self.strategies_of_failed_workers: frozenset[str] = frozenset()
        """Strategies whose worker has ended by a fault."""

    def is_complete(self, report_sequence: int, *, link_lost: bool) -> bool:
        """Whether all of the head is in, given the last report folded."""
        head = self.pending[0]
        minute, evaluated = head.minute, head.evaluations.keys()
        required, failed = minute.required_report_sequence, self.strategies_of_failed_workers
        if minute.historical:
            return True
        # A client that names a report reconnects before its market goes on.
        if required is not None and (link_lost or report_sequence < required):
            return False
        return evaluated >= head.names or (bool(failed) and failed >= head.names - evaluated)

    def add_minute(self, minute: SessionMinute, now: UnixNanos) -> None:
        """Add a closed minute; it waits for its strategies."""
        self.reports_required = minute.required_report_sequence is not None
        queue, close_ns = self._queues.get(minute.group), minute.close_ns
        if queue is None or (queue.settled is not None and close_ns <= queue.settled.close_ns):
            return
        if self.pending and self._find(minute.group, close_ns) is not None:
            return
        self.pending.append(
            PendingMinute(
                minute=minute,
                slots=queue.slots,
                names=queue.names,
                opened_ns=now,
                evaluations=queue.early.pop(close_ns, {}),
            )
        )

    def _refusal(self, evaluated: Evaluated) -> tuple[str, str] | None:
        queue = self._queues.get(evaluated.group)
        if queue is None:
            return "IDENTITY", f"group {evaluated.group} is not declared"
        settled = queue.settled
        if settled is None or evaluated.close_ns > settled.close_ns:
            return None
        if settled.historical:
            return "HISTORICAL", "the minute came from history and was settled at once"
        names = ", ".join(answer.strategy for answer in evaluated.answers)
        return "LATE", f"{names} evaluated the minute after it was settled"

    def expects(self, evaluated: Evaluated) -> bool:
        """Whether the evaluation's minute is here, or has been."""
        pending = self._find(evaluated.group, evaluated.close_ns)
        return pending is not None or self._refusal(evaluated) is not None

    def worker_failed(self, service: str) -> None:
        """Wait no more for the strategies of a worker that has ended."""
        lost = (name for name, worker in self._workers.items() if worker == service)
        self.strategies_of_failed_workers = self.strategies_of_failed_workers.union(lost)

    def add_evaluations(self, evaluated: Evaluated) -> None:
        """Keep a worker's answers for their stamp."""
        if self.strategies_of_failed_workers:
            self.strategies_of_failed_workers = self.strategies_of_failed_workers.difference(
                {answer.strategy for answer in evaluated.answers}
            )
        self.refusal = self._refusal(evaluated)
        if self.refusal is not None:
            return
        group, close_ns = evaluated.group, evaluated.close_ns
        pending = self._find(group, close_ns)
        if pending is None:
            held = self._queues[group].early.setdefault(close_ns, {})
        else:
            held = pending.evaluations
        for answer in evaluated.answers:
            held.setdefault(answer.strategy, answer)

    def _find(self, group: str, close_ns: UnixNanos) -> PendingMinute | None:
        for pending in self.pending:
            minute = pending.minute
            if minute.close_ns == close_ns and minute.group == group:
                return pending
        return None

    def apply_settled(self, settled: BarSettled) -> SessionMinute:
        """Apply the settlement of the first pending minute; give it, and drop what was kept."""
        minute = self.pending.pop(0).minute
        group, close_ns = settled.group, settled.close_ns
        assert (minute.group, minute.close_ns) == (group, close_ns), (
            f"settled {group} {close_ns}, expected {minute.group} {minute.close_ns}"
        )
        queue = self._queues[group]
        queue.settled = minute
        # Whatever else is not newer came late for a minute before: seldom anything.
        for early_ns in [at for at in queue.early if at <= close_ns]:
            del queue.early[early_ns]
        return minute


def waits_for_report(
    minute: SessionMinute, report: Message | None, folded: int, at_end: frozenset[str]
) -> bool:
    """Whether a minute has its turn only after the next report, where both are read again.

    `report`: the next one, None: none has come; `folded`: sequence of the last one; `at_end`:
    streams that were read to their end. What was reported before the minute closed, under a number
    that it requires, comes first: the link and the account among it, which have none of their own.
    """
    required = minute.required_report_sequence
    if required is None:
        return False
    if folded < required:
        return True
    if not isinstance(report, ReportMessage):
        return "report" not in at_end
    return report.report_sequence <= required and report.at_ns < minute.close_ns
