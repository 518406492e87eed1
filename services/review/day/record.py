"""Every message of a run for one trade date, by kind, in the order published.

Rule: nothing is computed here and nothing is left out that a chart or an explanation shows.
"""

from collections.abc import Callable, Iterable

from services.domain.messages.market import FeedFault
from services.domain.messages.orders import CommandAck, Execution, LinkStatus, OrderUpdate
from services.domain.messages.risk import (
    Alert,
    BarSettled,
    Decision,
    OrderCommand,
    Position,
    StateChanged,
)
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Candidate, Evaluated, Evaluation
from services.domain.messages.union import Event
from services.domain.units import UnixNanos


class DayRecord:
    """The messages of a trade date, by kind."""

    def __init__(self, date: str, *, run: str = "", messages: Iterable[Event] = ()) -> None:
        """`messages`: of this date only; each stream in its own order."""
        self.date = date
        self.run = run
        self.updates: dict[str, list[SessionUpdate]] = {}
        """Readings by contract, in stamp order."""
        self.evaluated: list[Evaluated] = []
        self.answers: dict[str, list[tuple[UnixNanos, Evaluation]]] = {}
        """Every strategy's answers with their stamps, by strategy."""
        self.candidates: dict[str, Candidate] = {}
        """By candidate id."""
        self.decisions: dict[str, Decision] = {}
        """By candidate id."""
        self.commands: list[OrderCommand] = []
        self.acks: list[CommandAck] = []
        self.orders: list[OrderUpdate] = []
        self.executions: list[Execution] = []
        self.positions: dict[str, list[Position]] = {}
        """Every state of each position, by position id."""
        self.settled: list[BarSettled] = []
        self.faults: list[FeedFault] = []
        self.states: list[StateChanged] = []
        self.alerts: list[Alert] = []
        self.links: list[LinkStatus] = []
        self._handlers: dict[type, Callable[..., None]] = {
            SessionUpdate: self._update,
            Evaluated: self._evaluated,
            Decision: self._decision,
            OrderCommand: self.commands.append,
            CommandAck: self.acks.append,
            OrderUpdate: self.orders.append,
            Execution: self.executions.append,
            Position: self._position,
            BarSettled: self.settled.append,
            FeedFault: self.faults.append,
            StateChanged: self.states.append,
            LinkStatus: self.links.append,
            Alert: self.alerts.append,
        }
        for message in messages:
            self.add(message)

    @property
    def traded(self) -> tuple[str, ...]:
        """Signal contracts that strategies looked at, in order of first answer."""
        contracts = (answer.contract for e in self.evaluated for answer in e.answers)
        return tuple(dict.fromkeys(contracts))

    def add(self, message: Event) -> None:
        """Keep a message if it is of a kind that is shown."""
        handler = self._handlers.get(type(message))
        if handler is not None:
            handler(message)

    def _update(self, update: SessionUpdate) -> None:
        self.updates.setdefault(update.contract, []).append(update)

    def _evaluated(self, evaluated: Evaluated) -> None:
        self.evaluated.append(evaluated)
        for answer in evaluated.answers:
            self.answers.setdefault(answer.strategy, []).append((evaluated.close_ns, answer))
            for candidate in answer.candidates:
                self.candidates[candidate.candidate_id] = candidate

    def _decision(self, decision: Decision) -> None:
        self.decisions[decision.candidate_id] = decision

    def _position(self, position: Position) -> None:
        self.positions.setdefault(position.position_id, []).append(position)
