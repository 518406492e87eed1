"""The machine of a strategy worker: minutes in, one `Evaluated` per minute out.

Rule 1: a minute is evaluated after the reports required with it are folded (a LedgerMark of that
        sequence was seen), or when the deadline passes.
Rule 2: minutes are evaluated in the order in which they closed; none is skipped.
Rule 3: exactly one answer per enabled instance and minute, by priority, then name.
Rule 4: a strategy that raises ends the process; no bar is skipped to go on without it.
What one instance makes of a bar: services/strategies/strategy_instance.py.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from services.domain.calendar import Calendar, et_text
from services.domain.errors import ConfigError
from services.domain.manifest import Manifest
from services.domain.messages.risk import LedgerMark, Position
from services.domain.messages.session import SessionMinute, SessionUpdate
from services.domain.messages.strategy import Evaluated, NoTrade
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MS, UnixNanos
from services.strategies.config import StrategyBlock
from services.strategies.strategy_instance import StrategyInstance

DECISION_DEADLINE_MS: Final = 250
"""How long a stamp waits for its reports, on the clock in force."""
MINUTES_WAITING_MAX: Final = 64
"""Minutes that may wait for reports; beyond, the oldest is evaluated without them."""
LATE_UPDATES_MAX: Final = 4096
"""Late updates that may wait for the next minute; more means that no minute closes: a bug."""


class _PendingMinute(msgspec.Struct, frozen=True):
    minute: SessionMinute
    late: tuple[SessionUpdate, ...]
    """Of earlier minutes, come since the last one, in order of arrival."""
    deadline_ns: UnixNanos


class Host:
    """Every instance of one worker."""

    def __init__(
        self,
        manifest: Manifest,
        worker: str,
        blocks: Mapping[str, StrategyBlock],
        calendar: Calendar,
        *,
        decision_deadline_ms: int = DECISION_DEADLINE_MS,
    ) -> None:
        """Load the worker's strategies.

        Raises: ConfigError for an instance without a block, an unknown strategy, wrong parameters.
        """
        self._deadline_ns = decision_deadline_ms * NANOS_PER_MS
        self._instances_by_group = {
            group.name: tuple(
                StrategyInstance(slot, _block(blocks, slot.name), manifest, calendar)
                for slot in manifest.slots_of(group)
                if slot.worker == worker
            )
            for group in manifest.groups
        }
        self._instances_by_name = {
            instance.slot.name: instance
            for instances in self._instances_by_group.values()
            for instance in instances
        }
        _check_signals(manifest, worker, self._instances_by_name)
        self._late: dict[str, list[SessionUpdate]] = {}
        """By group, until its next minute."""
        self._pending: deque[_PendingMinute] = deque()
        self._mark: LedgerMark | None = None

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Handle a message of the session or position stream."""
        match message:
            case SessionMinute():
                self._on_minute(message, now)
            case Position():
                # Only the mark opens the barrier: a report may change more positions than this one.
                instance = self._instances_by_name.get(message.strategy)
                if instance is not None:
                    instance.on_position(message)
            case LedgerMark():
                if self._mark is None or message.report_sequence > self._mark.report_sequence:
                    self._mark = message
            case _:
                return ()
        return self._evaluate_ready(now)

    def next_deadline(self) -> UnixNanos | None:
        """When the oldest minute stops waiting for its reports."""
        return self._pending[0].deadline_ns if self._pending else None

    def on_timer(self, now: UnixNanos) -> Iterable[Message]:
        """Evaluate what has waited long enough."""
        return self._evaluate_ready(now)

    def carry(self) -> Iterable[Message]:
        """Positions still open, and how far reports are folded."""
        held = [p for instance in self._instances_by_name.values() for p in instance.open_positions]
        return (*held, *(() if self._mark is None else (self._mark,)))

    def first_of(self, waiting: Mapping[str, Message], at_end: frozenset[str]) -> str | None:
        """A minute after the mark it requires and before whatever follows that mark."""
        minute, position = waiting.get("session"), "position" if "position" in waiting else None
        if self._pending:
            return position
        if minute is None:
            return position if "session" in at_end else None
        if isinstance(minute, SessionMinute) and not minute.late:
            required = minute.required_report_sequence
            if required is not None and not self._has_mark(required):
                return position
        return "session"

    def _has_mark(self, sequence: int) -> bool:
        return self._mark is not None and self._mark.report_sequence >= sequence

    def _on_minute(self, minute: SessionMinute, now: UnixNanos) -> None:
        if not self._instances_by_group.get(minute.group):
            return
        if minute.late:
            waiting = self._late.setdefault(minute.group, [])
            waiting += minute.updates
            assert len(waiting) <= LATE_UPDATES_MAX, (
                f"{len(waiting)} late updates of group {minute.group} without a minute after them"
            )
            return
        late = tuple(self._late.pop(minute.group, ()))
        self._pending.append(_PendingMinute(minute, late, UnixNanos(now + self._deadline_ns)))

    def _is_ready(self, waiting: _PendingMinute, now: UnixNanos) -> bool:
        required_sequence = waiting.minute.required_report_sequence
        if required_sequence is None or now >= waiting.deadline_ns:
            return True
        return self._has_mark(required_sequence)

    def _evaluate_ready(self, now: UnixNanos) -> list[Evaluated]:
        ready: list[Evaluated] = []
        while self._pending and (
            self._is_ready(self._pending[0], now) or len(self._pending) > MINUTES_WAITING_MAX
        ):
            ready.append(self._evaluate(self._pending.popleft()))
        return ready

    def _evaluate(self, waiting: _PendingMinute) -> Evaluated:
        minute = waiting.minute
        updates = {update.contract: update for update in minute.updates}
        peers: dict[str, SessionUpdate] = {}
        signal, answers = "", []
        for instance in self._instances_by_group[minute.group]:
            if instance.signal != signal:  # the same for most of them
                signal = instance.signal
                peers = {name: update for name, update in updates.items() if name != signal}
            for update in waiting.late:
                if update.contract == signal:
                    instance.advance(update, {})
            bar = updates.get(signal)
            if bar is None:
                text = f"{signal} has no bar at {et_text(minute.close_ns)}"
                answers.append(instance.decline(NoTrade("no_bar", text)))
            else:
                answers.append(instance.evaluate(bar, peers))
        return Evaluated(
            group=minute.group,
            close_ns=minute.close_ns,
            trade_date=minute.trade_date,
            answers=tuple(answers),
        )


def _block(blocks: Mapping[str, StrategyBlock], name: str) -> StrategyBlock:
    if name not in blocks:
        raise ConfigError(f"strategies.toml has no block [{name}], found {sorted(blocks)}")
    return blocks[name]


def _check_signals(
    manifest: Manifest, worker: str, instances: Mapping[str, StrategyInstance]
) -> None:
    signals = [row.signal for group in manifest.groups for row in group.trade]
    for slot in manifest.slots:
        if slot.worker == worker and (slot.name not in instances or slot.signal not in signals):
            raise ConfigError(
                f"strategies.toml [{slot.name}] signal: found {slot.signal}, "
                f"expected a signal of desk.toml: {', '.join(signals)}"
            )
