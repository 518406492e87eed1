"""The manifest all services share: what the desk trades, on which account, who runs where.

Parsed from `desk.toml` (and the common keys of `strategies.toml`) by runtime/config.py; frozen.
"""

from typing import Final

import msgspec

from services.domain.desk_identity import DeskIdentity
from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.market import TimeMode
from services.domain.services import SERVICES, WORKER_SERVICE, ServiceRow, processes

MODES: Final = {"live": TimeMode.LIVE, "playback": TimeMode.PLAYBACK}
"""By the name in desk.toml."""


class TradeRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signal contract and the contract its orders go to; a declared pair of one expiry."""

    signal: str
    """`NQ 03-26`, or `NQ` for the front month by the clock in force at start."""
    orders: str
    """`MNQ 03-26`, `MNQ`."""


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Contracts whose stamps are aligned before anyone evaluates; a contract is in one group."""

    name: str
    trade: tuple[TradeRow, ...]
    watched: tuple[str, ...] = ()
    """Watched, not traded: ES and YM beside NQ."""

    @property
    def contracts(self) -> tuple[str, ...]:
        """Every data contract of the group: signals first, then those beside."""
        return (*(row.signal for row in self.trade), *self.watched)


class StrategySlot(msgspec.Struct, frozen=True, kw_only=True):
    """One enabled strategy instance: what every service needs to know of it."""

    name: str
    """Instance name, unique; the block's name in strategies.toml."""
    strategy: str
    """File name in the catalog."""
    package: str
    """Package that holds the file."""
    worker: str
    """Process that runs it."""
    signal: str
    """Signal contract."""
    priority: int
    """Lower wins (spec C.0: the order of the customer's document)."""
    reads: frozenset[IndicatorFamily] = frozenset()
    """Optional families it reads, as its block declares."""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where one service listens."""

    publish: str
    """ZeroMQ PUB, `tcp://127.0.0.1:5601`."""
    replay: str
    """ZeroMQ ROUTER for replay requests."""
    http: str
    """`127.0.0.1:9601` for /metrics, /livez, /readyz, /status."""
    edge: str = ""
    """gRPC (ingest, orders) or operator control (risk); empty for the others."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the services must agree on."""

    desk: str
    run: str
    """Part of every id; a playback run has its own."""
    account: str
    mode: TimeMode
    data_dir: str
    """Journals live in `<data_dir>/<run>/<service>/`."""
    groups: tuple[Group, ...]
    slots: tuple[StrategySlot, ...]
    endpoints: dict[str, Endpoint]
    """By service name; workers have their own."""
    config_hash: str
    """Over every file of the folder; shown by every heartbeat."""
    services: tuple[ServiceRow, ...] = SERVICES
    """The desk's services in the order of the flow, those of desk.toml included."""

    @property
    def identity(self) -> DeskIdentity:
        """Whose desk it is."""
        return DeskIdentity(self.run, self.account, self.config_hash)

    @property
    def live(self) -> bool:
        """True: the wall clock is in force; False: the market data's."""
        return self.mode is TimeMode.LIVE

    @property
    def indicator_families(self) -> frozenset[IndicatorFamily]:
        """Optional families that at least one enabled strategy declares to read."""
        return frozenset().union(*(slot.reads for slot in self.slots))

    def indicator_families_of(self, contract: str) -> frozenset[IndicatorFamily]:
        """Those declared by the strategies whose signal is the contract.

        Divergence is between the contracts of a group: declared for one, it is computed for all.
        """
        group = self.group_of(contract)
        beside = () if group is None else self.slots_of(group)
        mine = [slot.reads for slot in beside if slot.signal == contract]
        own = frozenset[IndicatorFamily]().union(*mine)
        shared = any(IndicatorFamily.SMT in slot.reads for slot in beside)
        return own | {IndicatorFamily.SMT} if shared else own

    @property
    def workers(self) -> tuple[str, ...]:
        """Strategy workers that have at least one enabled strategy, in order of name."""
        return tuple(sorted({slot.worker for slot in self.slots}))

    @property
    def flow(self) -> tuple[str, ...]:
        """Every service and worker by name, in the order in which a bar becomes a command."""
        return processes(self.services, self.workers)

    def service_of(self, name: str) -> ServiceRow:
        """The row of a service, or the one that a worker of this name runs."""
        return next((row for row in self.services if row.name == name), WORKER_SERVICE)

    def precedes(self, name: str, other: str) -> bool:
        """Whether a service or worker stands before another in the flow."""
        rows = self.services
        return rows.index(self.service_of(name)) < rows.index(self.service_of(other))

    def group_of(self, contract: str) -> Group | None:
        """The group that declares this data contract."""
        return next((group for group in self.groups if contract in group.contracts), None)

    def order_contract(self, signal: str) -> str:
        """The order contract of a declared signal contract."""
        return next(
            row.orders for group in self.groups for row in group.trade if row.signal == signal
        )

    def slots_of(self, group: Group) -> tuple[StrategySlot, ...]:
        """Enabled strategies whose signal contract is in the group, by priority then name."""
        chosen = [slot for slot in self.slots if slot.signal in group.contracts]
        return tuple(sorted(chosen, key=lambda slot: (slot.priority, slot.name)))
