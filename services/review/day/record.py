"""Every message of a run for one trade date, by kind, in the order published.

Rule: nothing is computed here and nothing is left out that a chart or an explanation shows.
"""

from collections.abc import Iterable
from typing import Any

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
        self.client_version = ""
        """Of the program that carried out its orders, from the last hello; empty: unknown."""
        self._lists: dict[type, list[Any]] = {
            OrderCommand: self.commands,
            CommandAck: self.acks,
            OrderUpdate: self.orders,
            Execution: self.executions,
            BarSettled: self.settled,
            FeedFault: self.faults,
            StateChanged: self.states,
            Alert: self.alerts,
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
        match message:
            case SessionUpdate():
                self.updates.setdefault(message.contract, []).append(message)
            case Evaluated():
                self._evaluated(message)
            case Decision():
                self.decisions[message.candidate_id] = message
            case LinkStatus():
                self.links.append(message)
                self.client_version = message.version or self.client_version
            case Position():
                self.positions.setdefault(message.position_id, []).append(message)
            case _ if type(message) in self._lists:
                self._lists[type(message)].append(message)
            case _:
                pass

    def _evaluated(self, evaluated: Evaluated) -> None:
        self.evaluated.append(evaluated)
        for answer in evaluated.answers:
            self.answers.setdefault(answer.strategy, []).append((evaluated.close_ns, answer))
            for candidate in answer.candidates:
                self.candidates[candidate.candidate_id] = candidate
