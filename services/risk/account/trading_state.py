"""What the desk may do: kill, halt, preflight, latches of limits, and the one state that follows.

Rule 1: KILLED before HALTED before REDUCING before ACTIVE; a lower state stays set under a
        higher one.
Rule 2: an operator's Resume resets a kill, a halt and every latch of manual reset (below); where
        the limit is still breached, it trips again at the next check. The daily loss stays until
        the next trade date, the profit goal of the account for the run.
Rule 3: a failed preflight is a halt of its own, which the next preflight result replaces.
Rule 4: the first reason of another latch is the one that is kept.
Rule 5: a latch that trips is published once, even under a kill, for the journal.
"""

from typing import Final

from services.domain.messages.control import Kill
from services.domain.messages.risk import Latch, StateChanged, StrategyKill, TradingState
from services.domain.units import UnixNanos

_HALTED: Final = TradingState.HALTED.name
PREFLIGHT_REASON: Final = "preflight: "
"""How the reason of a halt by a failed preflight begins."""
_ACTIVE: Final = (TradingState.ACTIVE, "")
DAILY_LOSS: Final = "DAILY_LOSS"
_MANUAL_RESET: Final = (
    "WEEKLY_LOSS",
    "TRAILING_DRAWDOWN",
    "END_OF_DAY_DRAWDOWN",
    "STATIC_DRAWDOWN",
)
ACCOUNT_GOAL: Final = "ACCOUNT_GOAL"
"""Latch of the account's profit goal; it refuses as PROFIT_GOAL, as the day's does."""
_FLATTENS: Final = (DAILY_LOSS, *_MANUAL_RESET)


class TradingStateMachine:
    """The latches of the desk."""

    def __init__(self) -> None:
        self.killed: str | None = None
        """Why an operator killed the desk."""
        self.halted: str | None = None
        """Why the desk is halted."""
        self.preflight_failure: str | None = None
        """What the last preflight found."""
        self.latches = LimitLatches()
        """Latches of breached limits."""
        self.kill_flattens = False
        """The kill also flattens."""
        self.strategy_kills: dict[str, StrategyKill] = {}
        """Kills of single strategies, by name."""
        self._published_state: tuple[TradingState, str] | None = _ACTIVE

    @property
    def state(self) -> tuple[TradingState, str]:
        """The state in force and its reason."""
        if self.killed is None and self.halted is None:
            if self.preflight_failure is not None:
                return TradingState.HALTED, self.preflight_failure
            if self.latches.reducing_cause is None:
                return _ACTIVE
        return self.state_without_preflight

    @property
    def state_without_preflight(self) -> tuple[TradingState, str]:
        """The state in force and its reason, the preflight left out: it is carried by itself."""
        if self.killed is not None:
            return TradingState.KILLED, self.killed
        if self.halted is not None:
            return TradingState.HALTED, self.halted
        if self.latches.reducing_cause is not None:
            return TradingState.REDUCING, self.latches.reducing_cause[1]
        return _ACTIVE

    @property
    def entry_blocks(self) -> tuple[str, ...]:
        """Every state above ACTIVE that is set, with its reason, the one in force first."""
        cause = self.latches.reducing_cause
        found = (
            (TradingState.KILLED, self.killed),
            (TradingState.HALTED, self.halted),
            (TradingState.HALTED, self.preflight_failure),
            (TradingState.REDUCING, None if cause is None else cause[1]),
        )
        return tuple(f"{state.name} {why}".rstrip() for state, why in found if why is not None)

    @property
    def reducing_code(self) -> str:
        """The latch behind the state in force; empty: none."""
        reduces = self.state[0] is TradingState.REDUCING and self.latches.reducing_cause
        return reduces[0] if reduces else ""

    def unpublished_state(self, now: UnixNanos) -> tuple[StateChanged, ...]:
        """The current state, when it has not been published."""
        current = self.state
        if current == self._published_state:
            return ()
        state, reason = current
        return (StateChanged(state=state, reason=reason, at_ns=now, code=self.reducing_code),)

    def trip(self, state: TradingState, reason: str) -> None:
        """Trip the latch of a state; ACTIVE trips none."""
        if state is TradingState.KILLED and self.killed is None:
            self.killed = reason
        elif state is TradingState.HALTED and self.halted is None:
            self.halted = reason
        elif state is TradingState.REDUCING:
            self.latches.trip(DAILY_LOSS, "", reason)

    def apply_preflight(self, failures: tuple[str, ...]) -> None:
        """Apply the result of a preflight: every failure, or none."""
        self.preflight_failure = f"{PREFLIGHT_REASON}{'; '.join(failures)}" if failures else None

    def tripped_latches(self) -> tuple[Latch, ...]:
        """Every tripped latch, for the carry: a kill must not hide a halt."""
        halts = () if self.halted is None else (Latch(_HALTED, "", self.halted),)
        return (*halts, *self.latches.snapshot())

    def restore_latch(self, latch: Latch) -> None:
        """Restore a latch of the carry."""
        if latch.code == _HALTED:
            self.trip(TradingState.HALTED, latch.reason)
        else:
            self.latches.trip(latch.code, latch.scope, latch.reason)

    def kill(self, command: Kill) -> None:
        """Kill the desk, or one strategy."""
        reason = f"{command.operator}: {command.reason}"
        if not command.strategy:
            self.trip(TradingState.KILLED, reason)
            self.kill_flattens |= command.flatten
            return
        before = self.strategy_kills.get(command.strategy)
        if before is not None:
            reason = before.reason
        flatten = command.flatten or (before is not None and before.flatten)
        self.strategy_kills[command.strategy] = StrategyKill(command.strategy, reason, flatten)

    @property
    def kill_flattens_any(self) -> bool:
        """A kill in force closes something."""
        return self.kill_flattens or any(off.flatten for off in self.strategy_kills.values())

    def kill_flattens_strategy(self, strategy: str) -> bool:
        """Whether a kill in force closes what a strategy holds."""
        off = self.strategy_kills.get(strategy)
        return self.kill_flattens or (off is not None and off.flatten)

    def resume(self, strategy: str = "") -> None:
        """Reset what an operator may reset, or the kill of one strategy."""
        if strategy:
            self.strategy_kills.pop(strategy, None)
            return
        self.preflight_failure = None
        self.killed = None
        self.halted = None
        self.latches.resume()
        self.kill_flattens = False
        self.strategy_kills.clear()

    def begin_day(self) -> None:
        """Reset what ends with the trade date; the state is published anew."""
        self.latches.begin_day()
        self._published_state = None

    def apply_state_changed(self, changed: StateChanged) -> None:
        """Apply a published state, or a latch that tripped."""
        if changed.scope or (changed.code and changed.state is TradingState.REDUCING):
            self.latches.trip(changed.code, changed.scope, changed.reason)
        elif changed.reason != self.preflight_failure:
            self.trip(changed.state, changed.reason)
        if changed.scope:
            return
        self._published_state = (changed.state, changed.reason)


