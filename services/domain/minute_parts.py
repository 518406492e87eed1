"""A minute's message taken apart, for whoever shows what happened one thing after the other."""

from services.domain.messages.market import MarketMinute
from services.domain.messages.risk import RiskMinute
from services.domain.messages.session import SessionMinute
from services.domain.messages.union import Event, Message


def parts_of(message: Message) -> tuple[Event, ...]:
    """Give what a minute's message holds, in the order in which it happened.

    Any other message is itself, and so is the end of a minute.
    """
    match message:
        case MarketMinute():
            return message.bars
        case SessionMinute():
            return message.updates
        case RiskMinute():
            return (*message.decisions, *message.commands, message.settled)
        case _:
            return (message,)
