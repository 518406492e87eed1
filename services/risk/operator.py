"""A human's word, and what stands for one: whom it means, what it changes, the answer to it."""

from collections.abc import Mapping
from typing import assert_never

from services.domain.manifest import StrategySlot
from services.domain.messages.control import ControlAck, Halt, Kill, PreflightResult, Resume
from services.domain.messages.risk import TradingState
from services.risk.account.equity import AccountEquity
from services.risk.account.trading_state import TradingStateMachine
from services.risk.barrier import Barrier
from services.risk.ledger.ledger import Ledger


class Operator:
    """Takes a human's words for the gate."""

    def __init__(
        self,
        trading: TradingStateMachine,
        equity: AccountEquity,
        ledger: Ledger,
        *,
        barrier: Barrier,
        slots: Mapping[str, StrategySlot],
    ) -> None:
        self._trading = trading
        self._equity = equity
        self._ledger = ledger
        self._barrier = barrier
        self._slots = slots

    def take(self, word: Halt | Kill | Resume | PreflightResult) -> None:
        """Let a word change what it means."""
        match word:
            case Halt():
                self._trading.trip(TradingState.HALTED, f"{word.service}: {word.reason}")
                self._barrier.worker_failed(word.service)
            case Kill():
                if not self.missed(word):
                    self._trading.kill(word)
            case Resume():
                self._trading.resume(word.strategy)
                self._equity.handle_resume(word.strategy)
            case PreflightResult():
                self._trading.apply_preflight(word.failures)
            case _:
                assert_never(word)

    def missed(self, word: Kill | Resume | PreflightResult) -> str:
        """Say why a word means nobody here; '': it does."""
        account = self._ledger.account
        if isinstance(word, Kill) and word.account not in ("", account):
            return f"account is {word.account}, this desk trades {account}"
        if isinstance(word, PreflightResult) or not word.strategy:
            return ""
        held = (life.strategy for life in self._ledger.open_positions())
        strategies = {*self._slots, *held, *self._trading.strategy_kills}
        if word.strategy in strategies:
            return ""
        known = ", ".join(sorted(strategies))
        return f"strategy {word.strategy} is not known here, expected one of {known}"

    def reply(self, word: Kill | Resume | PreflightResult) -> ControlAck:
        """Tell the human where the desk stands now."""
        missed = self.missed(word)
        if missed:
            return ControlAck(accepted=False, text=missed)
        state, reason = self._trading.state
        text = f"{state.name} {reason}".rstrip()
        if not isinstance(word, PreflightResult) and word.strategy:
            found = "stopped" if word.strategy in self._trading.strategy_kills else "free"
            text = f"{word.strategy} is {found}; the desk is {text}"
        return ControlAck(accepted=True, text=text)