class LimitLatches:
    """The latches that have tripped."""

    def __init__(self) -> None:
        self.tripped: dict[tuple[str, str], str] = {}
        """Reasons by refusal code and strategy ('': the desk), in the order of tripping."""
        self.flatten_cause: tuple[str, str] | None = None
        """Code and reason of the first latch that flattens the desk."""
        self.reducing_cause: tuple[str, str] | None = None
        """Code and reason of the first latch that stops the entries of the desk."""

    def trip(self, code: str, scope: str, reason: str) -> None:
        """Trip a latch."""
        self.tripped.setdefault((code, scope), reason)
        self._update_causes()

    def begin_day(self) -> None:
        """Reset what ends with the trade date."""
        self._retain(manual_reset=True)

    def resume(self) -> None:
        """Reset what an operator resets."""
        self._retain(manual_reset=False)

    def snapshot(self) -> tuple[Latch, ...]:
        """Everything that is closed, for the record a trade date begins with."""
        return tuple(Latch(code, scope, why) for (code, scope), why in self.tripped.items())

    def _retain(self, *, manual_reset: bool) -> None:
        kept = {
            key: why
            for key, why in self.tripped.items()
            if key[0] == ACCOUNT_GOAL or (key[0] in _MANUAL_RESET) is manual_reset
        }
        self.tripped.clear()
        self.tripped.update(kept)
        self._update_causes()

    def _update_causes(self) -> None:
        desk = [(code, why) for (code, scope), why in self.tripped.items() if not scope]
        self.flatten_cause = next((found for found in desk if found[0] in _FLATTENS), None)
        self.reducing_cause = self.flatten_cause or next(iter(desk), None)
