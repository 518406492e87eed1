"""A human's word: whom it means, and the answer to it."""

from collections.abc import Collection

from services.domain.messages.control import Checkup, ControlAck, Kill, Resume
from services.risk.trading import Trading


def missed(word: Kill | Resume | Checkup, *, account: str, strategies: Collection[str]) -> str:
    """Say why a word means nobody here; '': it does."""
    if isinstance(word, Kill) and word.account not in ("", account):
        return f"account is {word.account}, this desk trades {account}"
    if isinstance(word, Checkup):
        return ""
    if word.strategy and word.strategy not in strategies:
        known = ", ".join(sorted(strategies))
        return f"strategy {word.strategy} is not known here, expected one of {known}"
    return ""


def reply(word: Kill | Resume | Checkup, trading: Trading, missed: str) -> ControlAck:
    """Tell the human where the desk stands now."""
    if missed:
        return ControlAck(accepted=False, text=missed)
    state, reason = trading.state
    text = f"{state.name} {reason}".rstrip()
    if not isinstance(word, Checkup) and word.strategy:
        found = "stopped" if word.strategy in trading.off else "free"
        text = f"{word.strategy} is {found}; the desk is {text}"
    return ControlAck(accepted=True, text=text)
