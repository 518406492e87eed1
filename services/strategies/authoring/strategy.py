"""The bases of strategies: one object per instance and session, messages in, entry signals out.

Rule 1: a strategy sees parameters, its session's frame and messages; no clock, bus or account.
Rule 2: it is fed every bar of its session, also while a position is open or entries are blocked.
Rule 3: what it yields comes from the bars so far; the host decides whether a signal leaves.
Rule 4: those that trade against a finished Initial Balance, six of the seven, follow every bar
        first and judge the window and the Initial Balance before anything else.
A new strategy is one file in catalog/: `class Config(StrategyConfig, frozen=True)` and one class.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Final, Generic, TypeVar

from services.domain.calendar import et_text
from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.reading import Range
from services.domain.messages.risk import Position
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Adjustment, NoTrade
from services.domain.units import UnixNanos
from services.strategies.authoring import exits, guards
from services.strategies.authoring.context import SessionContext
from services.strategies.authoring.entry_signal import EntrySignal
from services.strategies.authoring.parameters import StrategyConfig
from services.strategies.authoring.scale import Scale

C = TypeVar("C", bound=StrategyConfig)

_OUTSIDE_RTH: Final = NoTrade("outside_rth", "entries only in regular hours, from 09:30 ET on")
_AT_NIGHT: Final = (_OUTSIDE_RTH,)


class Strategy(Generic[C]):
    """No-op handlers; a strategy overrides what it needs."""

    WIRE_NAME: ClassVar[str] = ""
    """Name on the wire, `Edge Fade` (spec C.0)."""
    MODELS: ClassVar[tuple[str, ...]] = ()
    """Set-ups it may signal, in capitals: part of the candidate's id, and of the record."""
    VERSION: ClassVar[str] = "1"
    """Part of every candidate id; raised when the rules change."""
    READS: ClassVar[frozenset[IndicatorFamily]] = frozenset()
    """Optional families of the reading it needs; the fields of a family nobody declares are None.

    Its block in strategies.toml has the same in `reads`; its worker compares the two at its start.
    """

    def __init__(self, config: C, context: SessionContext) -> None:
        """Begin a session."""
        self.config = config
        """Its parameters, checked and complete."""
        self.context = context
        """Its contracts and its session."""
        self.scale = Scale(config.bounds, context)
        """The version of bounds that applies: points or multiples."""
        self.signals_given = 0
        """Entry signals of this session that passed the checks, wherever they ended."""
        self.last_signal_minute: int | None = None
        """Minute of regular hours of the last of them: cooldowns run from it."""
        self.exit_plan = exits.ExitPlan.of(config, context)
        """The exit parameters with their clocks resolved, for the functions of `exits`."""
        self._first_entry_ns = context.at(config.first_entry)
        self._last_entry_ns = min(context.at(config.last_entry), self.exit_plan.leave_ns)
        self._outside = _outside(self._first_entry_ns, self._last_entry_ns)

    def on_update(
        self, update: SessionUpdate, peers: Mapping[str, SessionUpdate]
    ) -> Iterable[EntrySignal | NoTrade]:
        """Give the entry signals of a bar, or the first guard that refused; one to three a bar.

        `peers` holds the other contracts of the group that have a bar at this stamp, by name
        (`ES 03-26`); optional families are in them only where state.toml asks for them, or a
        strategy of that signal.
        """
        del update, peers
        return ()

    def on_signal(self, signal: EntrySignal, update: SessionUpdate) -> None:
        """Count a signal as given: it left, or fell on a historical bar."""
        del signal
        self.signals_given += 1
        self.last_signal_minute = update.minute_of_rth

    def on_position(self, position: Position) -> None:
        """Keep a new state of a position of this instance and session; nothing by default."""

    def manage(self, update: SessionUpdate, position: Position) -> Iterator[Adjustment]:
        """Give what an open position needs after this bar; by default the shared exits."""
        return exits.adjustments(self.exit_plan, update, position)

    def outside_window(self, update: SessionUpdate) -> NoTrade | None:
        """Refuse a bar whose close stamp is outside the entry window; None inside."""
        if update.minute_of_rth is None:
            return _OUTSIDE_RTH
        if update.close_ns <= self._first_entry_ns:
            return self._outside[0]
        if update.close_ns >= self._last_entry_ns:
            return self._outside[1]
        return None


class AfterInitialBalance(Strategy[C], ABC):
    """`follow` sees every bar; `decide` those inside the window with a usable Initial Balance."""

    def on_update(
        self, update: SessionUpdate, peers: Mapping[str, SessionUpdate]
    ) -> tuple[EntrySignal | NoTrade]:
        """Follow a bar; inside the window and with a usable Initial Balance, decide on it."""
        del peers
        self.follow(update)
        if update.minute_of_rth is None:  # most bars of a day: answered without a further look
            return _AT_NIGHT
        ib = self.outside_window(update) or guards.initial_balance(update)
        return (ib if isinstance(ib, NoTrade) else self.decide(update, ib),)

    def follow(self, update: SessionUpdate) -> None:
        """Keep what the rules need of the bars so far."""

    @abstractmethod
    def decide(self, update: SessionUpdate, ib: Range) -> EntrySignal | NoTrade:
        """Judge the conditions in their order: the first refusal, or the entry signal."""


def _outside(first_ns: UnixNanos, last_ns: UnixNanos) -> tuple[NoTrade, NoTrade]:
    # Before and after the window. Made once a session: most bars of a day end here, and the bar's
    # own stamp stands in its evaluation.
    return (
        NoTrade("before_window", f"entries only on stamps after {et_text(first_ns)}"),
        NoTrade("after_window", f"entries only on stamps before {et_text(last_ns)}"),
    )
