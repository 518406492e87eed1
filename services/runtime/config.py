"""The configuration folder: `desk.toml` for everybody, one TOML file per service.

Rule 1: unknown keys, wrong types, values out of range stop the start: file, key, found, expected.
Rule 2: the manifest's hash is over every file of the folder and the months in force; with unequal
        hashes nobody trades.
Rule 3: the environment is for secrets only; nothing here reads it.
Rule 4: every address is of this host, or the start is refused: no link is encrypted (decision 10).
Rule 5: a file may name a set of values (`profile = "paper"` in risk.toml): limits_paper.toml holds
        the rest of its keys. A key stands in one of the two.
"""

import tomllib
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from services.domain import contracts
from services.domain.calendar import Calendar, Override
from services.domain.desk_identity import config_hash
from services.domain.errors import ConfigError, InstrumentError
from services.domain.indicator_families import IndicatorFamily
from services.domain.manifest import MODES, Endpoint, Group, Manifest, StrategySlot, TradeRow
from services.domain.services import (
    WORKER_SERVICE,
    AddedService,
    EdgeKind,
    ServiceRow,
    with_added,
)
from services.domain.topics import TOPICS, TopicClass
from services.domain.units import UnixNanos
from services.runtime.config_error import explain, key_of

_C = TypeVar("_C")
_LOOPBACK_NET = IPv4Network("127.0.0.0/8")


class DeskFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`desk.toml` as written."""

    name: str
    """The desk, for people."""
    run: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
    """Part of every id and of the journal's path."""
    account: Annotated[str, msgspec.Meta(min_length=1)]
    """NinjaTrader account that receives the orders, `Sim101`."""
    mode: str
    """`live` or `playback`."""
    data_dir: str
    """Journals, relative to this folder."""
    group: tuple[Group, ...]
    endpoints: dict[str, Endpoint]
    calendar: tuple[Override, ...] = ()
    """Days that the built-in calendar does not know yet."""
    service: tuple[AddedService, ...] = ()
    """Services of one's own, besides those that ship."""


class SlotKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of a block of strategies.toml every service reads; the worker reads the rest."""

    signal: str
    priority: Annotated[int, msgspec.Meta(ge=0, le=1000)]
    enabled: bool = True
    strategy: str = ""
    package: str = "services.strategies.catalog"
    worker: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,21}$")] = WORKER_SERVICE.name
    """Part of a stream's name, which holds 32 characters."""
    reads: tuple[IndicatorFamily, ...] = ()
    """Optional families of the reading that its file's READS names: nothing else of that file
    matters to other services."""


