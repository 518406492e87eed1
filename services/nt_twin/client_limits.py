"""The client's own hard limits: the last check before the venue. Pure.

Rule 1: the desk may be tighter, never looser; these come from the client's own settings.
Rule 2: entry rules hold for entries only: what reduces risk needs the right account and contract.
Rule 3: live, an entry of a desk that was silent until now is refused; the next one is not.
"""

from typing import Annotated, Final, TypeAlias

import msgspec

from services.domain.calendar import et_text
from services.domain.errors import ConfigError
from services.domain.messages.orders import AckStatus
from services.domain.messages.risk import OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos, count_text

SILENCE_NS_MAX: Final = 2 * NANOS_PER_SECOND
"""Without a message of the desk for longer, the dead-man switch acts (spec R.1)."""


Clock: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")]
"""New York wall clock `HH:MM` or `HH:MM:SS`."""


class ClientLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of this client."""

    quantity_max: int = 10
    """Contracts per entry."""
    position_max: int = 10
    """Contracts held and working in one contract."""
    entries_per_minute_max: int | None = None
    """Entries accepted within 60 s; None: any number."""
    entries_per_day_max: int | None = None
    """Entries accepted on a trade date; None: any number."""
    stop_ticks_max: int | None = None
    """From the entry's reference price to its stop; None: any distance."""
    day_loss_usd_max: int | None = None
    """Realised and open loss of the trade date, whole dollars: there all is closed."""
    entries_from: Clock | None = None
    """Entries are accepted from here on; None: at any hour."""
    entries_until: Clock | None = None
    """Entries are accepted before this; None: at any hour."""
    flat_by: Clock | None = None
    """Everything is closed then, with or without a desk; None: never."""


def parse_limits(text: str) -> ClientLimits:
    """Read the TOML file of a client's limits: keys at the top, as `flat_by = "15:55"`.

    Raises: ConfigError naming what is no limit or no value of it.
    """
    try:
        return msgspec.toml.decode(text, type=ClientLimits)
    except msgspec.MsgspecError as error:
        expected = ", ".join(ClientLimits.__struct_fields__)
        raise ConfigError(f"limits of the client: {error}, expected keys of {expected}") from error


class CommandContext(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate must know at the moment a command arrives."""

    account: str
    contracts: tuple[str, ...]
    """Order contracts this client trades."""
    now: UnixNanos
    """The client's clock in force."""
    exposure: int
    """Contracts held and working in the command's contract."""
    silence_ns: int = 0
    """Live: since the desk's last message before this command; 0 in playback."""
    blocked: str = ""
    """Why the client takes no entry at all; empty: it takes them."""
    entries_last_minute: int = 0
    entries_today: int = 0


def check_command(
    command: OrderCommand, limits: ClientLimits, context: CommandContext
) -> tuple[AckStatus, str]:
    """Give the answer to a command, and the reason when it is no."""
    if command.account != context.account:
        return AckStatus.REFUSED, f"account is {command.account}, this is {context.account}"
    if command.contract not in context.contracts:
        return AckStatus.REFUSED, f"contract {command.contract} is not traded here"
    if not command.is_entry:
        return AckStatus.ACCEPTED, ""
    if context.now > command.expires_ns:
        late_ms = (context.now - command.expires_ns) // NANOS_PER_MS
        return AckStatus.EXPIRED, f"expired {late_ms} ms before {et_text(context.now)}"
    refusal = (
        context.blocked
        or _silence(context)
        or _hours(limits, context)
        or _rate(limits, context)
        or _size(command, limits, context)
        or _bracket(command, limits)
    )
    return (AckStatus.REFUSED, refusal) if refusal else (AckStatus.ACCEPTED, "")


def _silence(context: CommandContext) -> str:
    if context.silence_ns <= SILENCE_NS_MAX:
        return ""
    most = SILENCE_NS_MAX // NANOS_PER_MS
    return f"desk was silent for {context.silence_ns // NANOS_PER_MS} ms, at most {most} ms"


def _hours(limits: ClientLimits, context: CommandContext) -> str:
    begin, end = limits.entries_from, limits.entries_until
    clock = et_text(context.now)[11:16]
    if begin is None and end is None:
        return ""
    after = begin is None or clock >= begin
    before = end is None or clock < end
    # Hours over midnight: 18:00 to 02:00.
    inside = after or before if begin and end and begin > end else after and before
    hours = f"{begin or 'the open'} to {end or 'the close'} ET"
    return "" if inside else f"it is {clock} ET, entries are taken {hours}"


def _rate(limits: ClientLimits, context: CommandContext) -> str:
    minute, day = limits.entries_per_minute_max, limits.entries_per_day_max
    if minute is not None and context.entries_last_minute >= minute:
        return f"{context.entries_last_minute} entries within 60 s, at most {minute}"
    if day is not None and context.entries_today >= day:
        return f"{context.entries_today} entries on this trade date, at most {day}"
    return ""


def _size(command: OrderCommand, limits: ClientLimits, context: CommandContext) -> str:
    quantity = command.quantity
    if not 1 <= quantity <= limits.quantity_max:
        return f"quantity is {quantity}, expected 1 to {limits.quantity_max}"
    total = context.exposure + quantity
    if total > limits.position_max:
        return f"position would be {total}, at most {count_text(limits.position_max, 'contract')}"
    return ""


def _bracket(command: OrderCommand, limits: ClientLimits) -> str:
    stop, entry, target = command.stop, command.entry_reference, command.target
    if stop is None or target is None or entry is None:
        return "entry carries no stop, target or reference price"
    long = command.entry_side is Side.LONG
    low, high = (stop, target) if long else (target, stop)
    if low < entry < high:
        distance, most = abs(entry - stop), limits.stop_ticks_max
        too_far = most is not None and distance > most
        return f"stop is {distance} ticks away, at most {most}" if too_far else ""
    side = "LONG: stop < entry < target" if long else "SHORT: target < entry < stop"
    return f"stop {stop}, entry {entry}, target {target} ticks, expected for {side}"
