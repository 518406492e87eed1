"""What the desk may do: three latches, and the one state that follows from them.

Rule 1: KILLED before HALTED before REDUCING before ACTIVE; a latch below another stays set.
Rule 2: a human's Resume lifts a kill and a halt. The daily loss stays until the next trade date.
Rule 3: the first reason of a latch is the one that is kept.
Rule 4: REDUCING is said once when the daily loss latches, even under a kill: the journal must know.
"""

from services.domain.messages.risk import StateChanged, TradingState


class Trading:
    """The latches of the desk."""

    def __init__(self) -> None:
        self.killed: str | None = None
        """Why a human stopped the desk."""
        self.halted: str | None = None
        """What is in doubt."""
        self.loss: str | None = None
        """How the daily loss was reached."""
        self._said: tuple[TradingState, str] | None = (TradingState.ACTIVE, "")

    @property
    def state(self) -> tuple[TradingState, str]:
        """The state in force and its reason."""
        if self.killed is not None:
            return TradingState.KILLED, self.killed
        if self.halted is not None:
            return TradingState.HALTED, self.halted
        if self.loss is not None:
            return TradingState.REDUCING, self.loss
        return TradingState.ACTIVE, ""

    @property
    def unsaid(self) -> bool:
        """Readers have not been told of the state in force."""
        return self._said != self.state

    def set(self, state: TradingState, reason: str) -> None:
        """Close the latch of a state; ACTIVE closes none."""
        if state is TradingState.KILLED and self.killed is None:
            self.killed = reason
        elif state is TradingState.HALTED and self.halted is None:
            self.halted = reason
        elif state is TradingState.REDUCING and self.loss is None:
            self.loss = reason

    def resume(self) -> None:
        """Lift what a human may lift."""
        self.killed = None
        self.halted = None

    def begin_day(self) -> None:
        """Lift what ends with the trade date; the state is said anew."""
        self.loss = None
        self._said = None

    def said(self, changed: StateChanged) -> None:
        """Take a state of ours as sent."""
        self.set(changed.state, changed.reason)
        self._said = (changed.state, changed.reason)