class ConfigFolder:
    """A configuration folder, read once."""

    def __init__(self, path: Path, now: UnixNanos) -> None:
        self.path = path
        files = sorted(path.glob("*.toml"))
        if not files:
            raise ConfigError(f"{path}: no *.toml found, expected desk.toml and one per service")
        self._text = {file.name: file.read_bytes() for file in files}
        self.desk = self.read("desk.toml", DeskFile)
        self.services = self._services()
        """The desk's services in the order of the flow."""
        self._now = now

    def read(self, name: str, kind: type[_C]) -> _C:
        """Parse one file into its frozen struct."""
        if name not in self._text:
            raise self._error(name, f"not found, expected a {kind.__name__}")
        try:
            return msgspec.toml.decode(self._text[name], type=kind)
        except msgspec.ValidationError as error:
            raise self._error(name, explain(error, self._text[name], kind)) from error
        except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise self._error(name, error) from error

    def _error(self, file: str, text: object) -> ConfigError:
        return ConfigError(f"{self.path / file}: {text}")

    def read_with_profile(
        self, name: str, family: str, kind: type[_C], *, optional_files: tuple[str, ...] = ()
    ) -> _C:
        """Parse a file, the set `<family>_<profile>.toml` its key `profile` names, and others.

        Each of `optional_files` is a file of that name that may be absent: a table under its name.
        """
        own = self.read(name, dict[str, object])
        sets = self._profiles(family)
        chosen = sets.get(str(own.get("profile")))
        if chosen is None:
            found, known = own.get("profile"), ", ".join(sets) or f"a file {family}_<name>.toml"
            raise self._error(name, f"profile is {found!r}, expected one of {known}")
        rest = self.read(chosen, dict[str, object])
        for key in own.keys() & rest.keys():
            raise self._error(chosen, f"{key} stands in {name} too, expected one")
        tables = {key: f"{key}.toml" for key in optional_files if f"{key}.toml" in self._text}
        others = {key: self.read(file, dict[str, object]) for key, file in tables.items()}
        try:
            return msgspec.convert(own | rest | others, kind)
        except msgspec.ValidationError as error:
            if (file := tables.get(key_of(error))) is not None:
                raise self._error(file, error) from error
            # A key that is missing belongs to the set: it holds all but the desk's own.
            where = name if key_of(error) in own else chosen
            raise self._error(where, explain(error, self._text[where], kind)) from error

    def _profiles(self, family: str) -> dict[str, str]:
        start, end = f"{family}_", ".toml"
        files = [f for f in self._text if f.startswith(start) and f.endswith(end)]
        return {file[len(start) : -len(end)]: file for file in files}

    def calendar(self) -> Calendar:
        """The trading calendar with the folder's own overrides."""
        try:
            return Calendar(self.desk.calendar)
        except ConfigError as error:
            raise self._error("desk.toml", f"calendar: {error}") from error

    def manifest(self) -> Manifest:
        """What every service must agree on, contracts resolved to a month."""
        desk = self.desk
        if desk.mode not in MODES:
            text = f"mode is {desk.mode!r}, expected {' or '.join(MODES)}"
            raise self._error("desk.toml", text)
        self._refuse_missing()
        for name, endpoint in desk.endpoints.items():
            self._refuse_remote(name, endpoint)
        groups = tuple(self._resolve(group) for group in desk.group)
        self._refuse_duplicates(groups)
        return Manifest(
            desk=desk.name,
            run=desk.run,
            account=desk.account,
            mode=MODES[desk.mode],
            data_dir=str((self.path / desk.data_dir).resolve()),
            groups=groups,
            slots=self._slots(groups),
            endpoints=desk.endpoints,
            config_hash=config_hash(self._text, msgspec.json.encode(groups)),
            services=self.services,
        )

    def _services(self) -> tuple[ServiceRow, ...]:
        known = {row.stream for row in TOPICS if row.topic_class is TopicClass.DURABLE}
        for own in self.desk.service:
            if unknown := sorted(set(own.reads) - known):
                text = f"service {own.name}.reads holds {', '.join(unknown)}, expected of "
                raise self._error("desk.toml", text + ", ".join(sorted(known)))
        try:
            return with_added(self.desk.service)
        except ConfigError as error:
            raise self._error("desk.toml", error) from error

    def _resolve(self, group: Group) -> Group:
        trade = []
        for row in group.trade:
            signal, orders = self._contract(row.signal), self._contract(row.orders)
            try:
                contracts.refuse_pair(signal, orders)
            except InstrumentError as error:
                raise self._error("desk.toml", f"group {group.name}: {error}") from error
            trade.append(TradeRow(signal=signal, orders=orders))
        beside = tuple(self._contract(name) for name in group.watched)
        return Group(name=group.name, trade=tuple(trade), watched=beside)

    def _contract(self, text: str) -> str:
        try:
            name = contracts.parse(text, self._now).name
            if self.desk.mode == "live":  # a playback is judged by its own clock, at hello
                contracts.refuse_expired(name, self._now)
        except InstrumentError as error:
            raise self._error("desk.toml", error) from error
        return name

    def _refuse_duplicates(self, groups: tuple[Group, ...]) -> None:
        seen: dict[str, str] = {}
        for group in groups:
            for name in group.contracts:
                if name in seen:
                    where = f"{seen[name]} and {group.name}, expected one group per contract"
                    raise self._error("desk.toml", f"{name} stands in groups {where}")
                seen[name] = group.name

    def _slots(self, groups: tuple[Group, ...]) -> tuple[StrategySlot, ...]:
        signals = tuple(row.signal for group in groups for row in group.trade)
        services = {row.name for row in self.services if not row.in_workers}
        slots = []
        for name, block in self.read("strategies.toml", dict[str, dict[str, object]]).items():
            keys = self._keys(name, block)
            if not keys.enabled:
                continue
            wrong = f"{name}.worker is {keys.worker!r}, expected a"
            if keys.worker in services:
                raise self._error("strategies.toml", f"{wrong} worker of its own, not a service")
            if keys.worker not in self.desk.endpoints:
                raise self._error("strategies.toml", f"{wrong} name under [endpoints] of desk.toml")
            slots.append(
                StrategySlot(
                    name=name,
                    strategy=keys.strategy or name,
                    package=keys.package,
                    worker=keys.worker,
                    signal=self._signal(name, keys.signal, signals),
                    priority=keys.priority,
                    reads=frozenset(keys.reads),
                )
            )
        return tuple(slots)

    def _keys(self, name: str, block: dict[str, object]) -> SlotKeys:
        # Block by block: msgspec does not report which value of a dictionary was wrong.
        try:
            return msgspec.convert(block, SlotKeys)
        except msgspec.ValidationError as error:
            text = explain(error, msgspec.toml.encode(block), SlotKeys)
            raise self._error("strategies.toml", f"{name}: {text}") from error

    def _signal(self, block: str, text: str, signals: tuple[str, ...]) -> str:
        # A bare root means the month that desk.toml trades, not the front month of today.
        found = [name for name in signals if text in (name, name.partition(" ")[0])]
        if len(found) != 1:
            expected = f"one of {', '.join(signals)} (desk.toml, group.trade)"
            raise self._error("strategies.toml", f"{block}.signal is {text!r}, expected {expected}")
        return found[0]

    def _refuse_missing(self) -> None:
        for row in self.services:
            if row.in_workers:  # each worker is checked with the block that names it
                continue
            endpoint = self.desk.endpoints.get(row.name)
            if endpoint is None or (row.edge is not EdgeKind.NONE and not endpoint.edge):
                own = f"endpoints.{row.name}"
                what = f"[{own}]" if endpoint is None else f"{own}.edge"
                raise self._error("desk.toml", f"{what} is missing, expected an address")

    def _refuse_remote(self, name: str, endpoint: Endpoint) -> None:
        for key in endpoint.__struct_fields__:
            value = getattr(endpoint, key)
            if (key != "edge" or value) and not is_loopback(value):
                expected = "expected a loopback address with its port (127.0.0.1, [::1], localhost)"
                why = "no link of the desk is encrypted or authenticated"
                text = f"endpoints.{name}.{key} is {value!r}, {expected}: {why}"
                raise self._error("desk.toml", text)


def is_loopback(address: str) -> bool:
    """Whether an address is of this host: a wildcard, a name or another scheme is remote."""
    host = address.removeprefix("tcp://").rpartition(":")[0].lower()
    if host in ("localhost", "[::1]"):
        return True
    try:
        return IPv4Address(host) in _LOOPBACK_NET
    except ValueError:
        return False
