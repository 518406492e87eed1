"""What a twin plays against a desk: which stamps, under which names, where history ends. Pure."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec

from services.domain.calendar import Calendar, et_ns
from services.domain.contracts import parse
from services.domain.errors import ConfigError
from services.domain.manifest import Manifest
from services.domain.units import UnixNanos
from services.venue.played_market.minutes import MinuteBars


class HistoryRange(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of what is played is sent as history."""

    until: str = ""
    """Trade date `2026-02-10` or New York time `2026-02-10 10:30`, itself included."""
    days: int = 0
    """Or: so many trade dates from the first one."""


class PlaybackExtent(msgspec.Struct, frozen=True, kw_only=True):
    """What a pass over the stamps found."""

    total: int
    """Stamps."""
    history_until: UnixNanos | None
    """Last stamp of history; None: no history."""
    first_live: UnixNanos
    """First stamp behind it."""


def contract_names(manifest: Manifest, played: Sequence[str], *, by_root: bool) -> dict[str, str]:
    """Give for each played contract that the desk takes its name there.

    `by_root`: a month stands for the desk's own month of the same root.

    Raises: ConfigError when no signal contract of the desk is among them.
    """
    declared = [name for group in manifest.groups for name in group.contracts]
    own = {_key(name, by_root=by_root): name for name in declared}
    names = {name: own[key] for name in played if (key := _key(name, by_root=by_root)) in own}
    if len(set(names.values())) != len(names):
        months = ", ".join(names)
        raise ConfigError(f"files hold {months}, expected one contract month per root")
    signals = [row.signal for group in manifest.groups for row in group.trade]
    if not set(signals) & set(names.values()):
        raise ConfigError(
            f"files hold {', '.join(played) or 'nothing'}, expected at least one of"
            f" {', '.join(signals)}, the signals of this desk: name the month in its desk.toml"
        )
    return names


def extent(
    stamps: Callable[[], Iterator[MinuteBars]], history: HistoryRange, calendar: Calendar
) -> PlaybackExtent:
    """Pass over the stamps once: how many, and where history ends.

    Raises: ConfigError when nothing is left to play behind the history.
    """
    bound = _bound(history.until, calendar) if history.until else None
    total, history_until, first_live = 0, None, None
    dates: set[str] = set()
    for close_ns, _ in stamps():
        total += 1
        if first_live is not None:
            continue
        if bound is not None:
            is_history = close_ns <= bound
        else:
            dates.add(calendar.trade_date_of(close_ns))
            is_history = len(dates) <= history.days
        if is_history:
            history_until = close_ns
        else:
            first_live = close_ns
    if first_live is None:
        raise ConfigError(f"all {total} minutes are history, expected some to play behind it")
    return PlaybackExtent(total=total, history_until=history_until, first_live=first_live)


def _bound(text: str, calendar: Calendar) -> UnixNanos:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(
            f"history until {text!r}, expected a trade date as 2026-02-10 or a New York time as"
            " '2026-02-10 10:30'"
        ) from error
    date = f"{moment:%Y-%m-%d}"
    session = calendar.session(date)
    if len(text) == len(date):
        return session.close_ns if session is not None else et_ns(date, "17:00")
    return et_ns(date, f"{moment:%H:%M}")


def _key(name: str, *, by_root: bool) -> str:
    return parse(name).root if by_root else name
