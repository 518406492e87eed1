"""What the desk may do: four latches, and the one state that follows from them.

Rule 1: KILLED before HALTED before REDUCING before ACTIVE; a latch below another stays set.
Rule 2: a human's Resume lifts a kill and a halt. The daily loss stays until the next trade date.
Rule 3: a checkup before the open that found red is a halt of its own: the next one replaces it.
Rule 4: the first reason of another latch is the one that is kept.
Rule 5: REDUCING is said once when the daily loss latches, even under a kill: the journal must know.
"""

from services.domain.messages.risk import StateChanged, TradingState


class Trading:
    """The latches of the desk."""

    def __init__(self) -> None:
        self.killed: str | None = None
        """Why a human stopped the desk."""
        self.halted: str | None = None
        """What is in doubt."""
        self.unfit: str | None = None
        """What the last checkup found red."""
        self.loss: str | None = None
        """How the daily loss was reached."""
        self._said: tuple[TradingState, str] | None = (TradingState.ACTIVE, "")

    @property
    def state(self) -> tuple[TradingState, str]:
        """The state in force and its reason."""
        if self.unfit is not None and self.killed is None and self.halted is None:
            return TradingState.HALTED, self.unfit
        return self.carried

    @property
    def carried(self) -> tuple[TradingState, str]:
        """The state in force and its reason, the checkup left out: it is carried by itself."""
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

    def examined(self, red: tuple[str, ...]) -> None:
        """Take the result of a checkup: every red line, or none."""
        self.unfit = f"doctor: {'; '.join(red)}" if red else None

    def resume(self) -> None:
        """Lift what a human may lift."""
        self.unfit = None
        self.killed = None
        self.halted = None

    def begin_day(self) -> None:
        """Lift what ends with the trade date; the state is said anew."""
        self.loss = None
        self._said = None

    def said(self, changed: StateChanged) -> None:
        """Take a state of ours as sent."""
        if changed.reason != self.unfit:
            self.set(changed.state, changed.reason)
        self._said = (changed.state, changed.reason)
