"""One strategy instance of a worker: its object for the session, its positions, its answers.

Rule 1: a new object per trade date; it first gets the positions of that date that are known.
Rule 2: every bar is fed, whatever the answer may be; a bar of an older date is not.
Rule 3: reasons rank: own position, degraded session, the strategy's own guard, bracket, history.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from services.domain.calendar import Calendar, et_text
from services.domain.identity import candidate_id
from services.domain.manifest import Manifest, StrategySlot
from services.domain.messages.risk import Position, PositionState
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Candidate, Evaluation, NoTrade
from services.strategies.authoring.context import SessionContext
from services.strategies.authoring.entry_signal import EntrySignal, signal_refusal
from services.strategies.authoring.strategy import Strategy
from services.strategies.config import StrategyBlock, build_params, params_hash, strategy_of

CANDIDATES_MAX: Final = 3
"""Signals one bar may bring; more is a bug of the strategy."""
_NO_SETUP: Final = NoTrade("no_setup", "nothing to trade on this bar")
_MANAGED_STATES: Final = frozenset({PositionState.OPEN, PositionState.UNKNOWN})
"""States in which there is, or may be, something to protect and no exit is on its way."""


class StrategyInstance:
    """A configured instance; holds whatever outlives one bar."""

    def __init__(
        self, slot: StrategySlot, block: StrategyBlock, manifest: Manifest, calendar: Calendar
    ) -> None:
        """Load the strategy and check its parameters and what it reads.

        Raises: ConfigError for an unknown strategy, a parameter or a declaration that is wrong.
        """
        self.slot = slot
        self.signal = slot.signal
        """Its signal contract."""
        self._config = build_params(block, slot.name)
        self._type = strategy_of(slot, block)
        self.config_hash = params_hash(self._config)
        """Of its parameters: part of every id, and of what risk has approved."""
        self._manifest = manifest
        self._calendar = calendar
        self._trade_date = ""
        self.version = self._type.VERSION
        """Version of the strategy's rules."""
        self.open_positions: tuple[Position, ...] = ()
        """Its positions that are not closed, in the order in which they were opened."""
        self._declined = Evaluation(
            strategy=slot.name,
            version=self.version,
            contract=slot.signal,
            no_trade=_NO_SETUP,
            config=self.config_hash,
        )
        self._degraded_reasons: tuple[str, ...] = ()
        self._degraded_refusal = _NO_SETUP
        self._strategy: Strategy[Any] | None = None
        self._positions: dict[str, Position] = {}

    def on_position(self, position: Position) -> None:
        """Keep the newest state of one of its positions."""
        self._positions[position.position_id] = position
        held = self._positions.values()
        self.open_positions = tuple(p for p in held if p.state is not PositionState.CLOSED)
        if self._strategy is not None and position.trade_date == self._trade_date:
            self._strategy.on_position(position)

    def advance(self, update: SessionUpdate, peers: Mapping[str, SessionUpdate]) -> None:
        """Advance the strategy by a bar nobody may trade on any more."""
        strategy = self._strategy_for(update)
        if strategy is not None:
            self._signals(tuple(strategy.on_update(update, peers)))

    def evaluate(self, update: SessionUpdate, peers: Mapping[str, SessionUpdate]) -> Evaluation:
        """Feed a bar and return the evaluation."""
        strategy = self._strategy
        if strategy is None or update.trade_date != self._trade_date:
            strategy = self._strategy_for(update)
        if strategy is None:
            return self.decline(NoTrade("no_session", f"no session on {update.trade_date}"))
        results = tuple(strategy.on_update(update, peers))
        only = results[0] if len(results) == 1 else None  # a refusal, on nearly every bar
        result = only if isinstance(only, NoTrade) else self._signals(results)
        if self.open_positions:
            return self._evaluate_in_position(strategy, result, update)
        if update.degraded:
            return self.decline(self._degraded(update.degraded))
        if isinstance(result, NoTrade):
            return self._declined if result is self._declined.no_trade else self.decline(result)
        return self._check_signals(strategy, result, update)

    def decline(self, reason: NoTrade) -> Evaluation:
        """Answer a bar with a reason and nothing else.

        Most bars of a day give the very reason of the bar before: then so is the answer.
        """
        declined = self._declined
        if reason is not declined.no_trade:
            declined = self._declined = msgspec.structs.replace(declined, no_trade=reason)
        return declined

    def _evaluate_in_position(
        self,
        strategy: Strategy[Any],
        results: tuple[EntrySignal, ...] | NoTrade,
        update: SessionUpdate,
    ) -> Evaluation:
        # While it holds, only what adds to the position may be signalled, on a sound session.
        adjustments = tuple(
            adjustment
            for position in self.open_positions
            if position.state in _MANAGED_STATES and not update.historical
            for adjustment in strategy.manage(update, position)
        )
        signals = () if isinstance(results, NoTrade) else results
        adds = tuple(signal for signal in signals if signal.adds_to_position)
        if adds and not update.degraded:
            answer = self._check_signals(strategy, adds, update)
            return msgspec.structs.replace(answer, adjustments=adjustments)
        held = self.open_positions[0]
        text = f"{held.side.name} {held.position_id} is {held.state.name.lower()}"
        reason = NoTrade("in_position", text)
        return msgspec.structs.replace(self._declined, no_trade=reason, adjustments=adjustments)

    def _strategy_for(self, update: SessionUpdate) -> Strategy[Any] | None:
        if update.trade_date > self._trade_date:
            self._begin(update.trade_date)
        return self._strategy if update.trade_date == self._trade_date else None

    def _begin(self, trade_date: str) -> None:
        self._trade_date = trade_date
        self._positions = {
            key: position
            for key, position in self._positions.items()
            if position.state is not PositionState.CLOSED or position.trade_date == trade_date
        }
        session = self._calendar.session(trade_date)
        if session is None:
            self._strategy = None
            return
        context = SessionContext(
            instance=self.slot.name,
            contract=self.slot.signal,
            order_contract=self._manifest.order_contract(self.slot.signal),
            session=session,
            priority=self.slot.priority,
        )
        self._strategy = self._type(self._config, context)
        for position in self._positions.values():
            if position.trade_date == trade_date:
                self._strategy.on_position(position)

    def _degraded(self, reasons: tuple[str, ...]) -> NoTrade:
        # Mostly those of the bar before: then so is the answer.
        if reasons != self._degraded_reasons:
            self._degraded_reasons = reasons
            self._degraded_refusal = NoTrade("degraded", "; ".join(reasons))
        return self._degraded_refusal

    def _signals(
        self, results: tuple[EntrySignal | NoTrade, ...]
    ) -> tuple[EntrySignal, ...] | NoTrade:
        signals = tuple(item for item in results if isinstance(item, EntrySignal))
        assert len(signals) <= CANDIDATES_MAX, (
            f"{self.slot.name} gave {len(signals)} signals on one bar, {CANDIDATES_MAX} allowed"
        )
        refused = (item for item in results if isinstance(item, NoTrade))
        return signals or next(refused, _NO_SETUP)

    def _check_signals(
        self, strategy: Strategy[Any], signals: tuple[EntrySignal, ...], update: SessionUpdate
    ) -> Evaluation:
        verdicts = [(s, signal_refusal(s, self._config, strategy.context)) for s in signals]
        sound = [signal for signal, refused in verdicts if refused is None]
        if not sound:
            return self.decline(verdicts[0][1] or _NO_SETUP)
        for signal in sound:
            strategy.on_signal(signal, update)
        if update.historical:
            # It counts as given: a desk that joins late must not take the set-up a second time.
            text = f"{sound[0].model} at {et_text(update.close_ns)} is history"
            return self.decline(NoTrade("historical", text))
        candidates = tuple(self._candidate(signal, update) for signal in sound)
        ids = {candidate.candidate_id for candidate in candidates}
        assert len(ids) == len(candidates), f"{self.slot.name} gave two signals for one model"
        return msgspec.structs.replace(self._declined, no_trade=None, candidates=candidates)

    def _candidate(self, signal: EntrySignal, update: SessionUpdate) -> Candidate:
        assert signal.model in self._type.MODELS, (
            f"{self.slot.name} gave a signal for {signal.model}"
        )
        name = candidate_id(
            run=self._manifest.run,
            account=self._manifest.account,
            strategy=self.slot.name,
            version=self.version,
            config=self.config_hash,
            contract=update.contract,
            trade_date=update.trade_date,
            close_ns=update.close_ns,
            kind=signal.model,
        )
        return Candidate(
            candidate_id=name,
            strategy=self.slot.name,
            wire_name=self._type.WIRE_NAME,
            model=signal.model,
            contract=update.contract,
            order_contract=self._manifest.order_contract(self.slot.signal),
            trade_date=update.trade_date,
            close_ns=update.close_ns,
            side=signal.side,
            entry=signal.entry,
            stop=signal.stop,
            target=signal.target,
            confidence=signal.confidence,
            score=signal.score,
            reason=signal.reason,
            features=signal.features,
        )
