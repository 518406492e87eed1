"""What the contracts of files are on a private desk: which is traded, which are watched.

Rule 1: where the files hold a signal of desk.toml, that is traded, its orders as in desk.toml.
Rule 2: where they hold its mini or micro partner instead (MNQ for NQ), the partner is the signal,
        and orders go to the micro of the two. The strategies of the absent one run on it.
Rule 3: where they hold one contract alone, that is the signal, orders go to the micro of its pair.
Rule 4: several contracts of which none is a signal are refused: the trader has to name one.
Rule 5: a signal that is named is the only one. Whatever else the files hold is watched.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from services.domain import contracts
from services.domain.errors import ConfigError, InstrumentError
from services.domain.indicator_families import IndicatorFamily
from services.domain.instruments import INSTRUMENTS, instrument
from services.domain.manifest import Group, TradeRow

_BESIDE: Final = "beside"
"""Group of what no group of desk.toml holds: its minutes wait for no other's."""


class PlayedRoles(msgspec.Struct, frozen=True, kw_only=True):
    """The groups of the private desk, and which contract takes whose place."""

    groups: tuple[Group, ...]
    signals: Mapping[str, str]
    """Root of a signal of desk.toml to the root that its strategies run on."""
    remark: str
    """One sentence where this differs from desk.toml; empty where it is."""


def roles_of(
    base: Sequence[Group], names: Sequence[str], where: Path, *, signal: str = ""
) -> PlayedRoles:
    """Give each contract of the files its role; `signal` is what the trader named.

    Raises: ConfigError for two months of one root, and where it is open what is traded.
    """
    held = _by_root(names)
    named = root_of(signal.strip().upper())
    rows = [row for group in base for row in group.trade]
    signals = _signals(rows, held, where / "desk.toml", named)
    orders = {root_of(row.signal): root_of(row.orders) for row in rows}
    traded = dict.fromkeys(signals.values())
    micros = {root: orders.get(root, _micro(root)) for root in traded}
    groups, left = list[Group](), dict(held)
    for group in base:
        mine = [signals[root] for row in group.trade if (root := root_of(row.signal)) in signals]
        trade = [
            TradeRow(signal=left.pop(root), orders=_same_month(micros[root], held[root]))
            for root in mine
        ]
        known = [root_of(name) for name in group.contracts]
        # The partner of an absent one is as good to look at; beside it, it would be the same twice.
        known = [root if root in held else _pair(root) for root in known]
        beside = [left.pop(root) for root in known if root in left and root not in traded]
        if trade or beside:
            groups.append(Group(name=group.name, trade=tuple(trade), watched=tuple(beside)))
    if left:
        groups.append(Group(name=_BESIDE, trade=(), watched=tuple(left.values())))
    return PlayedRoles(groups=tuple(groups), signals=signals, remark=_remark(groups, signals))


def missing_peers(groups: Sequence[Group], reads: Mapping[str, Sequence[IndicatorFamily]]) -> str:
    """Name the strategies that read what needs a second contract, where there is none."""
    alone = [group for group in groups if group.trade and len(group.contracts) == 1]
    wanting = [name for name, families in reads.items() if IndicatorFamily.SMT in families]
    if not alone or not wanting:
        return ""
    return (
        f"{', '.join(wanting)} reads divergence (smt) between the contracts of a group:"
        f" the files hold {alone[0].contracts[0]} alone, so there is none"
    )


def _by_root(names: Sequence[str]) -> dict[str, str]:
    held: dict[str, str] = {}
    for name in names:
        root = contracts.parse(name).root
        if held.setdefault(root, name) != name:
            raise ConfigError(
                f"files hold {held[root]} and {name}, expected one contract month per root"
            )
    return held


def _signals(
    rows: Sequence[TradeRow], held: Mapping[str, str], file: Path, named: str
) -> dict[str, str]:
    roots = list(dict.fromkeys(root_of(row.signal) for row in rows))
    holds = f"files hold {', '.join(held.values()) or 'nothing'}"
    if not roots:
        raise ConfigError(f"{file}: no [[group.trade]], expected a signal and its orders")
    if named:
        if named not in held:
            raise ConfigError(f"signal {named}: {holds}, expected one of them")
        own = next((root for root in roots if named in (root, _pair(root))), roots[0])
        return {own: named}
    found = {root: root for root in roots if root in held} or {
        root: _pair(root) for root in roots if _pair(root) in held
    }
    if found:
        return found
    if len(held) == 1:
        return {roots[0]: next(iter(held))}
    raise ConfigError(
        f"{holds}, expected one of {', '.join(roots)}, the signals of {file}, or"
        f" --signal {next(iter(held), roots[0])} to name the one that is traded"
    )


def _remark(groups: Sequence[Group], signals: Mapping[str, str]) -> str:
    rows = {root_of(row.signal): row for group in groups for row in group.trade}
    replaced = [
        f"signal {row.signal}, orders {row.orders}: it takes the place of {own},"
        " the signal of desk.toml"
        for own, played in signals.items()
        if own != played
        for row in (rows[played],)
    ]
    return "; ".join(replaced)


def root_of(name: str) -> str:
    """Give the root of a contract's name; nothing for nothing.

    Raises: ConfigError for a name that is none.
    """
    if not name:
        return ""
    try:
        return instrument(name).root
    except InstrumentError as error:
        raise ConfigError(str(error)) from error


def _pair(root: str) -> str:
    return INSTRUMENTS[root].pair


def _micro(root: str) -> str:
    return min(root, _pair(root), key=lambda each: INSTRUMENTS[each].tick_value)


def _same_month(root: str, contract: str) -> str:
    return f"{root}{contract.removeprefix(root_of(contract))}"
