"""Operators' commands, and halts of services: whom they address, what they change, the answer.

Rule: a command that names its run was judged where it came in (runtime/operator_edge.py), or lies
in this run's own journal. It is not judged again: after a change of account in desk.toml what an
operator did on this date must still hold.

What has been obeyed is not obeyed again (account/obeyed_commands.py): a command may come over the
socket and from the disk, before and after a resume.
"""

from typing import assert_never

from services.domain.messages.control import ControlAck, Halt, Kill, PreflightResult, Resume
from services.domain.messages.risk import TradingState
from services.domain.units import count_text
from services.risk.parts import GateParts


class OperatorCommands:
    """Handles operators' commands for the gate."""

    def __init__(self, parts: GateParts) -> None:
        self._parts = parts
        self._trading = parts.trading

    def handle(self, command: Halt | Kill | Resume | PreflightResult) -> None:
        """Apply a command, unless it has been obeyed before."""
        if not isinstance(command, Resume):
            self._parts.obeyed.note(command)
            if self._parts.obeyed.is_repeated:
                return
        match command:
            case Halt():
                self._trading.trip(TradingState.HALTED, f"{command.service}: {command.reason}")
                self._parts.barrier.worker_failed(command.service)
            case Kill():
                if not self.rejection(command):
                    self._trading.kill(command)
            case Resume():
                self._trading.resume(command.strategy)
                self._parts.equity.handle_resume(command.strategy)
            case PreflightResult():
                self._trading.apply_preflight(command.failures)
            case _:
                assert_never(command)

    def rejection(self, command: Kill | Resume | PreflightResult) -> str:
        """Why a command is rejected; empty: it is accepted."""
        account = self._parts.ledger.account
        if (
            isinstance(command, Kill)
            and not command.run  # journalled by a build whose edge did not refuse it
            and command.account not in ("", account)
        ):
            return f"account is {command.account}, this desk trades {account}"
        if isinstance(command, PreflightResult) or not command.strategy:
            return ""
        held = (record.strategy for record in self._parts.ledger.open_positions())
        strategies = {*self._parts.slots, *held, *self._trading.strategy_kills}
        if command.strategy in strategies:
            return ""
        known = ", ".join(sorted(strategies))
        return (
            f"strategy {command.strategy} is not a strategy of this desk, expected one of {known}"
        )

    def is_repeated(self, command: Kill | Resume | PreflightResult) -> bool:
        """Whether the command in hand had been obeyed before."""
        return not isinstance(command, Resume) and self._parts.obeyed.is_repeated

    def reply(self, command: Kill | Resume | PreflightResult) -> ControlAck:
        """Acknowledge a command with the state that follows."""
        rejection = self.rejection(command)
        if rejection:
            return ControlAck(accepted=False, text=rejection)
        state, reason = self._trading.state
        text = f"{state.name} {reason}".rstrip()
        if isinstance(command, Kill) and self._is_lifted(command):
            what = f"obeyed before, and lifted since; the desk is {text}"
            return ControlAck(accepted=True, text=what)
        if isinstance(command, Kill):
            return ControlAck(accepted=True, text=self._kill_text(command, text))
        if isinstance(command, Resume) and command.strategy:
            text = f"{command.strategy} is active; the desk is {text}"
        return ControlAck(accepted=True, text=text)

    def _is_lifted(self, command: Kill) -> bool:
        # One in hand that was obeyed a moment ago, from its file, is answered like a first one.
        trading, name = self._trading, command.strategy
        holds = name in trading.strategy_kills if name else trading.killed is not None
        return self.is_repeated(command) and not holds

    def _kill_text(self, command: Kill, desk: str) -> str:
        # What this command did, also where an earlier kill holds and its reason stays on record.
        trading, ledger, name = self._trading, self._parts.ledger, command.strategy
        ours = f"{command.operator}: {command.reason}"
        if name:
            kept = trading.strategy_kills[name]
            first, flattens = kept.reason, kept.flatten
            parts = [f"{name} is killed; the desk is {desk}"]
        else:
            first, flattens = trading.killed or "", trading.kill_flattens
            parts = [f"{TradingState.KILLED.name} {ours}"]
        if command.flatten:
            held = sum(
                record.held > 0 and record.tick_value > 0
                for record in ledger.open_positions()
                if name in ("", record.strategy)
            )
            what = f"what {name} holds" if name else ", ".join(ledger.flatten_contracts())
            parts.append(f"flatten commanded: {what} ({count_text(held, 'position')} held)")
            if not self._parts.readiness.linked:
                parts.append("the order link is down: flatten in NinjaTrader")
        elif flattens:
            parts.append("the flatten of an earlier kill goes on")
        if first != ours:
            again = f"killed again, {ours}" if name else "killed before"
            parts.append(f"{again}; the first reason stays on record: {first}")
        return "; ".join(parts)
